"""Finds the place of a field again by walking the events of its document: the price of keeping no places."""

from collections.abc import Iterator

from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from reconciler.control.manifest.events import Events, YamlSyntaxError, events

Path = tuple[str | int, ...]


def locate(text: str, path: Path, *, source: Events = events) -> tuple[int, int]:
    """Line and column, 1-based, of the key (or list item) at `path`, or of its nearest ancestor that is there.

    What an alias stands for has the place where the alias is used. Of keys given twice, the first counts.
    """
    walk = source(text)
    best = (1, 1)
    try:
        root = next((event for event in walk if isinstance(event, NodeEvent)), None)
        if root is None:
            return best
        best = _place(root)
        current: Event | None = root
        for step in path:
            found = _enter(walk, current, step)
            if found is None:
                return best
            best, current = found
    except YamlSyntaxError:
        pass  # the text is broken further down; what was found stands above
    return best


def scalar_spans(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where, as (line, column) from 0, each scalar goes, as far as `text` can be read: what looks like a
    comment inside is none. A block text begins on the line below its header.
    """
    try:
        for event in events(text):
            if isinstance(event, ScalarEvent):
                start = (event.start_mark.line, event.start_mark.column)
                if event.style in ("|", ">"):
                    start = (start[0] + 1, 0)
                yield start, (event.end_mark.line, event.end_mark.column)
    except YamlSyntaxError:
        pass


def _enter(
    walk: Iterator[Event], parent: Event | None, step: str | int
) -> tuple[tuple[int, int], Event] | None:
    """The place of `step` in the collection that has just begun, and the event that begins its value."""
    if not isinstance(parent, CollectionStartEvent):
        return None
    if isinstance(parent, MappingStartEvent):
        return _enter_mapping(walk, step)
    return _enter_sequence(walk, step)


def _enter_mapping(walk: Iterator[Event], step: str | int) -> tuple[tuple[int, int], Event] | None:
    for key in walk:
        if isinstance(key, CollectionEndEvent):
            return None
        matches = isinstance(key, ScalarEvent) and key.value == step
        _skip(walk, key)
        value = next(walk)
        if matches:
            return _place(key), value
        _skip(walk, value)
    return None


def _enter_sequence(walk: Iterator[Event], step: str | int) -> tuple[tuple[int, int], Event] | None:
    for index, item in enumerate(walk):
        if isinstance(item, CollectionEndEvent):
            return None
        if index == step:
            return _place(item), item
        _skip(walk, item)
    return None


def _skip(walk: Iterator[Event], event: Event) -> None:
    """Goes to the end of the node that `event` begins."""
    depth = int(isinstance(event, CollectionStartEvent))
    while depth:
        following = next(walk)
        depth += isinstance(following, CollectionStartEvent)
        depth -= isinstance(following, CollectionEndEvent)


def _place(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
