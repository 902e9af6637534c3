"""Settings set and taken away."""

from collections.abc import Callable, Mapping

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.providing import Path, put, with_fields
from reconciler.control.manifest.writer import document
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State


def setting(key: ResourceKey, fields: Mapping[Path, JsonValue]) -> Callable[[State], Rewrites]:
    """None takes a field away. Settings that are not there are made; to take something away from those is no change."""
    given = {path: value for path, value in fields.items() if value is not None}

    def rewrites(state: State) -> Rewrites:
        if given:
            return {key: Creation(key, lambda: document(key, {}, with_fields({}, given)), put(fields))}
        return {key: put(fields)} if fields and key in state else {}

    return rewrites
