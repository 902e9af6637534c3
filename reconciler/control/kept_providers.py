"""Keeping what the first management token would cut off: entries added to what the Settings allow."""

from collections.abc import Sequence

from reconciler.control.egress import allowing
from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.control.manifest.writer import document
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")


def keeping(entries: Sequence[JsonObject]) -> Rewrites:
    """The Settings with the entries, be they there already or not."""

    def change(target: JsonObject) -> JsonValue:
        return merge_patch(target, {"spec": allowing(target.get("spec"), entries)})

    return {SETTINGS: Creation(SETTINGS, lambda: document(SETTINGS, {}, allowing({}, entries)), change)}
