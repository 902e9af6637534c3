"""Parser events to plain JSON data, in one loop without recursion, within the limits.

Built straight from the events because nodes and marks cost more than all the rest. A fault that leaves the structure
clear (a float, a tag, a key given twice) is noted and the loop goes on, so that one run finds all of them: UNREAD stands
for the value, and of a key given twice the first counts. A fault that leaves it unclear ends the document.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.control.manifest.limits import (
    MAX_DEPTH,
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENT_PROBLEMS,
    MAX_NODES,
)
from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.scalars import (
    MERGE_KEY,
    NUMERIC,
    UNREAD,
    WORDS,
    UnusableScalarError,
    number,
)
from reconciler.json_types import JsonObject, JsonValue

_Container: TypeAlias = "list[JsonValue] | JsonObject"

_EVENTS_AROUND = 4  # the stream and the document each begin and end
_ODD_KEYS = NUMERIC + MERGE_KEY[0]  # what keys begin with that get a second look
_SMALLER = "split it into several documents"


class Fault(NamedTuple):
    """line, column: 1-based, inside the document. `repeats`: `path` is that of a key given before."""

    line: int
    column: int
    path: Path
    message: str
    hint: str
    repeats: bool = False


class UnusableDocumentError(Exception):
    """The document can't be read further; its last fault says why."""


