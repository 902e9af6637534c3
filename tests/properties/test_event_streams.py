"""Random bytes as streams of every kind, in any pieces: the same passes, the same is counted, and what is held is bounded."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import size

from reconciler.protocol.sse import Decoder, EventTooLarge, WholeEvents
from reconciler.protocol.streams import ChatStream, EventStream, MediaStream, MessagesStream, ResponsesStream

KINDS = ("chat", "chat, usage hidden", "responses", "messages", "media")


def made(kind: str) -> EventStream:
    match kind:
        case "responses":
            return ResponsesStream()
        case "messages":
            return MessagesStream()
        case "media":
            return MediaStream()
        case _:
            return ChatStream(hides_usage="hidden" in kind)


USAGE = b'{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}'
words = st.sampled_from([
    b"data:", b"data: ", b"event: error", b"event: message_stop", b"id: 1", b": note", b"retry: 1", b"[DONE]",
    b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\r\r", b"\xef\xbb\xbf", b"\x00", b"\xe4\xb8\x96", b"\xe4\xb8", b"\xff",
    b'{"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}',
    b'data: {"choices":[{"delta":{"content":"hi"}}],"usage":null}\n\n', b'data: {"choices":[{"delta":{"content":""}}],"usage":null}\n\n',
    b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    b'{"choices":[],"usage":' + USAGE + b"}",
    b'{"choices":[],"usage":null}',
    b'{"choices":[{"delta":{"content":"data: [DONE]\\n\\n"}}],"usage":null}',
    b'{"usage":"many"}', b'{"usage":{"prompt_tokens":-1,"total_tokens":1e400}}', b'{"choices":{"usage":[[]]}}',
    b'{"error":{"message":"m"}}', b'{"type":"error"}', b'{"type":"response.completed","response":{"usage":' + USAGE + b"}}",
    b'{"type":"message_start","message":{"usage":{"input_tokens":9}}}',
    b'{"type":"message_delta","usage":{"output_tokens":5}}', b'{"type":"message_stop"}',
    b'{"type":"speech.audio.done"}', b"[" * 2000, b'{"a":', b"}",
])  # fmt: skip
streams = st.lists(st.one_of(words, st.binary(max_size=4)), max_size=25).map(b"".join)
cuts = st.lists(st.integers(0, 3000), max_size=12)


def pieces(whole: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(whole), *(cut for cut in at if cut < len(whole))})
    return [whole[start:stop] for start, stop in pairwise(places)]


def told(kind: str, chunks: list[bytes]) -> tuple[bytes, object]:
    """What passes, as a relay has it, and what is known at the end."""
    stream, held, passed = made(kind), WholeEvents(), b""
    for chunk in chunks:
        if (
            not stream.done
            and stream.middle is not None
            and not held.holds
            and (sent := stream.middle(chunk))
        ):
            passed += sent
        elif not stream.done:
            whole = held.feed(chunk)
            passed += stream.pass_on(whole) if whole else b""
    passed += stream.finish(held.finish())
    # the LF of a last CRLF may come too late to belong to anything
    return passed.rstrip(b"\r\n"), (
        stream.complete, stream.failed, stream.done, stream.usage, stream.prompt_tokens, stream.error_event.__name__
    )  # fmt: skip


@pytest.mark.torture
@settings(max_examples=size("STREAMS"), deadline=None)
@given(st.sampled_from(KINDS), streams, cuts)
def test_however_it_comes_the_same_passes(kind: str, whole: bytes, at: list[int]) -> None:
    assert told(kind, pieces(whole, at)) == told(kind, [whole] if whole else [])


@pytest.mark.torture
@settings(max_examples=size("STREAMS"), deadline=None)
@given(st.sampled_from(KINDS), streams, cuts)
def test_nothing_is_made_up(kind: str, whole: bytes, at: list[int]) -> None:
    """What passes is what came, in order; but for null usages that are hidden, and the end of a line or of the stream."""
    passed, _ = told(kind, pieces(whole, at))
    if "hidden" not in kind:
        came = passed.removesuffix(b"data: [DONE]").rstrip(b"\r\n")
        assert whole.startswith(came)


@pytest.mark.torture
@settings(max_examples=size("STREAMS"), deadline=None)
@given(streams, cuts, st.integers(10, 200))
def test_what_is_held_is_bounded(whole: bytes, at: list[int], limit: int) -> None:
    held, decoder = WholeEvents(limit), Decoder(limit)
    try:
        for chunk in pieces(whole, at):
            held.feed(chunk)
            assert len(held._held) <= limit + len(chunk)
    except EventTooLarge:
        pass
    try:
        for chunk in pieces(whole, at):
            assert all(len(event.data) <= limit for event in decoder.feed(chunk))
            assert len(decoder._line) + decoder._fields.size <= limit
        decoder.finish()
    except EventTooLarge:
        pass
