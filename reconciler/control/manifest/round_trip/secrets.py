"""The secrets that stand in the manifests of a text, put in other words: sealed, or sealed anew."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from reconciler.control.manifest.document import (
    Document,
    InvalidManifests,
    Location,
    Problem,
    field_path,
    without_nulls,
)
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip.text import key_of, patched_text
from reconciler.control.seal import replaced
from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import secret_places

Path = tuple[str, ...]
Renew: TypeAlias = Callable[[ResourceKey, Path, JsonValue], str | None]
"""A secret field (path below spec) and what is written there -> what is to be written as `sealed`; None: it stays."""


class Renewed(NamedTuple):
    """`fields` are those that changed, as resource and path."""

    text: str
    fields: tuple[tuple[ResourceKey, str], ...]


def renewed_text(text: str, renew: Renew, *, file: str, namespace: str = DEFAULT_NAMESPACE) -> Renewed:
    """`text` with every secret that `renew` puts in other words; all else, comments too, stays as it is written.

    Raises InvalidManifests, with places, for what can't be read, can't be changed in place or stands twice, and where
    `renew` raises for a field.
    """
    reading = read_text(text.encode(), file)
    problems = [problem for problem in reading.problems if not problem.warning]
    documents: dict[ResourceKey, JsonObject] = {}
    fields: list[tuple[ResourceKey, str]] = []
    for document in reading.documents:
        data = without_nulls(document.data)
        key = key_of(data, namespace)
        if key is None:
            continue
        if key in documents:
            problems.append(Problem(document.locate(("metadata", "name")), "declared twice", key))
        wanted, changed, faults = _renewed(key, document, data, renew)
        documents[key] = wanted
        fields += [(key, name) for name in changed]
        problems += faults
    if problems:
        raise InvalidManifests(problems)
    named = {key for key, _ in fields}
    changes: dict[ResourceKey, JsonObject | None] = {key: documents[key] for key in documents if key in named}
    return Renewed(patched_text(text, changes, namespace=namespace, file=file), tuple(fields))


def _renewed(
    key: ResourceKey, document: Document, data: JsonObject, renew: Renew
) -> tuple[JsonObject, list[str], list[Problem]]:
    changed: list[str] = []
    faults: list[Problem] = []
    for path in [*secret_places(structure_of_kind(key.kind), data)]:
        try:
            sealed = renew(key, path[1:], value_at(data, path))
        except RouterctlError as error:
            place: Location = document.locate(path)
            faults.append(Problem(place, error.message, key, field_path(path), error.hint))
            continue
        if sealed is not None:
            data = replaced(data, path, {"sealed": sealed})
            changed.append(field_path(path))
    return data, changed, faults
