"""The fields of a change, old and new, for people. Secrets are masked by the type of their field.

deepdiff is slow to import, so it is late: loaded when the first changed resource is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from reconciler.control.ownership.field_set import FieldSet, Path, field_set, from_fields_v1
from reconciler.control.ownership.value import shown_at
from reconciler.control.plan.model import Change, FieldChange, content_of
from reconciler.json_types import JsonObject, JsonValue
from reconciler.late import late
from reconciler.resources.resource import FieldManager, Resource
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure, canonical

if TYPE_CHECKING:
    from deepdiff import diff as deepdiff
else:
    deepdiff = late("deepdiff.diff")

Names = tuple[str, ...]
Fingerprints = Mapping[str, str]
"""Of sealed values, by the id of the vault."""

NO_FINGERPRINTS: Fingerprints = MappingProxyType({})


class _Node(Protocol):
    def path(self, *, output_format: str) -> list[object]: ...


def field_changes(change: Change, fingerprints: Fingerprints = NO_FINGERPRINTS) -> tuple[FieldChange, ...]:
    """Every field that differs by value, in the order of paths. Lists are given whole. What is marked for deletion keeps
    its fields.
    """
    if change.marks and change.after is None:
        return ()
    structure = structure_of_kind(change.key.kind)
    before = change.before.resource if change.before is not None else None
    old, new = _content(before), _content(change.after)
    owned = _owned(change.managed_fields)
    found = (_field(path, old, new, structure, owned) for path in _differing(old, new, structure))
    return tuple(_marked(item, path, new, fingerprints) for path, item in found if item is not None)


def _marked(item: FieldChange, path: Names, new: JsonObject, fingerprints: Fingerprints) -> FieldChange:
    """A secret with the fingerprint of its new value."""
    held = _at(new, (*path, "sealed")) if item.secret else None
    known = fingerprints.get(held) if isinstance(held, str) else None
    return item if known is None else replace(item, fingerprint=known)


def _content(resource: Resource | None) -> JsonObject:
    return content_of(resource) if resource is not None else {}


def _differing(old: JsonObject, new: JsonObject, structure: Structure) -> Sequence[Names]:
    tree = deepdiff.DeepDiff(old, new, view="tree", verbose_level=1)
    found: set[Names] = set()
    for group in tree.values():
        node: _Node
        for node in group:
            path = tuple(str(name) for name in node.path(output_format="list") if isinstance(name, str))
            found.update(_leaves(path, old, new, structure))
    return sorted(found)


def _leaves(path: Names, old: JsonObject, new: JsonObject, structure: Structure) -> set[Names]:
    """`path` cut at the first atomic field, or every leaf below it where a whole object came or went."""
    node = structure
    for length, name in enumerate(path):
        if node.shape is not Shape.GRANULAR:
            return {path[:length]}
        node = node.child(name)
    if node.shape is not Shape.GRANULAR:
        return {path}
    below: FieldSet = frozenset()
    for root in (old, new):
        value = _at(root, path)
        if value is not None:
            below |= field_set(value, node)
    return {path + _names(leaf) for leaf in below} or {path}


def _names(path: Path) -> Names:
    """The fields of a path, as far as the list in which it ends."""
    return tuple(name for _, name in takewhile(lambda element: element[0] == "f", path))


def _field(
    path: Names, old: JsonObject, new: JsonObject, structure: Structure, owned: frozenset[Names]
) -> tuple[Names, FieldChange | None]:
    node = structure
    for name in path:
        node = node.child(name)
    before, after = _at(old, path), _at(new, path)
    if canonical(node, before) == canonical(node, after):
        return path, None
    text = ".".join(path)
    if node.shape is Shape.SECRET:
        shown, wanted = shown_at(path, old, structure), shown_at(path, new, structure)
        return path, FieldChange(text, shown, wanted, secret=True)
    return path, FieldChange(text, before, after, default=after is not None and path not in owned)


def _owned(managers: Sequence[FieldManager]) -> frozenset[Names]:
    """The paths that somebody declares, containers that stand for themselves included."""
    return frozenset(_names(path) for entry in managers for path in from_fields_v1(entry.fields))


def _at(value: JsonValue, path: Names) -> JsonValue:
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value
