import base64
import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from fakes.wire import recorded, recordings, streamed
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol import errors
from reconciler.protocol.sse import DONE, Decoder, ServerSentEvent, WholeEvents, data_event
from reconciler.protocol.streams import ChatStream, EventStream, MediaStream, MessagesStream, ResponsesStream
from reconciler.protocol.usage import Usage


def through(stream: EventStream, sent: bytes, size: int = 7) -> bytes:
    """What a client gets of it, in chunks of that size, its end included."""
    whole, passed = WholeEvents(), b""
    for start in range(0, len(sent), size):
        passed += stream.pass_on(whole.feed(sent[start : start + size]))
        if stream.done:
            return passed
    return passed + stream.finish(whole.finish())


def watched(sent: bytes, size: int = 7) -> ChatStream:
    stream = ChatStream()
    through(stream, sent, size)
    return stream


def events_of(sent: bytes) -> list[ServerSentEvent]:
    return Decoder().feed(sent)


# --- chat and text completions -----------------------------------------------------------------------------------

CONTENT = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n'


@pytest.mark.parametrize("path", recordings("openai-c*/*.sse"))
def test_recorded_streams_are_complete(path: str) -> None:
    sent = recorded(path)
    stream = watched(sent)
    assert stream.complete
    assert watched(sent, len(sent)).usage == stream.usage
    assert (b'"usage":{' in sent.replace(b" ", b"")) == (stream.usage is not None)


@pytest.mark.parametrize(
    ("path", "complete", "usage"),
    [
        ("edge/crlf-nospace.sse", True, None),
        ("edge/keepalive-comments.sse", True, None),
        ("edge/no-done.sse", True, None),
        ("edge/truncated.sse", False, None),
        ("edge/mid-stream-error-openai.sse", False, None),
        ("edge/empty-delta-and-empty-choices.sse", True, Usage(3, 1, 4)),
    ],
)
def test_odd_streams(path: str, complete: bool, usage: Usage | None) -> None:
    stream = watched(recorded(path))
    assert (stream.complete, stream.usage) == (complete, usage)


def test_characters_cut_between_chunks() -> None:
    chunks = [
        base64.b64decode(chunk) for chunk in json.loads(recorded("edge/utf8-split.chunks.json"))["chunks"]
    ]
    stream, whole = ChatStream(hides_usage=True), WholeEvents()
    passed = b"".join(stream.pass_on(whole.feed(chunk)) for chunk in chunks)
    assert json.loads(events_of(passed)[0].data)["choices"][0]["delta"]["content"] == "Hé 世界 🌍"
    assert stream.complete


def test_an_error_chunk_before_done_is_a_failure() -> None:
    (sent,) = streamed("openai-compatible/openrouter-exchange-stream-error.json")
    stream = watched(sent)
    assert (stream.done, stream.failed, stream.complete) == (True, True, False)
    assert stream.usage == Usage(43, 10, 53)


def test_content_that_looks_like_an_end_is_none() -> None:
    text = '"finish_reason": "stop" data: [DONE]\n\ndata: [DONE]\n\n"usage": {"total_tokens": 5}, "error": {"a": 1}'
    chunk = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    stream = watched(data_event(json.dumps(chunk).encode()))
    assert (stream.complete, stream.usage, stream.failed) == (False, None, False)
    nested = {"choices": [{"delta": {"x": {"finish_reason": "stop", "usage": {"total_tokens": 1}}}}]}
    stream = watched(data_event(json.dumps(nested).encode()))
    assert (stream.complete, stream.usage) == (False, None)


@pytest.mark.parametrize(
    "data",
    [
        b'{"finish_reason": "stop"',
        b'["finish_reason", {"finish_reason": "stop"}]',
        b'{"choices": "finish", "usage": "x"}',
        b'{"choices": ["x", {"finish_reason": null}], "usage": 5}',
        b'{"usage":' + b"[" * 50_000,
    ],
)
def test_nonsense_is_no_end(data: bytes) -> None:
    stream = watched(data_event(data), 1000)
    assert (stream.complete, stream.usage) == (False, None)


def test_usage_is_replaced_not_added() -> None:
    sent = [data_event(b'{"usage": {"total_tokens": %d}}' % count) for count in (3, 5, -5)]
    assert watched(b"".join(sent)).usage == Usage(5, 0, 5)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_usage_that_the_client_did_not_ask_for_is_read_and_left_out(size: int) -> None:
    stream = ChatStream(hides_usage=True)
    passed = through(stream, CONTENT + STOP + USAGE + DONE, size)
    assert passed == (CONTENT + STOP).replace(b',"usage":null', b"") + DONE
    assert stream.usage == Usage(3, 4, 7)


