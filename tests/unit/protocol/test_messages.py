import json

import pytest

from reconciler.protocol.chat import Identity
from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.messages import MessageWriter, counted, read_counted, read_messages
from reconciler.protocol.sse import Decoder
from reconciler.protocol.usage import Usage

USAGE = Usage(3, 4, 7)
WRITER = MessageWriter(Identity("msg_1", 1_800_000_000, "m"))


def body(**members: object) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "a"}], **members}).encode()


@pytest.mark.parametrize("system", ["s", [{"type": "text", "text": "s"}]])
def test_reads_a_request(system: object) -> None:
    request = read_messages(body(system=system, max_tokens=5, stream=True))
    assert (request.texts, request.max_tokens, request.stream) == (("s", "a"), 5, True)


def test_refuses_what_anthropic_refuses() -> None:
    for wrong in (b"{", body(), body(messages=[], max_tokens=5), b'{"messages": [{}], "max_tokens": 5}'):
        with pytest.raises(InvalidRequest):
            read_messages(wrong)


def test_tokens_are_counted_without_a_limit() -> None:
    assert read_counted(body()).texts == ("a",)
    assert json.loads(counted(3)) == {"input_tokens": 3}


def test_an_answer_is_whole() -> None:
    answer = json.loads(WRITER.whole("text", "length", USAGE))
    assert (answer["type"], answer["role"], answer["stop_reason"]) == ("message", "assistant", "max_tokens")
    assert answer["content"] == [{"type": "text", "text": "text", "citations": None}]
    assert (answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]) == (3, 4)


def test_a_stream_is_whole_and_in_order() -> None:
    stream = WRITER.opening(USAGE) + WRITER.content("a\n\n") + WRITER.closing("a\n\n", "stop", USAGE)
    events = Decoder().feed(stream)
    told = [json.loads(event.data) for event in events]
    assert [event.event for event in events] == [value["type"] for value in told]
    assert [event.event for event in events] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert told[0]["message"]["usage"]["input_tokens"] == 3
    assert told[2]["delta"] == {"type": "text_delta", "text": "a\n\n"}
    assert (told[4]["delta"]["stop_reason"], told[4]["usage"]["output_tokens"]) == ("end_turn", 4)
