"""OpenAI's requests as Ollama's own interface takes them: `/api/chat` and `/api/embed`.

What has a place there is carried over; `options`, `keep_alive`, `think` and `format`, which OpenAI does not have, pass
as they are, and win over what would be made of others. What has none is left out where the answer is the same kind of
answer without it (`logit_bias`, `logprobs`, `user`), and refused where it is not (`n`, pictures by their address).
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from reconciler.protocol.chat import json_object, text_request
from reconciler.protocol.embeddings import EmbeddingsRequest, read_embeddings
from reconciler.protocol.errors import InvalidRequest, invalid_body

_OPTIONS = {
    name: name
    for name in ("temperature", "top_p", "top_k", "min_p", "seed", "presence_penalty", "frequency_penalty")
} | {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
"""OpenAI's name → Ollama's, the later winning."""
_OWN = ("format", "think", "keep_alive", "truncate")
_EFFORTS = {"none": False, "minimal": "low", "xhigh": "max"}
"""What Ollama calls otherwise."""

JsonObject = dict[str, object]


class ChatAsked(NamedTuple):
    """`body` is what to send; the rest is what its answer is written by."""

    body: bytes
    model: str
    stream: bool
    include_usage: bool


def chat_request(body: bytes, keep_alive: str | None) -> ChatAsked:
    """Raises InvalidRequest for what can't be said to Ollama."""
    given = json_object(body)
    messages = given.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _wrong("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    if given.get("n") not in (None, 1):
        raise _wrong("This model's provider (Ollama) writes one choice a request; leave out `n`.", "n")
    asked = text_request(given, (), "max_tokens")
    request: JsonObject = {
        "model": asked.model,
        "messages": _Messages().all_of(messages),
        "stream": asked.stream,
    }
    tools = _tools(given)
    if tools:
        request["tools"] = tools
    request |= {"format": _format(given.get("response_format")), "think": _think(given)}
    request["keep_alive"] = keep_alive
    request |= {name: given[name] for name in _OWN if name in given}
    request["options"] = _options(given)
    sent = {name: value for name, value in request.items() if value not in (None, {})}
    return ChatAsked(json.dumps(sent).encode(), asked.model, asked.stream, asked.include_usage)


class EmbeddingsAsked(NamedTuple):
    body: bytes
    asked: EmbeddingsRequest


def embeddings_request(body: bytes, keep_alive: str | None) -> EmbeddingsAsked:
    """Raises InvalidRequest for what can't be said to Ollama."""
    asked = read_embeddings(body)
    given = json_object(body)
    texts = given.get("input")
    if not isinstance(texts, str) and not (isinstance(texts, list) and isinstance(texts[0], str)):
        raise _wrong("This model's provider (Ollama) takes texts, and no token numbers.", "input")
    request: JsonObject = {"model": asked.model, "input": texts, "dimensions": asked.dimensions}
    request["keep_alive"] = keep_alive
    request |= {name: given[name] for name in ("keep_alive", "truncate", "options") if name in given}
    sent = {name: value for name, value in request.items() if value is not None}
    return EmbeddingsAsked(json.dumps(sent).encode(), asked)


def _options(given: JsonObject) -> JsonObject:
    options = {theirs: given[ours] for ours, theirs in _OPTIONS.items() if given.get(ours) is not None}
    stop = given.get("stop")
    if stop is not None:
        options["stop"] = [stop] if isinstance(stop, str) else stop
    own = given.get("options")
    if own is not None and not isinstance(own, dict):
        raise _wrong("Invalid type for 'options': expected an object.", "options", "invalid_type")
    return {**options, **(own or {})}


def _format(given: object) -> object:
    """Of response_format: `json`, or the schema itself."""
    if not isinstance(given, dict):
        return None
    match given.get("type"):
        case "json_object":
            return "json"
        case "json_schema":
            schema = given.get("json_schema")
            return schema.get("schema") if isinstance(schema, dict) else None
        case _:
            return None


def _think(given: JsonObject) -> object:
    nested = given.get("reasoning")
    effort = given.get("reasoning_effort") or (nested.get("effort") if isinstance(nested, dict) else None)
    return _EFFORTS.get(effort, effort) if isinstance(effort, str) else None


def _tools(given: JsonObject) -> object:
    """Those that may be called. That one must be called can't be said; that it is this one or none, by leaving out the rest."""
    tools, choice = given.get("tools"), given.get("tool_choice")
    if choice == "none" or not isinstance(tools, list):
        return None
    wanted = _function(choice).get("name") if isinstance(choice, dict) else None
    return [tool for tool in tools if wanted is None or _function(tool).get("name") == wanted]


class _Messages:
    """Those of one request. Results of tools name the call that they answer; Ollama wants the tool's name."""

    def __init__(self) -> None:
        self._called: dict[object, object] = {}

    def all_of(self, given: list[object]) -> list[JsonObject]:
        return [self._one(message, f"messages[{place}]") for place, message in enumerate(given)]

    def _one(self, message: object, at: str) -> JsonObject:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise _wrong(f"Invalid '{at}': expected an object with a role.", at)
        role = message["role"]
        text, images = _content(message.get("content"), at)
        written: JsonObject = {"role": "system" if role == "developer" else role, "content": text}
        if images:
            written["images"] = images
        thought = message.get("reasoning_content") or message.get("reasoning")
        if isinstance(thought, str):
            written["thinking"] = thought
        calls = message.get("tool_calls")
        if isinstance(calls, list) and calls:
            written["tool_calls"] = [self._call(call, at) for call in calls]
        if role in ("tool", "function"):
            call_id = message.get("tool_call_id")
            name = self._called.get(call_id) if isinstance(call_id, str) else None
            own = {"tool_name": name or message.get("name"), "tool_call_id": call_id}
            written["role"] = "tool"
            written |= {key: value for key, value in own.items() if isinstance(value, str)}
        return written

    def _call(self, call: object, at: str) -> JsonObject:
        function, id_ = _function(call), call.get("id") if isinstance(call, dict) else None
        arguments = _arguments(function.get("arguments"), f"{at}.tool_calls")
        if isinstance(id_, str):
            self._called[id_] = function.get("name")
        written: JsonObject = {"function": {"name": function.get("name"), "arguments": arguments}}
        return {"id": id_, **written} if isinstance(id_, str) else written


def _function(tool: object) -> Mapping[str, object]:
    function = tool.get("function") if isinstance(tool, dict) else None
    return function if isinstance(function, dict) else {}


def _arguments(given: object, at: str) -> object:
    """OpenAI writes a text that is JSON, Ollama the object itself."""
    value = given
    if isinstance(given, str):
        try:
            value = json.loads(given) if given.strip() else {}
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        raise _wrong(f"Invalid '{at}': the arguments of a call are no JSON object.", at)
    return value


def _content(given: object, at: str) -> tuple[str, list[str]]:
    """The text of a message, and its pictures in base64."""
    if given is None or isinstance(given, str):
        return given or "", []
    if not isinstance(given, list):
        raise _wrong(f"Invalid type for '{at}.content': expected a text or parts.", f"{at}.content")
    texts: list[str] = []
    images: list[str] = []
    for part in given:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("text", "refusal") and isinstance(part.get(kind), str):
            texts.append(part[kind])
        elif kind == "image_url":
            images.append(_image(part.get("image_url"), f"{at}.content"))
        else:
            message = f"Invalid '{at}.content': this model's provider (Ollama) takes parts of type text and image_url."
            raise _wrong(message, f"{at}.content")
    return "\n".join(texts), images


def _image(given: object, at: str) -> str:
    url = given.get("url") if isinstance(given, dict) else given
    head, comma, data = url.partition(",") if isinstance(url, str) else ("", "", "")
    if not comma or not head.lower().startswith("data:") or not head.lower().endswith(";base64"):
        message = "takes pictures as data: URLs in base64, and fetches none from an address."
        raise _wrong(f"Invalid '{at}': this model's provider (Ollama) {message}", at, "invalid_image_url")
    return data


def _wrong(message: str, param: str, code: str = "invalid_value") -> InvalidRequest:
    return InvalidRequest(invalid_body(message, param, code))
