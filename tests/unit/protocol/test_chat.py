import json

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from reconciler.protocol.chat import ChatWriter, Identity, read_chat
from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.sse import DONE, Decoder
from reconciler.protocol.streams import ChatStream
from reconciler.protocol.usage import Usage

IDENTITY = Identity("chatcmpl-1", 1_800_000_000, 'mod"el')
USAGE = Usage(3, 4, 7)


def body(**members: object) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}).encode()


def test_reads_a_request() -> None:
    messages: list[object] = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image_url"}, "x"]},
        {"role": "assistant", "content": None},
        "nonsense",
    ]
    request = read_chat(
        body(messages=messages, stream=True, stream_options={"include_usage": True}, max_tokens=5)
    )
    assert request.texts == ("be brief", "one")
    assert (request.model, request.stream, request.include_usage, request.max_tokens) == ("m", True, True, 5)


@pytest.mark.parametrize("limit", [None, 0, -1, True, "5", 1.5])
def test_a_limit_that_makes_no_sense_is_none(limit: object) -> None:
    assert read_chat(body(max_tokens=limit)).max_tokens is None
    assert read_chat(body(max_tokens=9, max_completion_tokens=2)).max_tokens == 2


@pytest.mark.parametrize(
    ("request_body", "param"),
    [
        (b"{", None),
        (b"[]", None),
        (b"[" * 100_000, None),
        (b'{"model": "m"}', "messages"),
        (b'{"model": "m", "messages": []}', "messages"),
        (b'{"messages": [{}]}', "model"),
    ],
)
def test_refuses_what_openai_refuses(request_body: bytes, param: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_chat(request_body)
    assert (caught.value.error.status, caught.value.error.param) == (400, param)


def test_a_completion_is_whole() -> None:
    answer = json.loads(ChatWriter(IDENTITY, include_usage=False).whole('line\n"two"', "stop", USAGE))
    parsed = ChatCompletion.model_validate(answer, strict=True)
    assert parsed.choices[0].message.content == 'line\n"two"'
    assert answer["choices"][0]["logprobs"] is None
    assert answer["choices"][0]["message"]["refusal"] is None
    assert parsed.usage is not None
    assert parsed.usage.total_tokens == 7


@pytest.mark.parametrize("include_usage", [True, False])
def test_a_stream_is_whole(include_usage: bool) -> None:
    writer = ChatWriter(IDENTITY, include_usage=include_usage)
    said = [writer.content('a "\n\n'), writer.content("b")]
    stream = b"".join((writer.opening(USAGE), *said, writer.closing("", "length", USAGE)))
    events = Decoder().feed(stream)
    assert stream.endswith(DONE)
    chunks = [json.loads(event.data) for event in events[:-1]]
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk)
        assert (chunk["id"], chunk["created"], chunk["model"]) == ("chatcmpl-1", 1_800_000_000, 'mod"el')
        assert ("usage" in chunk) == include_usage
    choices = [chunk["choices"][0] for chunk in chunks[:4]]
    assert choices[0]["delta"]["role"] == "assistant"
    assert "".join(choice["delta"].get("content", "") for choice in choices) == 'a "\n\nb'
    assert [choice["finish_reason"] for choice in choices] == [None, None, None, "length"]
    assert [chunk["choices"] for chunk in chunks[4:]] == [[]] * include_usage
    end = ChatStream()
    assert end.pass_on(stream) == stream
    assert end.complete
    assert end.usage == (USAGE if include_usage else None)
