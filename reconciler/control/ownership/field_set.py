"""Field sets: which fields a value declares, and Kubernetes' FieldsV1 text of them."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.structure import Shape, Structure

Element: TypeAlias = tuple[str, str]
"""("f", field name), ("k", canonical JSON of the keys of a list item) or ("v", canonical JSON of a set item)."""
Path: TypeAlias = tuple[Element, ...]
FieldSet: TypeAlias = frozenset[Path]

_SELF = "."
_CONTAINERS = (dict, list)


def field_set(value: JsonValue, structure: Structure) -> FieldSet:
    """The paths that `value` declares: its leaves, and the containers that stand for themselves.

    Raises InvalidInput where a keyed list or a set holds an item twice.
    """
    found: set[Path] = set()
    _collect(value, structure, (), found)
    return frozenset(found)


def _collect(value: JsonValue, structure: Structure, path: Path, found: set[Path]) -> None:
    if structure.shape is Shape.GRANULAR and isinstance(value, dict):
        for name, child in value.items():
            child_path = (*path, ("f", name))
            if child is None or child == {} or name not in structure.properties:
                found.add(child_path)
            _collect(child, structure.child(name), child_path, found)
    elif structure.shape in (Shape.KEYED_LIST, Shape.SET) and isinstance(value, list):
        for item in value:
            item_path = (*path, item_element(item, structure))
            if item_path in found:
                raise InvalidInput(
                    f"{path_text(path).removeprefix('.')}: duplicate entries for key {path_text(item_path[-1:])}"
                )
            found.add(item_path)
            if structure.shape is Shape.KEYED_LIST:
                _collect(item, structure.values or structure, item_path, found)
    elif path:
        found.add(path)


def item_element(item: JsonValue, structure: Structure) -> Element:
    """How an item of a keyed list or a set is named in a path."""
    if structure.shape is Shape.SET:
        return ("v", _compact(item))
    keys: JsonObject = {key: item.get(key) for key in structure.keys} if isinstance(item, dict) else {}
    return ("k", _compact(keys))


def _compact(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def with_named_fields(paths: Iterable[Path], structure: Structure) -> FieldSet:
    """`paths` and every prefix of one that ends in a declared property."""
    named: set[Path] = set()
    for path in paths:
        named.add(path)
        node: Structure | None = structure
        for length, element in enumerate(path, start=1):
            if node is None:
                break
            if element[0] == "f" and element[1] in node.properties:
                named.add(path[:length])
            node = _step(node, element)
    return frozenset(named)


def _step(structure: Structure, element: Element) -> Structure | None:
    if element[0] == "f":
        return structure.child(element[1])
    return structure.values


def to_fields_v1(paths: Iterable[Path]) -> JsonObject:
    """The nested form of a field set, as managedFields keeps it."""
    root: JsonObject = {}
    for path in sorted(paths):
        node = root
        for prefix, name in path:
            child = node.setdefault(f"{prefix}:{name}", {})
            if not isinstance(child, dict):
                raise TypeError("FieldsV1 nests objects only")
            node = child
        node[_SELF] = {}
    return _without_lone_self(root)


def _without_lone_self(node: JsonObject) -> JsonObject:
    """A leaf is written {}, not {".": {}}."""
    if set(node) == {_SELF}:
        return {}
    return {
        name: _without_lone_self(child) if isinstance(child, dict) else child for name, child in node.items()
    }


def from_fields_v1(fields: JsonObject) -> FieldSet:
    """The field set that a FieldsV1 stands for."""
    found: set[Path] = set()
    _walk_fields(fields, (), found)
    return frozenset(found)


def _walk_fields(node: JsonObject, path: Path, found: set[Path]) -> None:
    if not node and path:
        found.add(path)
    for name, child in node.items():
        if name == _SELF:
            found.add(path)
        elif isinstance(child, dict):
            prefix, _, rest = name.partition(":")
            _walk_fields(child, (*path, (prefix, rest)), found)


class _Form(NamedTuple):
    """A FieldsV1 that is to be compared: whether it stands for itself, its fields, and what is below those that are no
    leaves.
    """

    own: bool
    names: frozenset[str]
    below: "Mapping[str, _Form]"


_LEAF = _Form(own=False, names=frozenset(), below=MappingProxyType({}))


class FieldSets:
    """Compares FieldsV1 with values. Most resources share theirs, as one object: it is looked into once."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[JsonObject, _Form | None]] = {}

    def fits(self, fields: JsonObject, value: JsonValue, structure: Structure) -> bool:
        """Whether a FieldsV1 is that of field_set(value), without making either set. Keyed lists and sets count as
        different.
        """
        known = self._forms.get(id(fields))
        if known is None:
            known = self._forms[id(fields)] = (fields, _form(fields))  # held, so that no other gets its id
        return known[1] is not None and _fits(known[1], value, structure, own=False)


def _form(fields: JsonObject) -> _Form | None:
    """None for one that no value without keyed lists and sets has."""
    if not fields:
        return _LEAF
    names: set[str] = set()
    below: dict[str, _Form] = {}
    for written, node in fields.items():
        if written == _SELF:
            continue
        form = _form(node) if written.startswith("f:") and isinstance(node, dict) else None
        if form is None:
            return None
        names.add(written[2:])
        if form is not _LEAF:
            below[written[2:]] = form
    return _Form(_SELF in fields, frozenset(names), below)


def _fits(form: _Form, value: JsonValue, structure: Structure, *, own: bool) -> bool:
    """own: the container stands for itself as well."""
    if structure.shape in (Shape.KEYED_LIST, Shape.SET):
        return False
    if structure.shape is not Shape.GRANULAR or not isinstance(value, dict):
        return form is _LEAF
    if not value:
        return own and form is _LEAF
    if own != form.own or value.keys() != form.names:
        return False
    below = form.below
    for name, child in value.items():
        if not isinstance(child, _CONTAINERS):  # most are leaves, whatever their structure
            if name in below:
                return False
            continue
        stands = child == {} or name not in structure.properties
        if not _fits(below.get(name, _LEAF), child, structure.child(name), own=stands):
            return False
    return True


def path_text(path: Path) -> str:
    """How Kubernetes writes a path: .spec.endpoints[name="us"].weight"""
    parts: list[str] = []
    for prefix, name in path:
        if prefix == "f":
            parts.append(f".{name}")
        elif prefix == "k":
            keys = json.loads(name)
            parts.append("[" + ",".join(f"{key}={json.dumps(value)}" for key, value in keys.items()) + "]")
        else:
            parts.append(f"[={name}]")
    return "".join(parts)