@dataclass(slots=True)
class Construction:
    """A document as far as it was read.

    root: holds the root node once that has begun, so that every value has a container.
    parents: for each open collection, what it stands in and under which key (None in a list).
    amends: what mappings hold in the end at keys that are faulty themselves; the first for a key counts.
    """

    root: list[JsonValue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    parents: list[tuple[_Container, str | None]] = field(default_factory=list)
    anchors: dict[str, JsonValue] = field(default_factory=dict)
    amends: list[tuple[JsonObject, str, JsonValue]] = field(default_factory=list)
    copied_nodes: int = 0
    copied_characters: int = 0

    def note(self, event: Event, message: str, hint: str, step: str | int | None = None) -> None:
        """Notes a fault at `event`, which stands at `step` in the open collection. The root has no step."""
        mark = event.start_mark
        path = self._path() if step is None or not self.parents else (*self._path(), step)
        self.faults.append(Fault(mark.line + 1, mark.column + 1, path, message, hint))
        if len(self.faults) >= MAX_DOCUMENT_PROBLEMS:
            raise UnusableDocumentError

    def stop(self, event: Event, message: str, hint: str) -> UnusableDocumentError:
        self.note(event, message, hint)
        return UnusableDocumentError()

    def _path(self) -> Path:
        # the first parent is `root`, which is no part of the document
        return tuple(len(parent) - 1 if key is None else key for parent, key in self.parents[1:])

    def odd_key(self, event: ScalarEvent, key: str, mapping: JsonObject) -> None:
        """A key that was given before, or a plain one that may be no text."""
        if key in mapping:
            self.note(event, "this key is given twice", "keep one of the two", key)
            self.faults[-1] = self.faults[-1]._replace(repeats=True)
            self.amends.append((mapping, key, mapping[key]))
        elif event.style:
            return
        elif key == MERGE_KEY:
            self.note(event, "merge keys (<<) are not used", "write the fields out")
            self.amends.append((mapping, key, UNREAD))
        elif key in WORDS or self._is_number(key):
            self.note(event, "a key must be text", "put the key in quotes")
            self.amends.append((mapping, key, UNREAD))

    def settle(self) -> None:
        """To be called when the document was read to its end."""
        for mapping, key, value in reversed(self.amends):
            mapping[key] = value

    def _is_number(self, text: str) -> bool:
        try:
            return not isinstance(number(text), str)
        except UnusableScalarError:
            return True

    def number(self, event: ScalarEvent, container: _Container, key: str | None) -> JsonValue:
        try:
            return number(event.value)
        except UnusableScalarError as exc:
            self.note(event, exc.message, exc.hint, _step(container, key))
            return UNREAD

    def nul(self, event: ScalarEvent, container: _Container, key: str | None) -> JsonValue:
        self.note(event, "this text holds the character NUL", "delete the escape", _step(container, key))
        return UNREAD

    def properties(self, event: Any, node: JsonValue, step: str | int | None) -> JsonValue:
        """What may stand before a node: an anchor, which is kept, or a tag, which is refused. Gives what to go on with."""
        if event.ctag is not None:
            hint = "delete the tag, or quote the text"
            self.note(event, "tags (a word that begins with !) are not used", hint, step)
            if not isinstance(node, dict | list):
                node = UNREAD
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def open_collection(self, event: Any, container: _Container, key: str | None) -> _Container:
        if key is None and type(container) is dict:
            raise self.stop(event, "a key must be text", "a text that begins with { or [ goes in quotes")
        if len(self.parents) >= MAX_DEPTH:
            raise self.stop(event, f"more than {MAX_DEPTH} collections inside one another", "make it flatter")
        opened: _Container = {} if type(event) is MappingStartEvent else []
        if event.anchor is not None or event.ctag is not None:
            self.properties(event, opened, _step(container, key))
        self.parents.append((container, key))
        return opened

    def expand(self, event: AliasEvent, container: _Container, key: str | None) -> JsonValue:
        """A copy of what the alias stands for: the data is a tree, whoever changes one place changes no other."""
        if key is None and type(container) is dict:
            raise self.stop(event, "an alias can't be a key", "write the key out")
        step = _step(container, key)
        if event.anchor not in self.anchors:
            self.note(
                event, "this alias has no anchor", 'a text that begins with * goes in quotes: "*"', step
            )
            return UNREAD
        node = self.anchors[event.anchor]
        if node is container or any(node is parent for parent, _ in self.parents):
            raise self.stop(event, "this alias stands inside what it stands for", "write the value out")
        return self._copy(event, node)

    def _copy(self, event: AliasEvent, node: JsonValue) -> JsonValue:
        holder: list[JsonValue] = [node]
        pending: list[tuple[_Container, int]] = [(holder, len(self.parents))]
        while pending:
            container, depth = pending.pop()
            places: Any = container.items() if isinstance(container, dict) else enumerate(container)
            for place, value in list(places):
                self._count_copied(event, place, value, depth)
                if isinstance(value, dict | list):
                    copied = value.copy()
                    container[place] = copied
                    pending.append((copied, depth + 1))
        return holder[0]

    def _count_copied(self, event: AliasEvent, place: str | int, value: JsonValue, depth: int) -> None:
        self.copied_nodes += 1
        for text in (place, value):
            if isinstance(text, str):
                self.copied_characters += len(text)
        if self.copied_nodes > MAX_NODES or self.copied_characters > MAX_DOCUMENT_BYTES or depth > MAX_DEPTH:
            raise self.stop(event, "the aliases of this document expand to too much", "write the values out")


def _step(container: _Container, key: str | None) -> str | int:
    """Where the next value goes."""
    return len(container) if key is None else key


def construct(events: Iterator[Event], construction: Construction) -> None:  # noqa: C901, PLR0912, PLR0915  one loop: a call an event costs as much as its work
    """Fills `construction`. Raises UnusableDocumentError, and what the parser raises."""
    parents = construction.parents
    container: Any = construction.root
    key: str | None = None
    event: Any = None
    for event in islice(events, MAX_NODES + _EVENTS_AROUND):
        kind = type(event)
        value: Any
        if kind is ScalarEvent:
            value = event.value
            style = event.style
            if key is None and type(container) is dict:
                if event.anchor is not None or event.ctag is not None:
                    construction.properties(event, value, None)
                if value in container or (not style and (value in WORDS or value[0] in _ODD_KEYS)):
                    construction.odd_key(event, value, container)
                key = value
                continue
            if not style:
                if value in WORDS:
                    value = WORDS[value]
                elif value[0] in NUMERIC:
                    value = construction.number(event, container, key)
            elif "\0" in value:
                value = construction.nul(event, container, key)
            if event.anchor is not None or event.ctag is not None:
                value = construction.properties(event, value, _step(container, key))
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            value = construction.open_collection(event, container, key)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            container, _ = parents.pop()
            key = None
            continue
        elif kind is AliasEvent:
            value = construction.expand(event, container, key)
        else:
            if kind is DocumentStartEvent and construction.root:
                raise construction.stop(event, "a second document begins here", "put a line --- before it")
            continue
        if key is None:
            container.append(value)
        else:
            container[key] = value
            key = None
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            container = value
    if type(event) is not StreamEndEvent:
        raise construction.stop(event, f"the document has more than {MAX_NODES} keys and values", _SMALLER)
