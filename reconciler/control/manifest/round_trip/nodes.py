"""A document as a tree of what is written, each part with its place in the text: offsets in characters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.json_types import JsonValue


@dataclass(slots=True, eq=False)
class Scalar:
    """[content, end) is the writing of the value; start is before its anchor. An empty one stands behind its `:` or `-`."""

    start: int
    content: int
    end: int
    anchor: str | None
    value: JsonValue = field(repr=False)
    style: str | None


@dataclass(slots=True, eq=False)
class Alias:
    start: int
    end: int
    target: "Scalar | Mapping | Sequence"


@dataclass(slots=True, eq=False)
class Entry:
    """start: of the key, or of the `?` before it. after: behind the `:`; None where there is none."""

    start: int
    key: str
    key_end: int
    after: int | None
    value: "Node"


@dataclass(slots=True, eq=False)
class Mapping:
    """flow: written in braces. end: behind the brace, or behind the last thing that stands in it."""

    start: int
    content: int
    end: int
    anchor: str | None
    flow: bool
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Item:
    """start: of the `-`, in brackets of the value. after: where a value may begin."""

    start: int
    after: int
    value: "Node"


@dataclass(slots=True, eq=False)
class Sequence:
    start: int
    content: int
    end: int
    anchor: str | None
    flow: bool
    items: list[Item] = field(default_factory=list)


Node: TypeAlias = Scalar | Alias | Mapping | Sequence


def data_of(node: Node) -> JsonValue:
    """What the node stands for, aliases included, as our reader has it."""
    if isinstance(node, Alias):
        return data_of(node.target)
    if isinstance(node, Mapping):
        return {entry.key: data_of(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [data_of(item.value) for item in node.items]
    return node.value


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text. What an alias stands for is not below it."""
    yield node
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield from walk(entry.value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from walk(item.value)


def at_path(node: Node, path: tuple[str, ...]) -> Node | None:
    """What stands at `path`, looked for also where aliases lead."""
    for name in path:
        while isinstance(node, Alias):
            node = node.target
        found = (
            next((entry.value for entry in node.entries if entry.key == name), None)
            if isinstance(node, Mapping)
            else None
        )
        if found is None:
            return None
        node = found
    return node
