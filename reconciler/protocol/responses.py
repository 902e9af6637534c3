"""OpenAI responses as a server writes them: `/v1/responses`, plain and as events.

Every member that strict clients ask for is there. Events are numbered without gaps, and the last one bears all.
"""

import json

from reconciler.protocol.chat import FinishReason, Identity, TextRequest, json_object, text_request, texts_of
from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.sse import data_event
from reconciler.protocol.usage import Usage

_PLACE: dict[str, object] = {"output_index": 0, "content_index": 0}


def read_responses(body: bytes) -> TextRequest:
    """Raises InvalidRequest for what OpenAI answers with 400."""
    request = json_object(body)
    given = request.get("input")
    if not isinstance(given, str | list) or not given:
        raise InvalidRequest(
            invalid_body("Missing required parameter: 'input'.", "input", "missing_required_parameter")
        )
    items = given if isinstance(given, list) else [{"content": given}]
    said = [{"content": request.get("instructions")}, *items]
    return text_request(request, tuple(text for item in said for text in texts_of(item)), "max_output_tokens")


class ResponseWriter:
    def __init__(self, identity: Identity, max_tokens: int | None) -> None:
        self._identity = identity
        self._max_tokens = max_tokens
        self._number = 0
        self._item_id = f"msg_{identity.id.removeprefix('resp_')}"

    def whole(self, text: str, reason: FinishReason, usage: Usage) -> bytes:
        return json.dumps(self._response(_status(reason), [self._item("completed", text)], usage)).encode()

    def opening(self, usage: Usage) -> bytes:  # noqa: ARG002  told at the end
        begun = self._response("in_progress", [], None)
        return (
            self._event("response.created", {"response": begun})
            + self._event("response.in_progress", {"response": begun})
            + self._event(
                "response.output_item.added", {"output_index": 0, "item": self._item("in_progress", None)}
            )
            + self._event(
                "response.content_part.added", {"item_id": self._item_id, **_PLACE, "part": _part("")}
            )
        )

    def content(self, text: str) -> bytes:
        told = {"item_id": self._item_id, **_PLACE, "delta": text, "logprobs": []}
        return self._event("response.output_text.delta", told)

    def closing(self, text: str, reason: FinishReason, usage: Usage) -> bytes:
        place = {"item_id": self._item_id, **_PLACE}
        item, status = self._item("completed", text), _status(reason)
        return (
            self._event("response.output_text.done", {**place, "text": text, "logprobs": []})
            + self._event("response.content_part.done", {**place, "part": _part(text)})
            + self._event("response.output_item.done", {"output_index": 0, "item": item})
            + self._event(f"response.{status}", {"response": self._response(status, [item], usage)})
        )

    def _event(self, kind: str, members: dict[str, object]) -> bytes:
        value = {"type": kind, "sequence_number": self._number, **members}
        self._number += 1
        return b"event: %b\n" % kind.encode() + data_event(json.dumps(value).encode())

    def _item(self, status: str, text: str | None) -> dict[str, object]:
        content = [] if text is None else [_part(text)]
        return {
            "type": "message",
            "id": self._item_id,
            "status": status,
            "role": "assistant",
            "content": content,
        }

    def _response(
        self, status: str, output: list[dict[str, object]], usage: Usage | None
    ) -> dict[str, object]:
        cut = {"reason": "max_output_tokens"} if status == "incomplete" else None
        return {
            "id": self._identity.id,
            "object": "response",
            "created_at": self._identity.created,
            "completed_at": self._identity.created if status == "completed" else None,
            "status": status,
            "incomplete_details": cut,
            "model": self._identity.model,
            "previous_response_id": None,
            "instructions": None,
            "output": output,
            "error": None,
            "tools": [],
            "tool_choice": "auto",
            "truncation": "disabled",
            "parallel_tool_calls": True,
            "text": {"format": {"type": "text"}},
            "top_p": 1.0,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "top_logprobs": 0,
            "temperature": 1.0,
            "reasoning": None,
            "usage": None if usage is None else _usage(usage),
            "max_output_tokens": self._max_tokens,
            "max_tool_calls": None,
            "store": False,
            "background": False,
            "service_tier": "default",
            "metadata": {},
            "safety_identifier": None,
            "prompt_cache_key": None,
        }


def _status(reason: FinishReason) -> str:
    return "completed" if reason == "stop" else "incomplete"


def _part(text: str) -> dict[str, object]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _usage(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total_tokens,
    }