def test_usage_that_the_client_asked_for_passes() -> None:
    sent = CONTENT + STOP + USAGE + DONE
    assert through(ChatStream(), sent) == sent


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n',
        b'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":7}}\n\n',
        b'data: {"choices":[{"delta":{"content":"said: ,\\"usage\\":null"}}]}\n\n',
        b': "usage"\n\n',
        b"data: [DONE]x\n\n",
    ],
)
def test_nothing_else_is_left_out(event: bytes) -> None:
    assert ChatStream(hides_usage=True).pass_on(event) == event


def test_behind_done_nothing_passes() -> None:
    assert ChatStream().pass_on(STOP + DONE + DONE + CONTENT) == STOP + DONE
    stream = ChatStream()
    assert stream.pass_on(STOP + DONE) == STOP + DONE
    assert stream.finish(b"data: junk") == b""


def test_what_the_end_lacks_is_added() -> None:
    assert through(ChatStream(), STOP) == STOP + DONE
    assert through(ChatStream(), STOP.rstrip()) == STOP + DONE
    assert through(ChatStream(), STOP + USAGE[:30]) == STOP + DONE
    assert through(ChatStream(), CONTENT) == CONTENT


def test_the_text_is_measured() -> None:
    sent = recorded("openai-chat/stream-text.sse")
    deltas = [json.loads(event.data) for event in events_of(sent) if event.data != b"[DONE]"]
    contents = [choice["delta"].get("content") or "" for chunk in deltas for choice in chunk["choices"]]
    assert watched(sent).text_bytes == len("".join(contents).encode())


def test_the_error_is_one_event() -> None:
    (event,) = events_of(ChatStream().error_event(errors.stream_broken()))
    assert json.loads(event.data)["error"]["code"] == "upstream_broken"


# --- typed events ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("path", "made", "usage"),
    [
        ("openai-responses/lmstudio-stream-tool-call.sse", ResponsesStream, Usage(182, 61, 243)),
        ("openai-responses/stream-custom-tool.sse", ResponsesStream, None),
        ("azure-openai/responses-stream-tool-call.sse", ResponsesStream, None),
        ("anthropic/stream-text.sse", MessagesStream, None),
        ("anthropic/stream-tool-use.sse", MessagesStream, None),
        ("anthropic/stream-thinking.sse", MessagesStream, None),
        ("anthropic/stream-refusal-2.sse", MessagesStream, Usage(20, 0, 20)),
        ("anthropic/stream-message-delta-input-tokens.sse", MessagesStream, None),
    ],
)
def test_recorded_typed_streams_pass_unchanged(
    path: str, made: Callable[[], EventStream], usage: Usage | None, size: int
) -> None:
    sent, stream = recorded(path), made()
    passed = through(stream, sent, size)
    assert passed.rstrip() == sent.rstrip()
    assert (stream.complete, stream.done, stream.failed) == (True, True, False)
    assert stream.usage is not None
    assert usage is None or stream.usage == usage


@pytest.mark.parametrize("path", [*recordings("anthropic/*.sse"), *recordings("openai-responses/*.sse")])
def test_a_typed_stream_that_is_cut_is_not_complete(path: str) -> None:
    sent = recorded(path).rstrip()
    stream: EventStream = MessagesStream() if path.startswith("anthropic") else ResponsesStream()
    through(stream, sent[: sent.rindex(b"data:")])
    assert not stream.complete


def test_an_error_of_openais_responses() -> None:
    stream = ResponsesStream()
    sent = recorded("openai-responses/stream-error.sse")
    assert through(stream, sent).rstrip() == sent.rstrip()
    assert (stream.failed, stream.complete) == (True, False)


def test_an_error_of_anthropics() -> None:
    stream = MessagesStream()
    through(stream, recorded("edge/mid-stream-error-anthropic.sse"))
    assert (stream.failed, stream.complete) == (True, False)


@pytest.mark.parametrize("made", [ResponsesStream, MessagesStream, MediaStream])
def test_an_error_without_a_type_is_one_as_well(made: Callable[[], EventStream]) -> None:
    stream = made()
    stream.pass_on(b'data: {"error": {"message": "no"}}\n\n')
    assert stream.failed


def test_the_end_is_known_by_the_name_alone_too() -> None:
    stream = MessagesStream()
    stream.pass_on(b'event: message_stop\ndata: {"x": "message_stop"}\n\n')
    assert stream.complete


def test_an_incomplete_response_is_a_whole_answer() -> None:
    usage = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    last = {"type": "response.incomplete", "response": {"usage": usage}}
    stream = ResponsesStream()
    stream.pass_on(data_event(json.dumps(last).encode()) + DONE)
    assert (stream.complete, stream.usage) == (True, Usage(3, 4, 7))


def test_only_deltas_of_a_response_are_measured() -> None:
    stream = ResponsesStream()
    stream.pass_on(b'data: {"type":"response.output_text.delta","delta":"four"}\n\n')
    stream.pass_on(b'data: {"type":"response.output_text.done","text":"four"}\n\n')
    assert stream.text_bytes == 4


