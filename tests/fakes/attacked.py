"""A gateway with keys and tokens as attackers find it: real workers, and upstreams that tell who was asked for whom.

    with fortress(folder, workers=2) as attacked:
        attacked.chat("narrow", "mine").status
        attacked.served("prompt")            # the providers that were asked with that prompt

There is a Provider for each first segment of the upstream's paths. `secret` is where the client `narrow` must never get.
"""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from fakes.doors import AUDIENCE, ISSUER, key_set
from fakes.in_process import Answers
from fakes.running import DEADLINE, Running, routerctl, started
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.secrets.key_text import KeyText, mint

ANSWER = json.dumps(
    {"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {"content": "fine"}}]}
).encode()
EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]}\n\n'
CHAT = "/v1/chat/completions"
PROVIDER_KEY = "sk-of-the-gateway-itself"


class Answered(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """Of an error, in either shape of the data plane and that of the management listener."""
        told = json.loads(self.body)
        error = told.get("error", told)
        return str(error.get("code") or error.get("type"))


def exchange(url: str, request: bytes) -> list[Answered]:
    """All answers on one connection, until the other side ends it or says no more to a request that asks for an end."""
    at = urlsplit(url)
    received = b""
    with socket.create_connection((at.hostname, at.port), DEADLINE) as connection:
        connection.sendall(request)
        with suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
    answers = Answers(received)
    whole = answers.whole or (
        [(answers.status, answers.headers, b"")] if answers.status else []
    )  # an answer to HEAD
    return [
        Answered(status, {name.decode().lower(): value.decode("latin-1") for name, value in headers}, body)
        for status, headers, body in whole
    ]


def request(
    method: str, target: str, *headers: str | bytes, body: bytes = b"", host: str | None = "localhost"
) -> bytes:
    """As it is written; the connection ends with it."""
    lines = [f"{method} {target} HTTP/1.1".encode("latin-1")]
    lines += [] if host is None else [f"Host: {host}".encode("latin-1")]
    lines += [each if isinstance(each, bytes) else each.encode("latin-1") for each in headers]
    if method in {"POST", "PUT", "PATCH"} and not any(b"transfer-encoding" in each.lower() for each in lines):
        lines += [b"Content-Length: %d" % len(body)]
        lines += (
            []
            if any(b"content-type" in each.lower() for each in lines)
            else [b"Content-Type: application/json"]
        )
    return b"\r\n".join([*lines, b"Connection: close", b"", body])


class Upstreams:
    """All upstreams, on a loop in a thread of its own. `served[prompt]` counts the providers that were asked with it."""

    def __init__(self) -> None:
        self.served: dict[str, Counter[str]] = {}
        self.requests: list[ReceivedRequest] = []
        self.port = 0
        self._ready = Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(DEADLINE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with FakeUpstream(self._answer) as upstream:
            self.port = upstream.port
            self._ready.set()
            await self._stop.wait()

    async def _answer(self, request: ReceivedRequest) -> Answer:
        provider = request.target.split("/")[1]
        self.requests.append(request)
        self.served.setdefault(prompt_of(request), Counter())[provider] += 1
        if provider == "broken":
            return Answer((b'{"error": {"message": "no"}}',), 500)
        if provider == "late":
            await self._pause(0.5)
        if provider == "endless":
            return Answer((EVENT, asyncio.Event()), headers=(("content-type", "text/event-stream"),))
        if request.target.endswith("/embeddings"):
            given = json.loads(request.body)["input"]
            data = [{"object": "embedding", "index": at, "embedding": [1]} for at in range(len(given))]
            return Answer((json.dumps({"object": "list", "data": data, "model": "e"}).encode(),))
        return Answer((ANSWER,))

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        self._loop.call_later(seconds, over.set)
        await over.wait()


def prompt_of(request: ReceivedRequest) -> str:
    with suppress(ValueError, LookupError, TypeError):
        told = json.loads(request.body)
        return str(told["input"][0] if "input" in told else told["messages"][0]["content"])
    return ""


@dataclass
class Fortress:
    gateway: Running
    db: Path
    upstreams: Upstreams
    manifests: Path
    keys: Mapping[str, KeyText]
    tokens: Mapping[str, str]
    count: int = field(default=0)

    def chat(self, key: str | None, model: str | None, prompt: str = "hello", **more: object) -> Answered:
        body = {"messages": [{"role": "user", "content": prompt}], "max_tokens": 5, **more}
        return self.post(key, CHAT, body if model is None else {"model": model, **body})

    def post(self, key: str | None, path: str, body: object, *headers: str) -> Answered:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        held = [] if key is None else [f"Authorization: Bearer {self.keys[key].text}"]
        return self.raw(request("POST", path, *held, *headers, body=raw))

    def get(self, key: str | None, path: str, *headers: str) -> Answered:
        held = [] if key is None else [f"Authorization: Bearer {self.keys[key].text}"]
        return self.raw(request("GET", path, *held, *headers))

    def raw(self, sent: bytes) -> Answered:
        """The one answer of the data plane."""
        (answered,) = exchange(self.gateway.data_url, sent)
        return answered

    def manage(
        self, method: str, path: str, *headers: str | bytes, host: str | None = "localhost"
    ) -> Answered:
        (answered,) = exchange(self.gateway.admin_url, request(method, path, *headers, body=b"{}", host=host))
        return answered

    def served(self, prompt: str) -> set[str]:
        return set(self.upstreams.served.get(prompt, ()))

    def prompt(self, what: str) -> str:
        """One that nobody else has."""
        self.count += 1
        return f"{what} {self.count}"

    def document(self, path: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(
            self.manage("GET", path, f"Authorization: Bearer {self.tokens['admin']}").body
        )
        return told


def document(kind: str, name: str, spec: Mapping[str, object], namespace: str = "default") -> str:
    metadata = {"name": name, "namespace": namespace}
    whole = {"apiVersion": "routerctl.dev/v1", "kind": kind, "metadata": metadata, "spec": spec}
    return f"{json.dumps(whole)}\n---\n"


def client_key(name: str, *keys: KeyText, namespace: str = "default", **spec: object) -> str:
    told = {"keys": [{"id": key.id, "hash": key.hash} for key in keys], **spec}
    return document("ClientKey", name, told, namespace)


def bound(model: str, provider: str, **spec: object) -> str:
    return document("Model", model, spec) + document(
        "Binding", f"{model}-{provider}", {"model": model, "provider": provider}
    )


def routes() -> Iterator[str]:
    """Every way by which a Route could lead to the Model `forbidden`."""

    def one(name: str, models: list[str], targets: list[str], **more: object) -> str:
        found: dict[str, object] = {"targets": [{"model": each} for each in targets]} if targets else {}
        return document("Route", name, {"match": {"models": models}, **found, **more})

    yield one("entry", ["entry"], ["forbidden"])
    yield one("failing", ["failing"], ["failing", "forbidden"], retry={"attempts": 3})
    yield one("hasty", ["hasty"], ["hasty", "forbidden"], hedge={"delay": "100ms", "percent": 100})
    yield one("shadowed", ["shadowed"], [], shadow={"target": {"model": "forbidden"}, "percent": 100})
    yield one("parts", ["parts"], ["parts", "forbidden"], parallelThreshold=2, maxParallelWorkers=4)
    yield one("weighted", ["weighted"], ["weighted", "forbidden"], strategy="weighted")
    yield one("only-a-route", ["only-a-route"], ["forbidden"])
    task = {"match": {"taskTypes": ["smuggle"]}, "targets": [{"model": "forbidden"}], "priority": 9}
    yield document("Route", "task", task)


NARROW = ("mine", "entry", "failing", "hasty", "shadowed", "parts", "weighted", "open-*", "endless")
"""What the client `narrow` may ask for: all but `forbidden`, and `unbound`, which nobody binds."""


def configuration(port: int, keys: Mapping[str, KeyText], jwks: Path) -> str:
    def provider(name: str, namespace: str = "default") -> str:
        config = {"baseURL": f"http://127.0.0.1:{port}/{name}/v1", "apiKey": PROVIDER_KEY}
        health = {"failureThreshold": 0, "failurePercent": 0}
        return document(
            "Provider", name, {"type": "openai-compatible", "config": config, "health": health}, namespace
        )

    jwt = {"issuer": ISSUER, "audience": AUDIENCE, "jwksFile": str(jwks), "roles": {"ops": "operator"}}
    settings = {
        "auth": {"dataPlane": "keys", "management": {"jwt": jwt}},
        "egress": {"allow": [{"network": "127.0.0.0/8"}]},
        "activeProvider": "active",
        "unknownModels": "forward",
        "defaultModel": "forbidden",
    }
    far = document("Model", "far-model", {}, "team-a") + document(
        "Binding", "far", {"model": "far-model", "provider": "far"}, "team-a"
    )
    return "".join(
        (
            document("Settings", "default", settings),
            *map(provider, ("ok", "secret", "broken", "late", "active", "endless")),
            provider("far", "team-a"),
            far,
            bound("mine", "ok", aliases=["mine-alias"]),
            bound("forbidden", "secret", aliases=["forbidden-alias", "forb-*"]),
            bound("failing", "broken"),
            bound("hasty", "late"),
            bound("endless", "endless"),
            *(bound(each, "ok") for each in ("entry", "shadowed", "parts", "weighted")),
            document("Model", "unbound", {}),
            *routes(),
            client_key("narrow", keys["narrow"], models=NARROW),
            client_key("wide", keys["wide"]),
            client_key("routeless", keys["routeless"], routes=["no-such-route"]),
            client_key("disabled", keys["disabled"], enabled=False),
            client_key("over", keys["over"], expires="2026-01-01T00:00:00Z"),
            client_key("far", keys["far"], namespace="team-a"),
        )
    )


@contextmanager
def fortress(folder: Path, workers: int) -> Iterator[Fortress]:
    db, jwks, manifest = folder / "store.db", folder / "jwks.json", folder / "all.yaml"
    jwks.write_bytes(key_set())
    keys = {name: mint("rk") for name in ("narrow", "wide", "routeless", "disabled", "over", "far")}
    with Upstreams() as upstreams:
        manifest.write_text(configuration(upstreams.port, keys, jwks))
        routerctl(db, "apply", "-f", str(manifest))
        tokens = {
            role: routerctl(db, "token", "create", role, "--role", role, "--keep-providers").split()[-1]
            for role in ("viewer", "operator", "admin")
        }
        arguments = ("serve", "--workers", str(workers), "--allow-file", str(folder))
        with started(*arguments, db=db) as gateway:
            gateway.client.headers["authorization"] = f"Bearer {tokens['viewer']}"
            gateway.wait_until_ready()
            yield Fortress(gateway, db, upstreams, manifest, keys, tokens)
