"""Answers of OpenAI's chat that hold more than text: what a model thought, and the tools that it calls.

For upstreams whose wire is another. Where an answer is nothing but text, `chat` is enough.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from reconciler.protocol.chat import Identity, usage_members
from reconciler.protocol.sse import DONE, data_event
from reconciler.protocol.usage import Usage

Finish: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter"]


class ToolCall(NamedTuple):
    """`arguments` is JSON as a text: `{}` where there are none."""

    id: str
    name: str
    arguments: str


def chat_completion(
    identity: Identity,
    message: tuple[str, str, Sequence[ToolCall]],
    reason: Finish,
    usage: Usage | None,
) -> bytes:
    """The body of a plain answer. `message` is its text, what was thought before it, and the calls."""
    text, thought, calls = message
    told: dict[str, object] = {
        "role": "assistant",
        "content": text or (None if calls else ""),
        "refusal": None,
    }
    if thought:
        told["reasoning_content"] = thought
    if calls:
        told["tool_calls"] = [_whole_call(call) for call in calls]
    choice = {"index": 0, "message": told, "logprobs": None, "finish_reason": reason}
    answer: dict[str, object] = {**_shared(identity, "chat.completion"), "choices": [choice]}
    if usage is not None:
        answer["usage"] = usage_members(usage)
    return json.dumps(answer).encode()


class ChatChunks:
    """The events of a stream: `opening`, any number of the others, `closing`."""

    def __init__(self, identity: Identity, *, include_usage: bool) -> None:
        self._include_usage = include_usage
        self._head = json.dumps(_shared(identity, "chat.completion.chunk"))[:-1]
        self._tail = ', "usage": null}' if include_usage else "}"

    def opening(self) -> bytes:
        return self._choice({"role": "assistant", "content": "", "refusal": None})

    def text(self, text: str) -> bytes:
        return self._words("content", text) if text else b""

    def thought(self, text: str) -> bytes:
        return self._words("reasoning_content", text) if text else b""

    def call(self, index: int, call: ToolCall) -> bytes:
        """A whole one: clients expect its name first, and its arguments after that."""
        began = {**_whole_call(call._replace(arguments="")), "index": index}
        arguments = {"index": index, "function": {"arguments": call.arguments}}
        return self._choice({"tool_calls": [began]}) + self._choice({"tool_calls": [arguments]})

    def closing(self, reason: Finish, usage: Usage | None) -> bytes:
        last = self._choice({}, reason)
        if self._include_usage and usage is not None:
            told = f'{self._head}, "choices": [], "usage": {json.dumps(usage_members(usage))}}}'
            last += data_event(told.encode())
        return last + DONE

    def _words(self, name: str, text: str) -> bytes:
        """As `_choice`, of which nearly all of a stream is."""
        choice = f'{{"index": 0, "delta": {{"{name}": {json.dumps(text)}}}, "logprobs": null, "finish_reason": null}}'
        return data_event(f'{self._head}, "choices": [{choice}]{self._tail}'.encode())

    def _choice(self, delta: Mapping[str, object], reason: Finish | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return data_event(f'{self._head}, "choices": [{json.dumps(choice)}]{self._tail}'.encode())


def _shared(identity: Identity, kind: str) -> dict[str, object]:
    return {"id": identity.id, "object": kind, "created": identity.created, "model": identity.model}


def _whole_call(call: ToolCall) -> dict[str, object]:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
