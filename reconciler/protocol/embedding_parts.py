"""A request for many embeddings in parts, and their answers as the answer to the whole. Vectors pass byte for byte."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from reconciler.protocol.body import Body, RequestBody
from reconciler.protocol.json_places import Misplaced, Span, elements, members, spliced, whole

MAX_ITEMS = 100_000
"""An input of more is passed as it is."""

MAX_PARTS = 1000


class Part(NamedTuple):
    """`first` is the place of its first item in the whole."""

    body: RequestBody
    first: int
    items: int


class Embedded(NamedTuple):
    """The answer to a part: `items` in their order, numbered as those of the whole. `data` and `usage` are places."""

    text: bytes
    data: Span
    usage: Span | None
    items: bytes


def parts_of(body: Body, threshold: int, workers: int) -> list[Part]:
    """Of an input of at least `threshold` items: of even size, at most `threshold` each, at least one for each worker.

    Empty where there is nothing to share out: fewer items, or too many, or an input that is one text or its tokens.
    """
    if not isinstance(body, RequestBody) or body.stream:
        return []
    raw = body.raw
    try:
        inputs = [value for name, value in members(raw, whole(raw)) if name == b"input"]
        if len(inputs) != 1 or raw[inputs[0].start : inputs[0].start + 1] != b"[":
            return []
        items = elements(raw, inputs[0].start)
    except Misplaced:
        return []
    if not threshold <= len(items) <= MAX_ITEMS:
        return []
    if any(raw[item.start : item.start + 1] not in (b'"', b"[") for item in items):
        return []
    number = min(len(items), MAX_PARTS, max(workers, -(-len(items) // threshold)))
    return [*_cut(body, inputs[0], items, number)] if number > 1 else []


def _cut(body: RequestBody, place: Span, items: Sequence[Span], number: int) -> Iterator[Part]:
    raw, at = body.raw, 0
    for turn in range(number):
        end = len(items) * (turn + 1) // number
        written = b"[%b]" % raw[items[at].start : items[end - 1].end]
        text = spliced(raw, [(place, written)])
        moved = len(text) - len(raw)
        span = body.model_span
        if span is not None and span[0] > place.start:
            span = (span[0] + moved, span[1] + moved)
        yield Part(replace(body, raw=text, model_span=span, places=None), at, end - at)
        at = end


def embedded(text: bytes, part: Part) -> Embedded:
    """Raises Misplaced where it is no answer to the part."""
    told = dict(members(text, whole(text)))
    data, usage = told.get(b"data"), told.get(b"usage")
    if data is None:
        raise Misplaced("there is no data")
    items = [text[item.start : item.end] for item in elements(text, data.start)]
    if len(items) != part.items:
        raise Misplaced(f"{len(items)} embeddings for {part.items} inputs")
    placed: dict[int, bytes] = {}
    for place, item in enumerate(items):
        index = dict(members(item)).get(b"index")
        number = place if index is None else _number(item[index.start : index.end])
        if not 0 <= number < part.items or number in placed:
            raise Misplaced("the indices are not those of the inputs")
        written = b"%d" % (part.first + number)
        if index is None:
            placed[number] = b'{"index": %b%b%b' % (
                written,
                b"" if item == b"{}" else b", ",
                item[1:].lstrip(),
            )
        else:
            placed[number] = spliced(item, [(index, written)])
    return Embedded(text, data, usage, b", ".join(placed[number] for number in range(part.items)))


def joined(answers: Sequence[Embedded]) -> bytes:
    """The first part's answer with the data of all, and the sum of what they used; null where one did not tell."""
    first = answers[0]
    changes = [(first.data, b"[%b]" % b", ".join(answer.items for answer in answers))]
    if first.usage is not None:
        changes.append((first.usage, json.dumps(_used(answers)).encode()))
    return spliced(first.text, changes)


def _used(answers: Sequence[Embedded]) -> object:
    total: object = None
    for place, answer in enumerate(answers):
        told = None if answer.usage is None else _read(answer.text[answer.usage.start : answer.usage.end])
        if not isinstance(told, dict):
            return None
        total = _added(total, told) if place else told
    return total


def _added(one: object, other: object) -> object:
    """Numbers are summed, at any depth; of the rest, the first's stand."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _added(one.get(name), other.get(name)) for name in {**one, **other}}
    if _is_number(one) and _is_number(other):
        return one + other  # type: ignore[operator]  # both are numbers
    return other if one is None else one


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > 9:
        raise Misplaced("an index that is no number")
    return int(text)


def _read(text: bytes) -> object:
    try:
        return json.loads(text.decode())
    except (ValueError, RecursionError):
        return None
