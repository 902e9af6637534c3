"""OpenAI text completions as a server writes them: `/v1/completions`, plain and in chunks."""

import json

from reconciler.protocol.chat import (
    FinishReason,
    Identity,
    TextRequest,
    json_object,
    text_request,
    usage_members,
)
from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.sse import DONE, data_event
from reconciler.protocol.usage import Usage


def read_completions(body: bytes) -> TextRequest:
    """Raises InvalidRequest for what OpenAI answers with 400. Token numbers stand as text."""
    request = json_object(body)
    prompt = request.get("prompt")
    texts = (
        (prompt,) if isinstance(prompt, str) else tuple(map(str, prompt if isinstance(prompt, list) else ()))
    )
    if not texts:
        raise InvalidRequest(
            invalid_body("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
        )
    return text_request(request, texts, "max_tokens")


class CompletionWriter:
    def __init__(self, identity: Identity, *, include_usage: bool) -> None:
        self._include_usage = include_usage
        self._shared: dict[str, object] = {
            "id": identity.id,
            "object": "text_completion",
            "created": identity.created,
            "model": identity.model,
        }

    def whole(self, text: str, reason: FinishReason, usage: Usage | None) -> bytes:
        told = {} if usage is None else {"usage": usage_members(usage)}
        return json.dumps({**self._shared, **_choice(text, reason), **told}).encode()

    def opening(self, usage: Usage) -> bytes:  # noqa: ARG002  others tell it here
        return b""

    def content(self, text: str) -> bytes:
        return self._event(text, None)

    def closing(self, text: str, reason: FinishReason, usage: Usage | None) -> bytes:  # noqa: ARG002  others repeat it
        last = b""
        if self._include_usage and usage is not None:
            told: dict[str, object] = {**self._shared, "choices": [], "usage": usage_members(usage)}
            last = data_event(json.dumps(told).encode())
        return self._event("", reason) + last + DONE

    def _event(self, text: str, reason: FinishReason | None) -> bytes:
        no_usage = {"usage": None} if self._include_usage else {}
        return data_event(json.dumps({**self._shared, **_choice(text, reason), **no_usage}).encode())


def _choice(text: str, reason: FinishReason | None) -> dict[str, object]:
    return {"choices": [{"text": text, "index": 0, "logprobs": None, "finish_reason": reason}]}
