"""Text → nodes, by ruamel's round-trip loader: it reads comments too, and is stricter than what only reads data."""

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.control.manifest.events import YamlSyntaxError, joined_pairs, spaced_colons, translated
from reconciler.control.manifest.round_trip.nodes import Alias, Entry, Item, Mapping, Node, Scalar, Sequence
from reconciler.control.manifest.scalars import NUMERIC, WORDS, UnusableScalarError, number
from reconciler.control.manifest.syntax import explain
from reconciler.json_types import JsonValue

_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
"""What stands between two things: blanks, breaks, comments."""
_ANCHOR = re.compile(r"&[^ \t\r\n]+")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_FOLD = "\x07"
"""How the loader marks where a folded text was folded."""


class UnreadableError(Exception):
    """The loader can't read the text. line, column: 1-based, inside the text."""

    def __init__(self, line: int, column: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint


def load(text: str) -> Node | None:
    """The root of the one document that `text` holds; None where it is empty. Raises UnreadableError."""
    loader = _Loader(text)
    try:
        events = joined_pairs(text, _round_trip_events)
        first = next((event for event in events if isinstance(event, NodeEvent)), None)
        return loader.node(first, events, 0) if first is not None else None
    except YamlSyntaxError as exc:
        raise UnreadableError(*explain(exc, text)) from None
    except UnusableScalarError as exc:
        raise UnreadableError(1, 1, exc.message, exc.hint) from None


def _round_trip_events(text: str) -> Iterator[Event]:
    try:
        yield from spaced_colons(YAML(typ="rt", pure=True).parse(text), text)
    except YAMLError as exc:
        raise translated(exc) from None
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        TypeError,
        ValueError,
    ):
        # what its scanner lets out on comments and escapes in odd places
        raise YamlSyntaxError("", "", (1, 1), None) from None


class _Loader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Scalar | Mapping | Sequence] = {}

    def node(self, event: Event, events: Iterator[Event], empty: int) -> Node:
        """The node that `event` begins. `empty`: where it stands if nothing is written."""
        start: int = event.start_mark.index
        if isinstance(event, AliasEvent):
            return Alias(start, event.end_mark.index, self._anchors[event.anchor])
        if isinstance(event, ScalarEvent):
            return self._scalar(event, empty)
        assert isinstance(event, CollectionStartEvent)
        content = self._content(event)
        made: Mapping | Sequence
        if isinstance(event, MappingStartEvent):
            flow = self._text.startswith("{", content)
            made = Mapping(start, content, content, event.anchor, flow)
        else:
            assert isinstance(event, SequenceStartEvent)
            flow = self._text.startswith("[", content)
            made = Sequence(start, content, content, event.anchor, flow)
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        end = self._entries(made, events) if isinstance(made, Mapping) else self._items(made, events)
        made.end = end.end_mark.index if flow else made.end
        return made

    def _content(self, event: CollectionStartEvent | ScalarEvent) -> int:
        start: int = event.start_mark.index
        anchor = _ANCHOR.match(self._text, start) if event.anchor is not None else None
        return self._skip(anchor.end()) if anchor else start

    def _scalar(self, event: ScalarEvent, empty: int) -> Scalar:
        start: int = event.start_mark.index
        end: int = event.end_mark.index
        content = self._content(event)
        anchor = _ANCHOR.match(self._text, start) if event.anchor is not None else None
        if not event.style and not event.value:
            content = end = anchor.end() if anchor else empty
            start = start if anchor else empty
        elif event.style in ("|", ">"):
            end = self._block_end(content, end)
        made = Scalar(start, content, end, event.anchor, _value(event), event.style)
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        return made

    def _block_end(self, content: int, end: int) -> int:
        """Empty lines behind a block text are no part of it, unless its header keeps them."""
        header = _BLOCK_HEADER.match(self._text, content)
        if header is not None and "+" in header[0]:
            return end
        return content + len(self._text[content:end].rstrip(" \t\r\n"))

    def _entries(self, made: Mapping, events: Iterator[Event]) -> Event:
        position = made.content + 1 if made.flow else made.content
        for event in events:
            if isinstance(event, MappingEndEvent):
                return event
            if made.flow:
                position = self._behind(position, ",")
            key = self.node(event, events, position)
            assert isinstance(key, Scalar)
            before = self._skip(position)
            start = before if self._text.startswith("?", before) and before != key.start else key.start
            colon = self._skip(key.end)
            after = colon + 1 if self._text.startswith(":", colon) else None
            value = self.node(next(events), events, key.end if after is None else after)
            text = key.value if isinstance(key.value, str) else ""
            made.entries.append(Entry(start, text, key.end, after, value))
            position = made.end = max(value.end, after or 0, key.end)
            if len(made.entries) == 1 and not made.flow:
                made.content = start
        raise AssertionError("a mapping has an end")

    def _items(self, made: Sequence, events: Iterator[Event]) -> Event:
        position = made.content + 1 if made.flow else made.content
        for event in events:
            if isinstance(event, SequenceEndEvent):
                return event
            if made.flow:
                position = self._behind(position, ",")
                value = self.node(event, events, position)
                made.items.append(Item(value.start, value.start, value))
            else:
                position = self._skip(position)
                value = self.node(event, events, position + 1)
                made.items.append(Item(position, position + 1, value))
            position = made.end = max(value.end, position + (not made.flow))
        raise AssertionError("a sequence has an end")

    def _skip(self, position: int) -> int:
        gap = _GAP.match(self._text, position)
        return gap.end() if gap else position

    def _behind(self, position: int, mark: str) -> int:
        """Behind `mark` if it comes next."""
        found = self._skip(position)
        return found + 1 if self._text.startswith(mark, found) else position


def _value(event: ScalarEvent) -> JsonValue:
    """As our reader has it. Raises UnusableScalarError."""
    value: str = event.value
    if event.style == ">":
        return value.replace(_FOLD, "")
    if event.style:
        return value
    if value in WORDS:
        return WORDS[value]
    return number(value) if value[0] in NUMERIC else value
