"""What a database holds packed, for who looks into it: compressed texts are no plain bytes of its file."""

import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from reconciler.errors import StoreError
from reconciler.store import failures, files
from reconciler.store.traffic_batch import PIECE, heads

MAGIC = b"SQLite format 3\0"
LARGEST = 64 * 1024 * 1024
"""Of one value, unpacked: what is longer is looked at so far."""
_DEFLATED = b"z"


def packed_texts(path: Path) -> Iterator[bytes]:
    """Each compressed value of any SQLite database, unpacked. Raises StoreError where it can't be read."""
    with failures.translated(path), closing(files.connect_readonly(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            quoted = str(table).replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608  a table's own name
                yield from (text for value in row if (text := _unpacked(value)))


def _unpacked(value: object) -> bytes:
    if not isinstance(value, bytes) or not value.startswith((_DEFLATED, PIECE)):
        return b""
    try:
        if value.startswith(PIECE):
            return _whole_heads(value)
        return zlib.decompressobj().decompress(value[1:], LARGEST)
    except zlib.error:
        return b""


def _whole_heads(pieces: bytes) -> bytes:
    """Those that stand before what is damaged."""
    found: list[bytes] = []
    with suppress(StoreError):
        found.extend(heads(pieces))
    return b"\n".join(found)
