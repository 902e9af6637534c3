"""A batch of requests as columns, and as bytes: pieces, one after the other, as they were taken together.

A piece is how long its head is and the rest, and how many requests it holds; its head, which is JSON, compressed where
that is worth it; and the bytes of its columns (see `traffic_column`).
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from struct import Struct
from struct import error as StructError  # noqa: N812  named as the class that it is
from typing import NamedTuple, TypeAlias

from reconciler.errors import StoreError
from reconciler.store.traffic_column import Head, Value, counted, packed, unpacked
from reconciler.store.traffic_units import dollars

__all__ = [
    "PIECE",
    "UNITS",
    "Columns",
    "RequestRow",
    "Value",
    "damaged",
    "decoded",
    "encoded",
    "heads",
    "joined",
]

Columns: TypeAlias = Mapping[str, Sequence[Value]]
"""By the names of RequestRow's fields, all of one length."""

PIECE = b"p"
"""How each piece begins."""
_FRAME = Struct("<cIII")
_PLAIN, _DEFLATED = b"j", b"z"
"""Batches of former versions, JSON throughout."""
_OBJECT = b"{"
UNITS = "units"
"""In the place of `cost`: the same as numbers of `traffic_units`, which nobody need make texts of before they are read."""
_COST = "cost"
_ID = "id"
_LARGEST = 64 * 1024 * 1024
"""Of a head, unpacked."""
_WORTH_IT = 512
_LEVEL = 1


class RequestRow(NamedTuple):
    """One request. Times are milliseconds since the epoch, durations microseconds, costs decimal text in US dollars.

    `time` is its start. `trail` is JSON of its attempts and of who was passed over; None where one attempt was
    answered. Tokens are None where nothing is known, `cost` also where a price is not. `own` is what the gateway took
    for itself. `client` is the name of a ClientKey, `metadata` JSON of what that says of itself.
    `finish_reason` is why the answer ended, in its protocol's word. `stream` and `estimated` (the tokens) are 0 or 1.
    """

    id: str
    time: int
    instance: str
    namespace: str
    revision: int
    endpoint: str
    asked: str | None
    model: str | None
    provider: str | None
    binding: str | None
    status: int
    ending: str
    stream: int
    attempts: int
    trail: str | None
    tokens_in: int | None
    tokens_out: int | None
    estimated: int
    cost: str | None
    duration: int
    first_byte: int | None
    own: int | None
    session: str | None = None
    client: str | None = None
    trace: str | None = None
    metadata: str | None = None
    finish_reason: str | None = None


def encoded(columns: Columns) -> bytes:
    """A piece. There is at least one value in each column."""
    told: dict[str, Head] = {}
    parts: list[bytes] = []
    for name, values in columns.items():
        told[name], data = counted(values) if name == _ID else packed(values)
        parts.append(data)
    head = json.dumps(told, separators=(",", ":"), check_circular=False).encode()
    if len(head) > _WORTH_IT:
        head = zlib.compress(head, _LEVEL)
    rest = b"".join(parts)
    return b"".join((_FRAME.pack(PIECE, len(head), len(rest), len(columns["time"])), head, rest))


def decoded(data: bytes, count: int) -> Columns:
    """Raises StoreError for what was not encoded so. A column of another version that is missing is None throughout."""
    try:
        columns = (
            _older(data, count) if data[:1] in {_PLAIN, _DEFLATED} else _together([*_pieces(data, count)])
        )
    except (zlib.error, StructError, ValueError, AttributeError, TypeError, LookupError) as error:
        raise damaged() from error
    if any(len(values) != count for values in columns.values()):
        raise damaged()
    return {name: columns.get(name, [None] * count) for name in RequestRow._fields}


def heads(data: bytes) -> Iterator[bytes]:
    """Of the pieces of a batch: all that is text in it, but for names that the gateway makes itself.

    Raises StoreError where it is none.
    """
    try:
        for head, _, _ in _frames(data):  # as one expression, compiled code would read all of them first
            yield head
    except (zlib.error, StructError, ValueError) as error:
        raise damaged() from error


def _frames(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Head, bytes, and how many requests, of each piece."""
    end = 0
    while end < len(data):
        kind, head, rest, count = _FRAME.unpack_from(data, end)
        begin = end + _FRAME.size
        start, end = begin + head, begin + head + rest
        if kind != PIECE or end > len(data):
            raise ValueError(kind)
        text = data[begin:start]
        if text[:1] != _OBJECT:
            text = zlib.decompressobj().decompress(text, _LARGEST)
        yield text, data[start:end], count


def _pieces(data: bytes, count: int) -> Iterator[Columns]:
    for head, rest, held in _frames(data):
        count -= held
        if count < 0:
            raise ValueError(count)
        yield _piece(head, rest, held)


def _piece(head: bytes, data: bytes, count: int) -> Columns:
    told = json.loads(head)
    columns: dict[str, Sequence[Value]] = {}
    for name, how in told.items():
        columns[name], data = unpacked(how, data, count)
    if UNITS in columns:
        columns[_COST] = [dollars(each) if isinstance(each, int) else None for each in columns.pop(UNITS)]
    return columns


def _together(pieces: Sequence[Columns]) -> Columns:
    """Of one batch."""
    names = pieces[0].keys()
    return {name: [*chain.from_iterable(piece[name] for piece in pieces)] for name in names}


def _older(data: bytes, count: int) -> Columns:
    """JSON throughout, as it was written before: a column that is all one as that value."""
    told = json.loads(zlib.decompress(data[1:]) if data[:1] == _DEFLATED else data[1:])
    return {name: values if isinstance(values, list) else [values] * count for name, values in told.items()}


def joined(batches: Sequence[Columns]) -> Columns:
    """One after the other."""
    return {name: [value for batch in batches for value in batch[name]] for name in RequestRow._fields}


def damaged(path: Path | None = None) -> StoreError:
    where = f" in {path}" if path is not None else ""
    return StoreError(
        f"the records of requests{where} are damaged",
        hint="the file beside the store that is named -traffic holds no configuration: remove it, and it is made again",
    )
