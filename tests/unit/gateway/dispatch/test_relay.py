"""Recorded streams of real providers pass byte for byte, however they are chunked."""

import pytest
from fakes.wire import recorded, recordings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.gateway.dispatch.relay import (
    MAX_PRELUDE,
    MAX_READ_ANSWER,
    TAIL,
    Broken,
    PlainRelay,
    StreamRelay,
)
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.sse import DONE
from reconciler.protocol.streams import ChatStream
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS

RECORDED = [*recordings("openai-chat/*.sse"), *recordings("openai-compatible/*.sse")]


def passed(relay: StreamRelay, stream: bytes, size: int) -> bytes:
    """As a trial asks for it."""
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
    sent = [(relay.flow and relay.flow(chunk)) or relay.feed(chunk) for chunk in chunks]
    return b"".join([*sent, relay.finish()])


@pytest.mark.parametrize("path", RECORDED)
def test_a_recorded_stream_passes_unchanged(path: str) -> None:
    stream = recorded(path)
    for size in (1, 7, 4096):
        relay = StreamRelay(ChatStream())
        try:
            out = passed(relay, stream, size)
        except Broken:  # some recordings are of streams that broke
            assert relay.broken(Failure.BROKEN) is not None
            continue
        assert out.startswith(stream.rstrip(b"\r\n"))
        assert b"[DONE]" in out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_only_break(chunks: list[bytes]) -> None:
    relay = StreamRelay(ChatStream())
    sent = b""
    try:
        for chunk in chunks:
            sent += relay.feed(chunk)
        sent += relay.finish()
    except Broken:
        pass
    assert b"".join(chunks).startswith(sent)


def test_the_middle_of_a_stream_flows_where_nothing_is_held_and_nothing_is_over() -> None:
    word = b'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n'
    relay = StreamRelay(ChatStream())
    assert relay.flow is None
    assert relay.feed(word + word[:9]) == word
    assert relay.flow is None
    assert relay.feed(word[9:]) == word
    assert relay.flow is not None
    assert relay.flow(word * 2) == word * 2
    assert relay.flow(DONE) == b""
    assert relay.feed(DONE) == DONE
    assert relay.flow is None
    assert relay.text_bytes == 8


def test_the_usage_of_a_plain_answer_is_read_however_it_comes() -> None:
    relay = PlainRelay()
    for byte in b'{"usage": {"prompt_tokens": 5, "total_tokens": 5}}':
        relay.feed(bytes([byte]))
    relay.finish()
    assert relay.usage == Usage(5, 0, 5)


@pytest.mark.parametrize("size", [1000, TAIL, 3 * MAX_READ_ANSWER])
def test_the_usage_of_a_large_plain_answer_is_read_at_its_end(size: int) -> None:
    """Three MiB, in chunks of each size; no more is kept than is read."""
    relay = PlainRelay()
    answer = (
        b'{"data": ["' + b"x" * 3 * MAX_READ_ANSWER + b'"], "usage": {"prompt_tokens": 5, "total_tokens": 5}}'
    )
    for start in range(0, len(answer), size):
        chunk = answer[start : start + size]
        assert relay.feed(chunk) == chunk
        assert len(relay._kept) <= MAX_READ_ANSWER
    assert len(relay._kept) <= 2 * TAIL
    assert relay.finish() == b""
    assert relay.usage == Usage(5, 0, 5)


@pytest.mark.parametrize("pad", [b"x", b"x" * 2 * MAX_READ_ANSWER])
def test_why_a_plain_answer_ended_is_read_where_its_endpoint_says_how(pad: bytes) -> None:
    answer = b'{"choices":[{"message":{"content":"' + pad + b'"},"finish_reason":"length"}],"usage":{}}'
    relay = PlainRelay(ENDPOINTS[Endpoint.CHAT].finish)
    relay.read(answer)
    assert relay.finish_reason == "length"
    other = PlainRelay(ENDPOINTS[Endpoint.EMBEDDINGS].finish)
    other.read(answer)
    assert other.finish_reason is None


def test_a_large_plain_answer_that_tells_its_usage_first_is_uncounted() -> None:
    relay = PlainRelay()
    relay.feed(b'{"usage": {"prompt_tokens": 5}, "data": "')
    relay.feed(b"x" * MAX_READ_ANSWER)
    relay.feed(b'"}')
    assert relay.finish() == b""
    assert relay.usage is None


def test_an_unreadable_last_event_is_left_out() -> None:
    relay = StreamRelay(ChatStream())
    stop = b'data: {"choices": [{"finish_reason": "stop"}]}\n\n'
    assert relay.feed(stop + b"data: {") == stop
    assert relay.finish() == b"data: [DONE]\n\n"


# --- comments before the first event ----------------------------------------------------------------------------

COMMENT = b": still working\n\n"
FIRST = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}}]}\n\n'


@pytest.mark.parametrize("size", [1, 5, 4096])
def test_comments_wait_for_the_first_event_and_come_with_it(size: int) -> None:
    relay = StreamRelay(ChatStream())
    comments = COMMENT + b": and again\r\n\r\nretry: 5\n\n"
    for start in range(0, len(comments), size):
        assert relay.feed(comments[start : start + size]) == b""
    assert relay.feed(FIRST) == comments + FIRST
    assert relay.feed(COMMENT) == COMMENT, "from there on they pass as they come"


def test_only_so_much_of_them_is_kept() -> None:
    relay = StreamRelay(ChatStream())
    for _ in range(2 * MAX_PRELUDE // len(COMMENT)):
        assert relay.feed(COMMENT) == b""
    kept = MAX_PRELUDE // len(COMMENT)
    assert relay.feed(FIRST) == kept * COMMENT + FIRST


def test_a_stream_of_comments_alone_is_no_answer() -> None:
    relay = StreamRelay(ChatStream())
    relay.feed(COMMENT + b": cut")
    with pytest.raises(Broken):
        relay.finish()


def test_a_first_event_that_lacks_its_blank_line_comes_with_them_too() -> None:
    relay = StreamRelay(ChatStream())
    assert relay.feed(COMMENT + b'data: {"choices": [{"index": 0, "finish_reason": "stop"}]}') == b""
    assert (
        relay.finish()
        == COMMENT + b'data: {"choices": [{"index": 0, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    )


@pytest.mark.parametrize("sent", [b"", b": alive\n\n"])
def test_a_stream_without_an_event_is_empty(sent: bytes) -> None:
    relay = StreamRelay(ChatStream())
    relay.feed(sent)
    with pytest.raises(Broken, match="answered with an empty stream"):
        relay.finish()
