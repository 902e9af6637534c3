"""OpenAI chat as a server writes it: what to read of a request, and the answers, plain and in chunks.

The fields that strict clients and validators ask for are always there, null where there is nothing to say:
`refusal`, `logprobs`, `finish_reason`. The first delta bears the role; usage comes once, in a last chunk without
choices, where the client asked for it.
"""

import json
from dataclasses import dataclass
from typing import Literal

from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.sse import DONE, data_event
from reconciler.protocol.usage import Usage

FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`texts` are all texts of the messages, in order. `max_tokens` is None where the client set no limit."""

    model: str
    texts: tuple[str, ...]
    stream: bool
    include_usage: bool
    max_tokens: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """What all parts of one answer share. `created` is in seconds since 1970."""

    id: str
    created: int
    model: str


def read_chat(body: bytes) -> ChatRequest:
    """Raises InvalidRequest for what OpenAI answers with 400."""
    request = json_object(body)
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest(
            invalid_body("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
        )
    options = request.get("stream_options")
    limit = request.get("max_completion_tokens", request.get("max_tokens"))
    return ChatRequest(
        model=model_of(request),
        texts=tuple(text for message in messages for text in _texts(message)),
        stream=request.get("stream") is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        max_tokens=limit if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else None,
    )


def json_object(body: bytes) -> dict[str, object]:
    """Raises InvalidRequest where the body is no JSON object."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise InvalidRequest(invalid_body("The request body must be a JSON object.", code="invalid_json"))
    return request


def model_of(request: dict[str, object]) -> str:
    model = request.get("model")
    if not isinstance(model, str):
        raise InvalidRequest(
            invalid_body("you must provide a model parameter", "model", "missing_required_parameter")
        )
    return model


def _texts(message: object) -> list[str]:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return [text for text in texts if isinstance(text, str)]


def completion(identity: Identity, text: str, finish_reason: FinishReason, usage: Usage) -> bytes:
    """The body of a plain answer."""
    message: dict[str, object] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
    return json.dumps(
        {
            "id": identity.id,
            "object": "chat.completion",
            "created": identity.created,
            "model": identity.model,
            "choices": [choice],
            "usage": _usage(usage),
        }
    ).encode()


class ChunkWriter:
    """The events of one stream. The part that all of them share is encoded once."""

    def __init__(self, identity: Identity, *, include_usage: bool) -> None:
        shared = {
            "id": identity.id,
            "object": "chat.completion.chunk",
            "created": identity.created,
            "model": identity.model,
        }
        self._head = json.dumps(shared)[:-1]
        self._tail = ', "usage": null}' if include_usage else "}"

    def role(self) -> bytes:
        return self._choice('{"role": "assistant", "content": "", "refusal": null}', "null")

    def content(self, text: str) -> bytes:
        return self._choice(f'{{"content": {json.dumps(text)}}}', "null")

    def finish(self, reason: FinishReason) -> bytes:
        return self._choice("{}", f'"{reason}"')

    def usage(self, usage: Usage) -> bytes:
        return data_event(f'{self._head}, "choices": [], "usage": {json.dumps(_usage(usage))}}}'.encode())

    def done(self) -> bytes:
        return DONE

    def _choice(self, delta: str, finish_reason: str) -> bytes:
        choice = f'{{"index": 0, "delta": {delta}, "logprobs": null, "finish_reason": {finish_reason}}}'
        return data_event(f'{self._head}, "choices": [{choice}]{self._tail}'.encode())


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
