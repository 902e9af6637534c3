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
class TextRequest:
    """A request for a text, of any endpoint. `texts` are all texts of its prompt, in order. `max_tokens` is None where the client set no limit."""

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


def read_chat(body: bytes) -> TextRequest:
    """Raises InvalidRequest for what OpenAI answers with 400."""
    request = json_object(body)
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest(
            invalid_body("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
        )
    texts = tuple(text for message in messages for text in texts_of(message))
    return text_request(request, texts, "max_completion_tokens", "max_tokens")


def text_request(request: dict[str, object], texts: tuple[str, ...], *limits: str) -> TextRequest:
    """`limits` are the members that may set one. Raises InvalidRequest where no model is named."""
    options = request.get("stream_options")
    limit = next((request[name] for name in limits if name in request), None)
    return TextRequest(
        model=model_of(request),
        texts=texts,
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


def texts_of(message: object) -> list[str]:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return [text for text in texts if isinstance(text, str)]


class ChatWriter:
    """One answer, plain or as the events of a stream. The part that all events share is encoded once."""

    def __init__(self, identity: Identity, *, include_usage: bool) -> None:
        self._identity = identity
        self._include_usage = include_usage
        self._head = json.dumps(self._shared("chat.completion.chunk"))[:-1]
        self._tail = ', "usage": null}' if include_usage else "}"

    def whole(self, text: str, reason: FinishReason, usage: Usage) -> bytes:
        """The body of a plain answer."""
        message: dict[str, object] = {
            "role": "assistant",
            "content": text,
            "refusal": None,
            "annotations": [],
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        shared = self._shared("chat.completion")
        return json.dumps({**shared, "choices": [choice], "usage": usage_members(usage)}).encode()

    def opening(self, usage: Usage) -> bytes:  # noqa: ARG002  told at the end
        return self._choice('{"role": "assistant", "content": "", "refusal": null}', "null")

    def content(self, text: str) -> bytes:
        return self._choice(f'{{"content": {json.dumps(text)}}}', "null")

    def closing(self, text: str, reason: FinishReason, usage: Usage) -> bytes:  # noqa: ARG002  others repeat it
        finish = self._choice("{}", f'"{reason}"')
        told = f'{self._head}, "choices": [], "usage": {json.dumps(usage_members(usage))}}}'
        return finish + (data_event(told.encode()) if self._include_usage else b"") + DONE

    def _shared(self, kind: str) -> dict[str, object]:
        identity = self._identity
        return {"id": identity.id, "object": kind, "created": identity.created, "model": identity.model}

    def _choice(self, delta: str, finish_reason: str) -> bytes:
        choice = f'{{"index": 0, "delta": {delta}, "logprobs": null, "finish_reason": {finish_reason}}}'
        return data_event(f'{self._head}, "choices": [{choice}]{self._tail}'.encode())


def usage_members(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
