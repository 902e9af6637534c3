import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.transport.encoding import FREE_OUTPUT, PIECE, EncodingError, Inflater, decoder_for


def inflated(data: bytes, size: int = 100) -> bytes:
    inflater = Inflater()
    pieces = [
        piece for start in range(0, len(data), size) for piece in inflater.feed(data[start : start + size])
    ]
    inflater.finish()
    assert all(len(piece) <= PIECE for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize("encoding", ["", "identity", "Identity, "])
def test_nothing_to_decode(encoding: str) -> None:
    assert decoder_for(encoding) is None


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "deflate", "identity, gzip"])
def test_what_is_known(encoding: str) -> None:
    assert decoder_for(encoding) is not None


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, deflate", "gzip, gzip", "gzip, br", "canary\r\n"])
def test_what_is_not_known_is_refused_unseen(encoding: str) -> None:
    with pytest.raises(EncodingError) as caught:
        decoder_for(encoding)
    assert "canary" not in str(caught.value)


@given(st.binary(max_size=5000), st.integers(1, 300))
def test_decodes_in_any_pieces(data: bytes, size: int) -> None:
    assert inflated(gzip.compress(data), size) == data
    assert inflated(zlib.compress(data), size) == data
    assert inflated(gzip.compress(data) + gzip.compress(b"more"), size) == data + b"more"


def test_an_empty_body_is_fine() -> None:
    assert inflated(b"") == b""


@pytest.mark.parametrize(
    "data", [b"plain text", gzip.compress(b"a" * 100, mtime=0)[:-3], b"\x1f\x8b\x08broken"]
)
def test_broken_input_is_told(data: bytes) -> None:
    with pytest.raises(EncodingError):
        inflated(data)


def test_a_bomb_stops_early() -> None:
    bomb = gzip.compress(bytes(100 * FREE_OUTPUT))
    sizes: list[int] = []
    with pytest.raises(EncodingError, match="grows more than"):
        sizes.extend(len(piece) for piece in Inflater().feed(bomb))
    assert sum(sizes) < 12 * FREE_OUTPUT


def test_honest_compression_of_text_passes() -> None:
    text = "".join(
        f'{{"index": {number}, "embedding": [0.{number}, 0.25]}},\n' for number in range(60_000)
    ).encode()
    assert len(text) > 2 * FREE_OUTPUT
    assert inflated(gzip.compress(text), 4096) == text


def test_what_nothing_came_out_of_did_not_break_off() -> None:
    inflater = Inflater()
    assert [*inflater.feed(b"\x1f\x8b")] == []
    with pytest.raises(EncodingError, match="is broken"):
        inflater.finish()
