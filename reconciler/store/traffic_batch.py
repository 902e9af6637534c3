"""A batch of requests as columns, and as bytes. A column whose values are all one is written as that value."""

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from reconciler.errors import StoreError

Value: TypeAlias = str | int | None
Columns: TypeAlias = Mapping[str, Sequence[Value]]
"""By the names of RequestRow's fields, all of one length."""

_PLAIN, _DEFLATED = b"j", b"z"
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
    """There is at least one value in each."""
    told = {
        name: values[0] if values.count(values[0]) == len(values) else values
        for name, values in columns.items()
    }
    text = json.dumps(told, separators=(",", ":"), check_circular=False).encode()
    return _DEFLATED + zlib.compress(text, _LEVEL) if len(text) > _WORTH_IT else _PLAIN + text


def decoded(data: bytes, count: int) -> Columns:
    """Raises StoreError for what was not encoded so. A column of another version that is missing is None throughout."""
    try:
        text = zlib.decompress(data[1:]) if data[:1] == _DEFLATED else data[1:]
        told = json.loads(text)
        columns = {
            name: values if isinstance(values, list) else [values] * count for name, values in told.items()
        }
    except (zlib.error, ValueError, AttributeError) as error:
        raise damaged() from error
    if any(len(values) != count for values in columns.values()):
        raise damaged()
    return {name: columns.get(name, [None] * count) for name in RequestRow._fields}


def joined(batches: Sequence[Columns]) -> Columns:
    """One after the other."""
    return {name: [value for batch in batches for value in batch[name]] for name in RequestRow._fields}


def damaged(path: Path | None = None) -> StoreError:
    where = f" in {path}" if path is not None else ""
    return StoreError(
        f"the records of requests{where} are damaged",
        hint="the file beside the store that is named -traffic holds no configuration: remove it, and it is made again",
    )
