"""An Ollama server, as far as its HTTP interface goes: strict about types as Go is, and with a model that repeats.

    async with FakeOllama() as ollama:
        ... ollama.root ...

`llama3.2` says the last user's words, one a line; asked with tools, it calls the first with the words as `text`.
`thinker` thinks before it does so. `broken` fails in the middle of a stream, `crashed` at its first line.
"""

import json
from collections.abc import Iterator
from typing import Any

from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

MODELS = ("llama3.2", "thinker", "broken", "crashed")
NDJSON = (("content-type", "application/x-ndjson"),)
JSON = (("content-type", "application/json; charset=utf-8"),)
CREATED = "2026-11-22T10:00:00.123456789Z"


class Refused(Exception):
    """With a status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class FakeOllama(FakeUpstream):
    """`asked` are the requests that it could read: their paths and bodies."""

    def __init__(self) -> None:
        super().__init__(self._told)
        self.asked: list[tuple[str, Any]] = []

    @property
    def root(self) -> str:
        return self.url.removesuffix("/v1")

    def _told(self, request: ReceivedRequest) -> Answer:
        try:
            return self._routed(request)
        except Refused as refused:
            return _json({"error": str(refused)}, refused.status)

    def _routed(self, request: ReceivedRequest) -> Answer:
        match request.method, request.target:
            case "GET", "/api/tags":
                return _json({"models": [{"name": f"{name}:latest", "model": name} for name in MODELS]})
            case "POST", "/api/chat" | "/api/embed" | "/v1/completions":
                body = _object(request.body)
                self.asked.append((request.target, body))
                model = _typed(body, "model", str, "")
                if model not in MODELS:
                    raise Refused(404, f"model '{model}' not found")
                if request.target == "/api/chat":
                    return _chat(model, body)
                return _embed(model, body) if request.target == "/api/embed" else _json({"object": "face"})
            case _:
                return Answer((b"404 page not found",), 404, (("content-type", "text/plain"),))


def _chat(model: str, body: dict[str, Any]) -> Answer:
    messages = [_message(message) for message in _typed(body, "messages", list, [])]
    _typed(body, "options", dict, {})
    for text in (body.get("keep_alive"), body.get("think")):
        if not isinstance(text, str | int | bool | None):
            raise Refused(400, "json: cannot unmarshal into Go struct field ChatRequest")
    if body.get("think") and model != "thinker":
        raise Refused(400, f'"{model}" does not support thinking')
    parts = [*_parts(model, messages, _typed(body, "tools", list, []))]
    parts = [{"model": model, "created_at": CREATED, **part} for part in parts]
    if body.get("stream", True):
        return Answer(tuple(json.dumps(part).encode() + b"\n" for part in parts), 200, NDJSON)
    failed = [part for part in parts if "error" in part]
    if failed:
        raise Refused(500, failed[0]["error"])
    said = [part["message"] for part in parts]
    whole: dict[str, Any] = {"role": "assistant", "content": "".join(one["content"] for one in said)}
    for name in ("thinking", "tool_calls"):
        found = [one[name] for one in said if name in one]
        if found:
            whole[name] = found[0]
    return _json({**parts[-1], "message": whole})


def _parts(model: str, messages: list[dict[str, Any]], tools: list[Any]) -> Iterator[dict[str, Any]]:
    words = messages[-1]["content"].split(" ") if messages else []
    if model == "crashed":
        yield {"error": "llama runner process has terminated: exit status 2"}
        return
    if model == "thinker":
        yield _said("", thinking="Let me see.")
    if tools and messages[-1]["role"] == "user":
        function = {"name": tools[0]["function"]["name"], "arguments": {"text": " ".join(words)}}
        yield _said("", tool_calls=[{"function": function}])
    else:
        for place, word in enumerate(words):
            yield _said(f" {word}" if place else word)
            if model == "broken":
                yield {"error": "an error was encountered while running the model"}
                return
    count = sum(len(message["content"].split()) for message in messages)
    yield {
        "message": {"role": "assistant", "content": ""},
        "done_reason": "stop",
        "done": True,
        "total_duration": 5,
        "prompt_eval_count": count,
        "eval_count": len(words),
    }


def _said(content: str, **members: object) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content, **members}, "done": False}


def _message(message: object) -> dict[str, Any]:
    if not isinstance(message, dict):
        raise Refused(400, "json: cannot unmarshal into Go struct field ChatRequest.messages")
    _typed(message, "role", str, "")
    _typed(message, "thinking", str, "")
    if not all(isinstance(image, str) for image in _typed(message, "images", list, [])):
        raise Refused(400, "illegal base64 data at input byte 0")
    for call in _typed(message, "tool_calls", list, []):
        _typed(call["function"], "arguments", dict, {})
    return {**message, "content": _typed(message, "content", str, "")}


def _embed(model: str, body: dict[str, Any]) -> Answer:
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(400, "invalid input type")
    vectors = [[float(len(text)), 0.5] for text in texts]
    count = sum(len(text.split()) for text in texts)
    return _json({"model": model, "embeddings": vectors, "total_duration": 9, "prompt_eval_count": count})


def _typed(holder: dict[str, Any], name: str, kind: type, default: Any) -> Any:
    value = holder.get(name, default)
    if not isinstance(value, kind):
        raise Refused(400, f"json: cannot unmarshal {type(value).__name__} into Go struct field .{name}")
    return value


def _object(body: bytes) -> dict[str, Any]:
    value = json.loads(body)
    if not isinstance(value, dict):
        raise Refused(400, "json: cannot unmarshal into Go value of type api.ChatRequest")
    return value


def _json(told: object, status: int = 200) -> Answer:
    return Answer((json.dumps(told).encode(),), status, JSON, framing="length")
