"""A resource as text in somebody's editor: what is shown, what was made of it, and what it means for the resource as it
is by then. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.control.field_text import value_text
from reconciler.control.leaves import Names, leaves, object_of
from reconciler.control.manifest.document import (
    InvalidManifests,
    Location,
    Problem,
    field_path,
    without_nulls,
)
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.writer import document, metadata_of
from reconciler.control.ownership.value import shown_at
from reconciler.errors import Conflict
from reconciler.json_types import JsonObject, JsonValue, same
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Structure


def editable(stored: StoredResource) -> JsonObject:
    """What is to be edited: all that people write, defaults included; no managers, and secrets as they are sealed."""
    return document(stored.key, metadata_of(stored.resource), stored.resource.spec)


def page(comments: Sequence[str], body: str) -> str:
    """The text of the editor: comments on top, then `body`."""
    return "".join(f"# {line}".rstrip() + "\n" for line in comments) + body


def body_of(text: str) -> str:
    """`text` without the comments on top."""
    lines = text.splitlines(keepends=True)
    first = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[first:])


def parsed(body: str, name: str, *, above: int = 0) -> JsonObject:
    """The one document of `body`. Raises InvalidManifests, with places below `above` lines of comments."""
    reading = read_text(body, name, line=above + 1)
    problems = list(reading.problems)
    if len(reading.documents) > 1:
        problems.append(Problem(reading.documents[1].locate(()), "a second document begins here"))
    if not reading.documents and not problems:
        problems.append(Problem(Location(name, above + 1, 1), "no resource stands here"))
    if problems:
        raise InvalidManifests(problems)
    return reading.documents[0].data


class ChangedInBetween(Conflict):
    """`lines` tell each field with both values. `live` is the resource as it is now, `merged` the same with what the
    edit changes elsewhere.
    """

    def __init__(self, key: ResourceKey, lines: Sequence[str], live: JsonObject, merged: JsonObject) -> None:
        super().__init__(
            "\n".join([f"{key} was changed in between, in fields that were edited too:", *lines]),
            hint="edit it again as it is now",
        )
        self.lines = tuple(lines)
        self.live = live
        self.merged = merged


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody made of `shown`."""

    key: ResourceKey
    shown: JsonObject
    edited: JsonObject

    def rewrite(self, whole: JsonObject) -> JsonValue:
        """What the edit makes of the stored object, which others may have changed since it was shown.

        Raises ChangedInBetween where they changed a field of the edit to another value.
        """
        structure = structure_of_kind(self.key.kind)
        live, edited = _shown(self.key, whole), without_nulls(self.edited)
        was, mine, now = (_values(each, structure) for each in (self.shown, edited, live))
        wanted, theirs = _changes(was, mine), _changes(was, now)
        if not theirs:
            return edited
        clashes = sorted(path for path in wanted if _clashes(path, wanted, theirs))
        merged = _merged(now, {path: value for path, value in wanted.items() if path not in clashes})
        if clashes:
            lines = [_clash_line(path, live, edited, structure) for path in clashes]
            raise ChangedInBetween(self.key, lines, live, _shown(self.key, merged))
        return merged


def _shown(key: ResourceKey, whole: JsonObject) -> JsonObject:
    """As `editable` gives it."""
    metadata, spec = whole.get("metadata"), whole.get("spec")
    told = metadata if isinstance(metadata, dict) else {}
    return document(key, told, spec if isinstance(spec, dict) else {})


def _values(whole: JsonObject, structure: Structure) -> Mapping[Names, JsonValue]:
    """The value that counts of each field."""
    return {path: value for path, (value, _) in leaves(whole, structure).items()}


def _changes(old: Mapping[Names, JsonValue], new: Mapping[Names, JsonValue]) -> dict[Names, JsonValue]:
    """The fields that differ, with their new values; None where one is gone. No manifest holds a null."""
    changed = {path: value for path, value in new.items() if path not in old or not same(value, old[path])}
    return {**changed, **dict.fromkeys(old.keys() - new.keys())}


def _clashes(path: Names, wanted: Mapping[Names, JsonValue], theirs: Mapping[Names, JsonValue]) -> bool:
    """Whether somebody changed the field too, to another value, or one inside the value that it is to have."""
    if path in theirs:
        return not same(wanted[path], theirs[path])
    if wanted[path] in (None, {}):
        return False
    return any(other[: len(path)] == path and value is not None for other, value in theirs.items())


def _merged(now: Mapping[Names, JsonValue], changes: Mapping[Names, JsonValue]) -> JsonObject:
    return object_of({path: value for path, value in {**now, **changes}.items() if value is not None})


def _clash_line(path: Names, live: JsonObject, edited: JsonObject, structure: Structure) -> str:
    now, mine = (shown_at(path, each, structure) for each in (live, edited))
    told = ["not there" if value is None else value_text(value) for value in (now, mine)]
    return f"  {field_path(path)}: it is {told[0]} now, you wrote {told[1]}"
