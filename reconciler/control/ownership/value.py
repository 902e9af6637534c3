"""Merging, comparing and cutting values along a structure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from reconciler.control.ownership.field_set import Element, Path, item_element
from reconciler.json_types import JsonObject, JsonValue, same
from reconciler.resources.structure import Shape, Structure, canonical

SEALED = "(sealed)"
"""What is shown of secret material."""

_LISTS = (Shape.KEYED_LIST, Shape.SET)


def merge(live: JsonValue, declared: JsonValue, structure: Structure) -> JsonValue:
    """`live` with what `declared` says put over it. A declared value that equals the live one keeps its writing.

    A null over a map or list takes nothing away, as in structured-merge-diff. `live` itself comes back where nothing
    changes.
    """
    if structure.shape is Shape.GRANULAR and isinstance(live, dict) and isinstance(declared, dict):
        changed: JsonObject = {}
        for name, value in declared.items():
            if name not in live:
                changed[name] = value
            elif (child := merge(live[name], value, structure.child(name))) is not live[name]:
                changed[name] = child
        return {**live, **changed} if changed else live
    if structure.shape in _LISTS and isinstance(live, list) and isinstance(declared, list):
        return _merge_list(live, declared, structure)
    if declared is None and _children(live, structure):
        return live
    return live if _equal(live, declared, structure) else declared


def _equal(one: JsonValue, other: JsonValue, structure: Structure) -> bool:
    if structure.shape is Shape.DURATION:
        return canonical(structure, one) == canonical(structure, other)
    return one is other or (one == other and same(one, other))


def _merge_list(live: list[JsonValue], declared: list[JsonValue], structure: Structure) -> list[JsonValue]:
    """Items of both, in an order that keeps each side's own: live-only items stay where they stand."""
    by_element = {item_element(item, structure): item for item in live}
    wanted = [item_element(item, structure) for item in declared]
    shared = [element for element in wanted if element in by_element]
    merged: list[JsonValue] = []
    left = [(item_element(item, structure), item) for item in live]
    right = list(zip(wanted, declared, strict=True))
    while left or right:
        if left and left[0][0] not in wanted:
            merged.append(left.pop(0)[1])
        elif left and shared and left[0][0] != shared[0]:
            left.pop(0)
        else:
            element, item = right.pop(0)
            if element in by_element:
                merged.append(_merge_item(by_element[element], item, structure))
                shared.remove(element)
                left = [entry for entry in left if entry[0] != element]
            else:
                merged.append(item)
    return merged


def _merge_item(live: JsonValue, declared: JsonValue, structure: Structure) -> JsonValue:
    if structure.shape is Shape.SET or structure.values is None:
        return declared
    return merge(live, declared, structure.values)


def shown_at(path: Sequence[str], content: JsonValue, structure: Structure) -> JsonValue:
    """What stands there, as people may see it; None where nothing does.

    A reference is no secret and is shown; of a sealed or literal secret just that it is there.
    """
    for name in path:
        if not isinstance(content, dict) or name not in content:
            return None
        content, structure = content[name], structure.child(name)
    if structure.shape is not Shape.SECRET or content is None:
        return content
    return content if isinstance(content, dict) and "valueFrom" in content else SEALED


@dataclass(slots=True)
class Comparison:
    """What differs between two values, as sets of paths."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)


def compare(old: JsonValue, new: JsonValue, structure: Structure) -> Comparison:
    comparison = Comparison()
    _compare(old, new, structure, (), comparison)
    return comparison


def _compare(old: JsonValue, new: JsonValue, structure: Structure, path: Path, out: Comparison) -> None:
    if old is new:
        return
    old_children, new_children = _children(old, structure), _children(new, structure)
    if old is None and new_children:
        old_children = {}
    elif new is None and old_children:
        new_children = {}
    if old_children is None or new_children is None:
        if not _equal(old, new, structure):
            out.modified.add(path)
        return
    for element, (value, child) in new_children.items():
        child_path = (*path, element)
        if element in old_children:
            _compare(old_children[element][0], value, child, child_path, out)
        else:
            _add_all(value, child, child_path, out.added)
    for element, (value, child) in old_children.items():
        if element not in new_children:
            _add_all(value, child, (*path, element), out.removed)


def _children(value: JsonValue, structure: Structure) -> dict[Element, tuple[JsonValue, Structure]] | None:
    """The parts of a granular value by their path element; None for a leaf."""
    if structure.shape is Shape.GRANULAR and isinstance(value, dict):
        return {("f", name): (child, structure.child(name)) for name, child in value.items()}
    if structure.shape in _LISTS and isinstance(value, list):
        inner = structure.values if structure.shape is Shape.KEYED_LIST and structure.values else Structure()
        return {item_element(item, structure): (item, inner) for item in value}
    return None


def _add_all(value: JsonValue, structure: Structure, path: Path, out: set[Path]) -> None:
    out.add(path)
    for element, (child, inner) in (_children(value, structure) or {}).items():
        _add_all(child, inner, (*path, element), out)


def remove(value: JsonValue, paths: AbstractSet[Path], structure: Structure) -> JsonValue:
    """`value` without the fields at `paths`. An emptied map or list stays, empty."""
    return _remove(value, paths, structure, ()) if paths else value


def _remove(value: JsonValue, paths: AbstractSet[Path], structure: Structure, path: Path) -> JsonValue:
    children = _children(value, structure)
    if children is None:
        return value
    kept = {
        element: _remove(child, paths, inner, (*path, element))
        for element, (child, inner) in children.items()
        if (*path, element) not in paths
    }
    if isinstance(value, dict):
        return {name: child for (_, name), child in kept.items()}
    return list(kept.values())


def extract(value: JsonObject, paths: AbstractSet[Path], structure: Structure) -> JsonObject:
    """Just the fields of `value` that `paths` name: what one manager declared."""
    prefixes = {path[:length] for path in paths for length in range(1, len(path))}
    cut = _extract(value, paths, prefixes, structure, ())
    return cut if isinstance(cut, dict) else {}


def _extract(
    value: JsonValue, paths: AbstractSet[Path], prefixes: AbstractSet[Path], structure: Structure, path: Path
) -> JsonValue:
    children = _children(value, structure)
    if children is None:
        return value
    kept: dict[Element, JsonValue] = {}
    for element, (child, inner) in children.items():
        child_path = (*path, element)
        if child_path in prefixes:
            kept[element] = _extract(child, paths, prefixes, inner, child_path)
        elif child_path in paths:
            kept[element] = _emptied(child, inner)
    if isinstance(value, dict):
        return {name: child for (_, name), child in kept.items()}
    return list(kept.values())


def _emptied(value: JsonValue, structure: Structure) -> JsonValue:
    """A leaf as it is; of a container just that it is there."""
    if _children(value, structure) is None:
        return value
    return {} if isinstance(value, dict) else []
