"""Anthropic messages as a server writes them: `/v1/messages`, plain and as events, and `/v1/messages/count_tokens`."""

import json

from reconciler.protocol.chat import FinishReason, Identity, TextRequest, json_object, text_request, texts_of
from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.sse import data_event
from reconciler.protocol.usage import Usage

_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens"}


def read_messages(body: bytes) -> TextRequest:
    """Raises InvalidRequest for what Anthropic answers with 400."""
    request = read_counted(body)
    if request.max_tokens is None:
        raise InvalidRequest(invalid_body("max_tokens: Field required", "max_tokens"))
    return request


def read_counted(body: bytes) -> TextRequest:
    """As read_messages, where no answer is wanted and so no limit is set."""
    request = json_object(body)
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest(invalid_body("messages: Field required", "messages"))
    said = [{"content": request.get("system")}, *messages]
    return text_request(request, tuple(text for message in said for text in texts_of(message)), "max_tokens")


def counted(tokens: int) -> bytes:
    return json.dumps({"input_tokens": tokens}).encode()


class MessageWriter:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def whole(self, text: str, reason: FinishReason, usage: Usage) -> bytes:
        block: dict[str, object] = {"type": "text", "text": text, "citations": None}
        told = _usage(usage.prompt_tokens, usage.completion_tokens)
        return json.dumps(self._message([block], _STOP_REASONS[reason], told)).encode()

    def opening(self, usage: Usage) -> bytes:
        message = self._message([], None, _usage(usage.prompt_tokens, 1))
        block = {"index": 0, "content_block": {"type": "text", "text": ""}}
        return _event("message_start", {"message": message}) + _event("content_block_start", block)

    def content(self, text: str) -> bytes:
        return _event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}})

    def closing(self, text: str, reason: FinishReason, usage: Usage) -> bytes:  # noqa: ARG002  others repeat it
        delta = {"stop_reason": _STOP_REASONS[reason], "stop_sequence": None}
        told = _usage(usage.prompt_tokens, usage.completion_tokens)
        return (
            _event("content_block_stop", {"index": 0})
            + _event("message_delta", {"delta": delta, "usage": told})
            + _event("message_stop", {})
        )

    def _message(
        self, content: list[dict[str, object]], stop_reason: str | None, usage: dict[str, object]
    ) -> dict[str, object]:
        return {
            "id": self._identity.id,
            "type": "message",
            "role": "assistant",
            "model": self._identity.model,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }


def _usage(prompt: int, completion: int) -> dict[str, object]:
    return {
        "input_tokens": prompt,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": completion,
    }


def _event(kind: str, members: dict[str, object]) -> bytes:
    return b"event: %b\n" % kind.encode() + data_event(json.dumps({"type": kind, **members}).encode())
