"""One error in the words of each protocol. What an error says is decided in `errors`; here is how it is written."""

import json
from typing import Protocol

from reconciler.protocol.errors import OpenAIError
from reconciler.protocol.sse import data_event

MAX_REPEATED = 4000
"""Characters of an upstream's own words that are put into another shape."""


class ErrorShape(Protocol):
    def body(self, error: OpenAIError) -> bytes: ...

    def fits(self, body: bytes) -> bool:
        """Whether an upstream's error is in this shape already, near enough for clients to find its text."""
        ...

    def event(self, error: OpenAIError, sequence: int = 0) -> bytes:
        """How a stream that began ends when it can't be finished; nothing follows. `sequence`: events before it."""
        ...


class _OpenAI:
    """`{"error": {...}}`, also within a stream."""

    def body(self, error: OpenAIError) -> bytes:
        return error.body()

    def fits(self, body: bytes) -> bool:
        value = _object(body)
        return isinstance(value.get("error"), dict | str)

    def event(self, error: OpenAIError, sequence: int = 0) -> bytes:  # noqa: ARG002  the protocol's
        return data_event(error.body())


class _Responses(_OpenAI):
    """A stream of typed events; its errors are known by their name, and SDKs raise on the member `error`."""

    def event(self, error: OpenAIError, sequence: int = 0) -> bytes:
        told = {"type": error.type, "code": error.code, "message": error.message, "param": error.param}
        flat = {"code": error.code, "message": error.message, "param": error.param}
        value = {"type": "error", "sequence_number": sequence, **flat, "error": told}
        return b"event: error\n" + data_event(json.dumps(value).encode())


class _Anthropic:
    """`{"type": "error", "error": {"type", "message"}}`, whose types follow the status."""

    def body(self, error: OpenAIError) -> bytes:
        kind = _ANTHROPIC_TYPES.get(error.status) or (
            "api_error" if error.status >= 500 else "invalid_request_error"
        )
        return json.dumps({"type": "error", "error": {"type": kind, "message": error.message}}).encode()

    def fits(self, body: bytes) -> bool:
        value = _object(body)
        error = value.get("error")
        return value.get("type") == "error" and isinstance(error, dict) and isinstance(error.get("type"), str)

    def event(self, error: OpenAIError, sequence: int = 0) -> bytes:  # noqa: ARG002  the protocol's
        return b"event: error\n" + data_event(self.body(error))


_ANTHROPIC_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}

OPENAI: ErrorShape = _OpenAI()
RESPONSES: ErrorShape = _Responses()
ANTHROPIC: ErrorShape = _Anthropic()


def words(body: bytes) -> str:
    """What an upstream's error says, in whichever shape it came; empty where it can't be told."""
    value = _object(body)
    error = value.get("error")
    given = (
        error.get("message") if isinstance(error, dict) else error,
        value.get("message"),
        value.get("detail"),
    )
    return next((text[:MAX_REPEATED] for text in given if isinstance(text, str) and text), "")


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
