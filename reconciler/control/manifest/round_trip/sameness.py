"""When two values are one, and which parts of a document stand for which parts of what it should declare."""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from reconciler.control.manifest.round_trip.nodes import Entry, Item, Mapping, Node, Sequence, data_of
from reconciler.json_types import JsonValue
from reconciler.resources.structure import ATOMIC, Structure, canonical


class Absent:
    """Nothing should stand there; or not as it stood, because what is around it is written anew."""


ABSENT: Final = Absent()
Wanted: TypeAlias = "JsonValue | Absent"


def same(structure: Structure, one: JsonValue, other: JsonValue) -> bool:
    """Whether they have one value, however it is written. In an object a null field is one that is not given."""
    return _form(structure, one) == _form(structure, other)


def _form(structure: Structure, value: JsonValue) -> str:
    return json.dumps(canonical(structure, _without_nulls(value)), sort_keys=True)  # tells true from 1


def _without_nulls(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return value


def entries_of(
    node: Mapping, wanted: JsonValue, structure: Structure
) -> Iterator[tuple[Entry, Wanted, Structure]]:
    """Each entry with what should stand there."""
    for entry in node.entries:
        if isinstance(wanted, dict) and entry.key in wanted:
            yield entry, wanted[entry.key], structure.child(entry.key)
        elif isinstance(wanted, dict) and data_of(entry.value) is None:
            yield entry, None, ATOMIC
        else:
            yield entry, ABSENT, structure.child(entry.key)


def items_of(
    node: Sequence, wanted: list[JsonValue], structure: Structure
) -> Iterator[tuple[Item | None, Wanted, Structure]]:
    """Each item with what should stand there, in the order of what is wanted; None for one that is new."""
    inner = structure.values if structure.values is not None else ATOMIC
    old = [_form(inner, data_of(item.value)) for item in node.items]
    new = [_form(inner, value) for value in wanted]
    for _, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        both = min(i_end - i, j_end - j)
        for item, value in zip(node.items[i : i + both], wanted[j : j + both], strict=True):
            yield item, value, inner
        for value in wanted[j + both : j_end]:
            yield None, value, inner
        for item in node.items[i + both : i_end]:
            yield item, ABSENT, inner


def keeps_shape(node: Node, wanted: Wanted) -> bool:
    """Whether the node stays the collection that it is, and changes inside at most. One of which nothing stays is written
    anew.
    """
    if isinstance(node, Mapping) and isinstance(wanted, dict):
        return any(entry.key in wanted for entry in node.entries)
    return isinstance(node, Sequence) and isinstance(wanted, list) and bool(wanted) and bool(node.items)


def sites(node: Node, wanted: Wanted, structure: Structure) -> Iterator[tuple[Node, Wanted, Structure]]:
    """Every node with what should stand there, in the order of the text."""
    yield node, wanted, structure
    kept = keeps_shape(node, wanted)
    if isinstance(node, Mapping):
        whole = wanted if kept and not isinstance(wanted, Absent) else None
        for entry, value, child in entries_of(node, whole, structure):
            yield from sites(entry.value, value, child)
    elif isinstance(node, Sequence):
        wanted_items = wanted if kept and isinstance(wanted, list) else []
        for item, value, child in items_of(node, wanted_items, structure):
            if item is not None:
                yield from sites(item.value, value, child)
