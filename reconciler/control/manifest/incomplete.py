"""Data of which a part is missing or wrong: what of it can still be judged, and what follows from a fault already told."""

from collections.abc import Collection

from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.scalars import MERGE_KEY, UNREAD
from reconciler.json_types import JsonObject, JsonValue


def reached(data: JsonValue, path: Path) -> tuple[JsonValue, int]:
    """The value at `path`, or at its nearest ancestor that is there, and how many steps lead to it."""
    value = data
    for depth, step in enumerate(path):
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return value, depth
    return value, len(path)


def follows_from_a_fault(data: JsonValue, path: Path) -> bool:
    """Whether an error at `path` says no more than that something there, or merged into it, was not read."""
    value, depth = reached(data, path)
    if value is UNREAD:
        return True
    merges = isinstance(value, dict) and value.get(MERGE_KEY) is UNREAD
    return merges and depth == len(path) - 1


def sound(data: JsonObject, broken: Collection[Path]) -> JsonObject:
    """`data` without what stands at the `broken` paths, and without what was not read. In a list that is None: what
    follows keeps its place.
    """
    kept = _sound(data, frozenset(broken), ())
    return kept if isinstance(kept, dict) else {}


def _sound(value: JsonValue, broken: Collection[Path], path: Path) -> JsonValue:
    if isinstance(value, dict):
        return {
            name: _sound(item, broken, (*path, name))
            for name, item in value.items()
            if item is not UNREAD and (*path, name) not in broken
        }
    if isinstance(value, list):
        return [
            None if item is UNREAD or (*path, index) in broken else _sound(item, broken, (*path, index))
            for index, item in enumerate(value)
        ]
    return value
