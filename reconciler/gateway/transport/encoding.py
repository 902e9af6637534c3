"""Undoing a content-encoding that nobody asked for.

Requests ask for `identity`, since what is passed on must be readable event by event. An upstream, or a proxy before
it, that compresses all the same is decoded in pieces, and not beyond what honest compression of text reaches.
"""

import zlib
from collections.abc import Iterator

from reconciler.gateway.transport.failures import BAD_COMPRESSION, UNKNOWN_CODING

PIECE = 64 * 1024
"""Bytes that are decoded at a time."""

MAX_RATIO = 100
"""Bytes that one byte may become, once more than FREE_OUTPUT came out. Zlib's own limit is about 1,000."""

FREE_OUTPUT = 1024 * 1024

_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS


class EncodingError(Exception):
    """The answer can't be decoded. The message holds nothing of its content."""


def decoder_for(content_encoding: str) -> "Inflater | None":
    """None where nothing is to be done. Raises EncodingError for an encoding that is not known, and for several, one upon
    the other.
    """
    told = (name.strip().lower() for name in content_encoding.split(","))
    names = [name for name in told if name not in {"", "identity"}]
    if not names:
        return None
    if len(names) == 1 and names[0] in _KNOWN:
        return Inflater()
    raise EncodingError(UNKNOWN_CODING)


class Inflater:
    """gzip or zlib, with a bound on how much comes out."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
        self._in = 0
        self._out = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Pieces of at most PIECE bytes. Raises EncodingError for broken or bloated input."""
        self._in += len(chunk)
        rest = chunk
        while rest:
            if self._inflate.eof:  # a gzip file may have several members
                self._inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
            try:
                piece = self._inflate.decompress(rest, PIECE)
            except zlib.error:
                raise EncodingError(BAD_COMPRESSION) from None
            self._out += len(piece)
            if self._out > FREE_OUTPUT and self._out > MAX_RATIO * self._in:
                raise EncodingError(f"the compressed answer grows more than {MAX_RATIO} times")
            if piece:
                yield piece
            rest = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail

    def finish(self) -> None:
        """Raises EncodingError where the input ended in the middle."""
        if self._in and not self._inflate.eof:
            raise EncodingError("the compressed answer broke off" if self._out else BAD_COMPRESSION)
