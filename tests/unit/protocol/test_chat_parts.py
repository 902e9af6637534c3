import json
from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from reconciler.protocol.chat import Identity
from reconciler.protocol.chat_parts import ChatChunks, ToolCall, chat_completion
from reconciler.protocol.sse import Decoder
from reconciler.protocol.usage import Usage

IDENTITY = Identity("chatcmpl-1", 1_800_000_000, 'mod"el')
CALLS = [ToolCall("call_1", "look", '{"at": "é"}'), ToolCall("call_2", "wait", "{}")]


def test_a_plain_answer_is_openais() -> None:
    body = chat_completion(IDENTITY, ("Hi", "hm", CALLS), "tool_calls", Usage(3, 4, 7))
    answer = ChatCompletion.model_validate_json(body)
    message = answer.choices[0].message
    assert (answer.id, answer.model, answer.created) == ("chatcmpl-1", 'mod"el', 1_800_000_000)
    assert (message.content, message.model_extra) == ("Hi", {"reasoning_content": "hm"})
    assert [call.model_dump() for call in message.tool_calls or ()] == [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in CALLS
    ]
    assert answer.usage is not None
    assert answer.usage.total_tokens == 7


@pytest.mark.parametrize(("calls", "content"), [([], ""), (CALLS, None)])
def test_no_text_beside_calls_is_null(calls: list[ToolCall], content: str | None) -> None:
    answer = json.loads(chat_completion(IDENTITY, ("", "", calls), "stop", None))
    assert answer["choices"][0]["message"]["content"] == content
    assert "usage" not in answer
    assert "reasoning_content" not in answer["choices"][0]["message"]


def chunks_of(text: bytes) -> list[Any]:
    events = Decoder().feed(text)
    assert events[-1].data == b"[DONE]"
    return [json.loads(event.data) for event in events[:-1]]


@pytest.mark.parametrize("include_usage", [True, False])
def test_the_sdk_makes_of_a_stream_what_a_plain_answer_says(*, include_usage: bool) -> None:
    write = ChatChunks(IDENTITY, include_usage=include_usage)
    text = write.opening() + write.thought("hm") + write.text("Hi") + write.text("")
    text += b"".join(write.call(index, call) for index, call in enumerate(CALLS))
    told = chunks_of(text + write.closing("tool_calls", Usage(3, 4, 7)))
    state = ChatCompletionStreamState()
    for chunk in told:
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    final = state.get_final_completion()
    message = final.choices[0].message
    assert (message.content, final.choices[0].finish_reason) == ("Hi", "tool_calls")
    assert [
        (call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()
    ] == CALLS
    assert (final.usage is not None) is include_usage
    assert all(("usage" in chunk) is include_usage for chunk in told)
    assert {chunk["id"] for chunk in told} == {"chatcmpl-1"}


def test_usage_that_nobody_knows_is_not_told() -> None:
    write = ChatChunks(IDENTITY, include_usage=True)
    assert [chunk["usage"] for chunk in chunks_of(write.opening() + write.closing("stop", None))] == [
        None,
        None,
    ]
