import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.sse import (
    Decoder,
    EventTooLarge,
    ServerSentEvent,
    WholeEvents,
    blocks,
    data_event,
    holds_event,
)

lines = st.sampled_from(
    [b"data: a", b"data:b", b"data", b"data:  c", b": note", b":", b"event: e", b"id: 7", b"retry: 5", b"other: x",
     b"", b"", "data: жё🍎".encode(), b"data: [DONE]", b"id: a\0b"]
)  # fmt: skip
streams = st.lists(st.tuples(lines, st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=12).map(
    lambda pairs: b"".join(line + end for line, end in pairs)
)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[start:end] for start, end in pairwise(places)]


def feed_all(reader: Decoder | WholeEvents, chunks: list[bytes]) -> None:
    for chunk in chunks:
        reader.feed(chunk)


def decoded(chunks: list[bytes]) -> list[ServerSentEvent]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.finish()


@given(streams, st.lists(st.integers(0, 500), max_size=8))
def test_any_chunking_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    assert decoded(pieces(stream, cuts)) == decoded([stream])
    assert decoded([bytes([byte]) for byte in stream]) == decoded([stream])


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_each_line_end(end: bytes) -> None:
    stream = end.join(
        [b"event: tick", b"id: 1", b"data:a", b"data:  b", b"", b": note", b"data: c", b"", b""]
    )
    assert decoded([stream]) == [ServerSentEvent(b"a\n b", "tick", "1"), ServerSentEvent(b"c", "", "1")]


def test_a_byte_order_mark_is_skipped() -> None:
    assert decoded([b"\xef", b"\xbb\xbfdata: a\n\n"]) == [ServerSentEvent(b"a")]
    assert decoded([b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n"]) == [ServerSentEvent(b"a")]


def test_fields_that_carry_nothing() -> None:
    assert decoded([b": only a comment\n\nevent: e\n\nretry: 10\n\n\n"]) == []
    assert decoded([b"data\n\n"]) == [ServerSentEvent(b"")]
    assert decoded([b"id: a\0b\ndata: x\n\n"]) == [ServerSentEvent(b"x")]


def test_an_event_name_does_not_outlive_its_event() -> None:
    assert decoded([b"event: e\n\ndata: a\n\n"]) == [ServerSentEvent(b"a")]


def test_the_end_of_the_input_ends_an_event() -> None:
    assert decoded([b"data: a\n"]) == decoded([b"data: a"]) == [ServerSentEvent(b"a")]


@pytest.mark.parametrize(
    "stream",
    [b"data: " + b"x" * 200, b"data: x\n" * 60, b"data: " + b"x" * 200 + b"\n\n", b": " + b"x" * 200],
)
def test_lines_and_events_are_bounded(stream: bytes) -> None:
    for chunks in ([stream], [bytes([byte]) for byte in stream]):
        decoder = Decoder(limit=100)
        with pytest.raises(EventTooLarge, match="100 bytes"):
            feed_all(decoder, chunks)


def test_many_small_events_are_not_too_large() -> None:
    decoder = Decoder(limit=100)
    assert len(decoder.feed(b"data: x\n\n" * 1000)) == 1000
    assert len(decoder.feed(b": note\n" * 1000 + b"data: x\n\n")) == 1


def test_an_endless_line_in_small_pieces_is_cheap() -> None:
    decoder = Decoder(limit=2**20)
    with pytest.raises(EventTooLarge):
        feed_all(decoder, [b"x" * 64] * 2**15)


@given(st.binary().map(lambda data: data.replace(b"\r\n", b"").replace(b"\r", b"")))
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    assert [event.data for event in decoded([data_event(data)])] in ([data], [data.removesuffix(b"\n")])


@pytest.mark.parametrize("text", ["data: [DONE]", "\n\ndata: [DONE]\n\n", "\r\n\r\nevent: x\r\r", "\u2028"])
def test_no_text_can_end_its_event(text: str) -> None:
    for ascii_only in (True, False):
        encoded = data_event(json.dumps({"content": text}, ensure_ascii=ascii_only).encode())
        events = decoded([encoded])
        assert [json.loads(event.data) for event in events] == [{"content": text}]
    assert [event.data for event in decoded([data_event(text.encode())])] != [b"[DONE]"]


# --- WholeEvents -------------------------------------------------------------------------------------------------


@given(streams, st.lists(st.integers(0, 500), max_size=8))
def test_bytes_pass_unchanged_and_stop_only_between_events(stream: bytes, cuts: list[int]) -> None:
    whole = WholeEvents()
    passed = b""
    for chunk in pieces(stream, cuts):
        passed += whole.feed(chunk)
        before = decoded([passed])
        assert decoded([passed + data_event(b"next")])[:-1] == before
    assert passed + whole.finish() == stream


def test_the_usual_chunk_is_not_copied() -> None:
    chunk = b"data: a\n\ndata: b\n\n"
    assert WholeEvents().feed(chunk) is chunk


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n"])
def test_a_partial_event_is_held_back(end: bytes) -> None:
    whole = WholeEvents()
    assert whole.feed(b"data: a" + end + b"data: b") == b"data: a" + end
    assert whole.feed(end) == b"data: b" + end
    assert whole.feed(b"data: c\n") == b""
    assert whole.finish() == b"data: c\n"


def test_what_is_held_back_is_bounded() -> None:
    whole = WholeEvents(limit=100)
    with pytest.raises(EventTooLarge):
        feed_all(whole, [b"x"] * 101)


# --- blocks ------------------------------------------------------------------------------------------------------


@given(streams)
def test_blocks_are_the_stream_cut_between_events(stream: bytes) -> None:
    cut = blocks(stream)
    assert b"".join(cut) == stream
    data = [event.data for block in cut for event in decoded([block])]
    assert data == [event.data for event in decoded([stream])]


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n"])
def test_a_line_end_is_no_blank_line(end: bytes) -> None:
    assert blocks(b"event: a\r\ndata: b" + end + b"data: c") == [b"event: a\r\ndata: b" + end, b"data: c"]
    assert blocks(b"") == []


@pytest.mark.parametrize(
    ("whole", "holds"),
    [
        (b"data: x\n\n", True),
        (b"\xef\xbb\xbfdata: x\n\n", True),
        (b": c\n\ndata\n\n", True),
        (b"event: e\rdata:x\r\r", True),
        (b": data: x\n\n", False),
        (b"event: data\nid: 1\n\n", False),
        (b"database: x\n\n", False),
        (b"\n\n", False),
    ],
)
def test_what_is_an_event_and_what_is_none(whole: bytes, holds: bool) -> None:
    assert holds_event(whole) is holds
    assert bool(Decoder().feed(whole)) is holds
