"""The web session of chat.qwen.ai, as far as its interface goes: strict about all that a browser sends.

    async with FakeQwen() as site:
        ... site.root ...

A chat is a tree of messages: each names its parent. The model repeats the last word of what it is told; asked to think, it
thinks first. `chats` holds what each chat was told, in order. `lose()` forgets all chats, as the site does.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest

TOKEN, COOKIES = (
    "umid-0123456789abcdef",
    "acw_tc=canary-cookie-one; token=eyJhbGciOi.canary-cookie.two; cna=x",
)
MODELS = ("qwen3-max", "qwen3-coder")
JSON = (("content-type", "application/json"),)
EVENTS = (("content-type", "text/event-stream; charset=utf-8"),)
MESSAGE = {
    "fid": str, "parentId": str | None, "parent_id": str | None, "childrenIds": list, "role": str, "content": str,
    "user_action": str, "files": list, "timestamp": int, "models": list, "chat_type": str, "sub_chat_type": str,
    "feature_config": dict, "extra": dict,
}  # fmt: skip
SECONDS, MILLISECONDS = 10**9, 10**12


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class FakeQwen(FakeUpstream):
    """`fails`: the statuses that the next completions are answered with; 200 is an error in a good answer."""

    def __init__(self) -> None:
        super().__init__(self._told)
        self.chats: dict[str, list[str]] = {}
        self.parents: dict[str, set[str]] = {}
        self.asked: list[dict[str, Any]] = []
        self.fails: list[int] = []
        self.cuts = False
        self.expired = False

    @property
    def root(self) -> str:
        return self.url.removesuffix("/v1")

    def lose(self) -> None:
        self.chats.clear()
        self.parents.clear()

    def _told(self, request: ReceivedRequest) -> Answer:
        try:
            self._check_credentials(request)
            path, _, query = request.target.partition("?")
            match request.method, path:
                case "GET", "/api/models":
                    return _json({"data": [_card(name) for name in MODELS]})
                case "POST", "/api/v2/chats/new":
                    return self._new_chat(_object(request.body))
                case "POST", "/api/v2/chat/completions":
                    return self._completion(query, _object(request.body))
                case _:
                    return _json({"success": False, "data": {"details": "no such page"}}, 404)
        except Refused as refused:
            return _json({"success": False, "data": {"details": str(refused)}}, refused.status)

    def _check_credentials(self, request: ReceivedRequest) -> None:
        if self.expired or request.header("cookie") != COOKIES or not request.header("user-agent"):
            raise Refused(401, "session expired")
        if request.method == "POST" and request.header("bx-umidtoken") != TOKEN:
            raise Refused(403, f"bad token {request.header('bx-umidtoken')}")

    def _new_chat(self, body: dict[str, Any]) -> Answer:
        _typed(body, {"title": str, "models": list, "chat_mode": str, "chat_type": str, "timestamp": int})
        if body["timestamp"] < MILLISECONDS or (body["chat_mode"], body["chat_type"]) != ("guest", "t2t"):
            raise Refused(400, "bad chat")
        if body["models"][0] not in MODELS:
            raise Refused(400, "no such model")
        id_ = str(uuid.uuid4())
        self.chats[id_], self.parents[id_] = [], set()
        return _json({"success": True, "request_id": "r", "data": {"id": id_}})

    def _completion(self, query: str, body: dict[str, Any]) -> Answer:
        kinds = {"stream": bool, "incremental_output": bool, "chat_id": str, "chat_mode": str, "model": str}
        _typed(body, {**kinds, "parent_id": str | None, "messages": list, "timestamp": int})
        chat = body["chat_id"]
        if query != f"chat_id={chat}" or not SECONDS < body["timestamp"] < MILLISECONDS:
            raise Refused(400, "bad request")
        if self.fails:
            status = self.fails.pop(0)
            if status != 200:
                raise Refused(status, "try later")
            return _json({"success": False, "data": {"code": "RateLimited", "details": "too often"}})
        if chat not in self.chats:
            raise Refused(404, "chat not found")
        (message,) = body["messages"]
        _typed(message, MESSAGE)
        if set(message) != set(MESSAGE) or message["role"] != "user":
            raise Refused(400, "a message has 14 fields")
        parent = body["parent_id"]
        if not message["parentId"] == message["parent_id"] == parent:
            raise Refused(400, "parents differ")
        if parent is not None and parent not in self.parents[chat]:
            raise Refused(400, "no such parent")
        self.asked.append(body)
        self.chats[chat].append(message["content"])
        answer = str(uuid.uuid4())
        self.parents[chat].add(answer)
        thinks = message["feature_config"]["thinking_enabled"]
        return self._said(body, answer, message["content"], thinks=thinks)

    def _said(self, body: dict[str, Any], answer: str, content: str, *, thinks: bool) -> Answer:
        words = f"you said {content.rsplit(maxsplit=1)[-1]}"
        ids = {"chat_id": body["chat_id"], "parent_id": body["parent_id"]}
        if not body["stream"]:
            message = {"role": "assistant", "content": words}
            data = {**ids, "message_id": answer, "messages": None, "choices": [{"message": message}]}
            return _json({"success": True, "request_id": "r", "data": data})
        events = [*_events(words, len(content.split()), thinks=thinks)]
        created = {"response.created": {**ids, "response_id": answer}}
        steps = tuple(b"data: %b\n\n" % json.dumps(event).encode() for event in (created, *events))
        return Answer((*steps[:3], Ending.CUT) if self.cuts else steps, 200, EVENTS)


def _events(words: str, prompt: int, *, thinks: bool) -> Iterator[dict[str, Any]]:
    if thinks:
        yield _chunk("Let me ", "think", "typing", prompt, 2)
        yield _chunk("see.", "think", "typing", prompt, 3)
        yield _chunk("", "think", "finished", prompt, 3)
    for number, word in enumerate(words.split(" "), 1):
        yield _chunk(word if number == 1 else f" {word}", "answer", "typing", prompt, number)
    yield _chunk("", "answer", "finished", prompt, len(words.split(" ")))


def _chunk(content: str, phase: str, status: str, prompt: int, said: int) -> dict[str, Any]:
    delta = {"role": "assistant", "content": content, "phase": phase, "status": status}
    usage = {
        "input_tokens": prompt,
        "output_tokens": said,
        "total_tokens": prompt + said,
        "characters": 1,
        "cached_tokens": 0,
        "input_tokens_details": {"text_tokens": prompt},
        "output_tokens_details": {"text_tokens": said},
    }
    return {"choices": [{"delta": delta}], "usage": usage}


def _card(name: str) -> dict[str, Any]:
    meta = {"description": "A model.", "capabilities": {"vision": False}, "max_context_length": 262144}
    info = {"meta": meta, "is_active": True}
    return {"id": name, "name": name, "object": "model", "owned_by": "qwen", "info": info, "preset": True}


def _typed(given: Any, fields: dict[str, Any]) -> None:
    for name, kind in fields.items():
        if not isinstance(given, dict) or name not in given or not isinstance(given[name], kind):
            raise Refused(400, f"invalid {name}")


def _object(body: bytes) -> dict[str, Any]:
    value = json.loads(body)
    if not isinstance(value, dict):
        raise Refused(400, "no object")
    return value


def _json(value: object, status: int = 200) -> Answer:
    return Answer((json.dumps(value).encode(),), status, JSON)
