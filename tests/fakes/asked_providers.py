"""A store with Providers that tests ask as people do, and an upstream that lists models and chats."""

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from fakes.store import commit_all, put
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.bootstrap.upstreams.building import Surroundings
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.settings import Reach
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

KEY = "sk-ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Models(FakeUpstream):
    """Below /v1, with a key. `names` are its models; `asked` the bodies of its chats."""

    def __init__(self, *names: str) -> None:
        super().__init__(self._told)
        self.names = names
        self.asked: list[Any] = []

    def _told(self, request: ReceivedRequest) -> Answer:
        if request.header("authorization") != f"Bearer {KEY}":
            return answer({"error": {"message": f"bad key {request.header('authorization')}"}}, 401)
        match request.method, request.target:
            case "GET", "/v1/models":
                return answer({"object": "list", "data": [{"id": name} for name in self.names]})
            case "POST", "/v1/chat/completions":
                body = json.loads(request.body)
                self.asked.append(body)
                said = {"role": "assistant", "content": f"pong {KEY}\n"}
                return answer({"choices": [{"message": said, "finish_reason": "stop"}]})
            case _:
                return answer({"error": "nothing there"}, 404)


def answer(body: object, status: int = 200) -> Answer:
    return Answer((json.dumps(body).encode(),), status=status)


def upstream(name: str, url: str, type_name: str = "openai-compatible", **spec: JsonValue) -> Resource:
    config: JsonValue = {"baseURL": url, "apiKey": {"valueFrom": {"env": "UP_API_KEY"}}}
    return resource("Provider", name, **{"type": type_name, "config": config, "enabled": True, **spec})


def resource(kind: str, name: str, **spec: JsonValue) -> Resource:
    return Resource(ResourceKey(kind, "default", name), spec)


class Here:
    """Opens the store in the thread that uses it."""

    def __init__(self, folder: Path, *resources: Resource, **environ: str) -> None:
        self.location = StoreLocation(folder / "r.db", folder / "r.records.db")
        self._environ = {"UP_API_KEY": KEY, **environ}
        self._stack = ExitStack()
        commit_all(self.location.config_path, [put(each) for each in resources])

    def __enter__(self) -> Surroundings:
        reader = self._stack.enter_context(Reader(self.location.config_path))
        return Surroundings(self.location, reader, Reach(), self._environ)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