def test_what_a_message_began_with_is_known_before_its_end() -> None:
    stream = MessagesStream()
    usage = {"input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 1}
    stream.pass_on(
        data_event(json.dumps({"type": "message_start", "message": {"usage": usage}}).encode())
        + b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"hello"}}\n\n'
    )
    assert (stream.usage, stream.prompt_tokens, stream.text_bytes) == (None, 12, 5)
    stream.pass_on(b'data: {"type":"message_delta","usage":{"output_tokens":9}}\n\n')
    stream.pass_on(b'data: {"type":"message_delta","delta":{}}\n\n')
    assert stream.usage == Usage(12, 9, 21)


def test_pictures_may_follow_one_another() -> None:
    stream = MediaStream()
    picture = b'event: image_generation.completed\ndata: {"type":"image_generation.completed","usage":{"input_tokens":1,"output_tokens":2}}\n\n'
    assert stream.pass_on(picture) == picture
    assert (stream.complete, stream.done, stream.usage) == (True, False, Usage(1, 2, 3))
    assert stream.pass_on(picture + DONE + picture) == picture + DONE
    assert stream.finish(b"") == b""


def test_a_transcript_ends_without_its_blank_line() -> None:
    stream = MediaStream()
    last = b'data: {"type":"transcript.text.done","text":"hello"}'
    assert (stream.finish(last), stream.complete) == (last + b"\n\n", True)
    assert stream.text_bytes == 0


def test_errors_of_typed_streams_are_in_their_own_shape() -> None:
    stream = ResponsesStream()
    stream.pass_on(b'event: response.created\ndata: {"type":"response.created"}\n\n')
    stream.pass_on(b'event: response.completed\ndata: {"type":"x","of":"response.completed"}\n\n')
    (event,) = events_of(stream.error_event(errors.stream_broken()))
    told = json.loads(event.data)
    assert (event.event, told["type"], told["sequence_number"]) == ("error", "error", 2)
    assert told["error"]["code"] == told["code"] == "upstream_broken"
    (event,) = events_of(MessagesStream().error_event(errors.stream_broken(timed_out=True)))
    told = json.loads(event.data)
    assert (event.event, told["type"], told["error"]["type"]) == ("error", "error", "api_error")
    (event,) = events_of(MediaStream().error_event(errors.stream_broken()))
    assert json.loads(event.data)["error"]["code"] == "upstream_broken"


EVENTS = st.sampled_from(
    [CONTENT, STOP, USAGE, DONE, b": note\n\n", b"data: {\n\n", b"event: error\ndata: {}\n\n",
     b'data: {"error": {"a": 1}}\r\n\r\n', b'data:{"type":"message_stop"}\n\n', b"\xff\xfe\n\n"]
)  # fmt: skip


@given(st.lists(EVENTS, max_size=6), st.lists(st.integers(0, 400), max_size=6), st.booleans())
def test_however_it_is_chunked_the_same_passes(sent: list[bytes], cuts: list[int], hides: bool) -> None:
    whole = b"".join(sent)
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    for made in (lambda: ChatStream(hides_usage=hides), ResponsesStream, MessagesStream, MediaStream):
        one, other, held, passed = made(), made(), WholeEvents(), b""
        for start, stop in pairwise(places):
            if not other.done:
                passed += other.pass_on(held.feed(whole[start:stop]))
        if other.done and passed.endswith(b"\r"):
            passed += b"\n"  # which came after the end of what is passed on: the CR has ended the line
        assert one.pass_on(whole) == passed
        assert (one.complete, one.failed, one.usage) == (other.complete, other.failed, other.usage)


# --- why they ended ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sent", "reason"),
    [
        (ChatStream, CONTENT + STOP + USAGE + DONE, "stop"),
        (ChatStream, b'data: {"choices":[{"index":1,"finish_reason":"length"}]}\n\n', None),
        (ChatStream, b'data: {"choices":[{"index":0,"finish_reason":"no word"}]}\n\n', None),
        (
            MessagesStream,
            b'data: {"type":"message_delta","delta":{"stop_reason":"max_tokens"}}\n\ndata: {"type":"message_stop"}\n\n',
            "max_tokens",
        ),
        (MessagesStream, b'data: {"type":"message_delta","delta":5}\n\n', None),
        (
            ResponsesStream,
            b'data: {"type":"response.incomplete","response":{"incomplete_details":{"reason":"content_filter"}}}\n\n',
            "content_filter",
        ),
        (ResponsesStream, b'data: {"type":"response.completed","response":{}}\n\n', "completed"),
        (ResponsesStream, b'data: {"type":"response.failed","response":{}}\n\n', None),
        (MediaStream, b'data: {"type":"speech.audio.done"}\n\n', None),
    ],
)
def test_why_a_stream_ended_is_told_by_its_last_events(
    kind: type[EventStream], sent: bytes, reason: str | None
) -> None:
    for size in (7, len(sent)):
        stream = kind()
        through(stream, sent, size)
        assert stream.finish_reason == reason
