"""Hostile and mistaken requests, against the real app under a real uvicorn."""

import json
import logging

import pytest
from fakes.loop import on_loop
from fakes.server import CLIENT_KEY, Gateway
from fakes.serving import KEY, candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, FakeUpstream

from reconciler.gateway.access_log import AccessLog
from reconciler.gateway.app import data_plane
from reconciler.gateway.courier import Courier
from reconciler.gateway.endpoints.inference import Inference
from reconciler.gateway.telemetry import Telemetry
from reconciler.provider_types.base import Adapter, Endpoint, Headers, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.model import Snapshot

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
JSON = {"content-type": "application/json"}
SIMULATED = snapshot(namespace(served("m", candidate(simulator("sim", text="ok")))))


def passing_to(upstream: FakeUpstream) -> Snapshot:
    return snapshot(namespace(served("m", candidate(http_upstream("first", upstream.url)))))


@on_loop
async def test_nothing_of_a_clients_headers_travels_upstream() -> None:
    hostile = {
        "authorization": f"Bearer {CLIENT_KEY}",
        "x-api-key": CLIENT_KEY,
        "api-key": CLIENT_KEY,
        "cookie": f"session={CLIENT_KEY}",
        "proxy-authorization": CLIENT_KEY,
        "x-forwarded-host": "evil.test",
        "x-portkey-custom-host": "http://evil.test",
        "connection": "authorization",
        "x-anything": CLIENT_KEY,
    }
    async with FakeUpstream(Answer((b"{}",))) as upstream:
        async with Gateway(passing_to(upstream)) as gateway, gateway.http() as client:
            path = f"/v1/chat/completions?key={CLIENT_KEY}&api_base=http://evil.test/"
            assert (await client.post(path, json=CHAT, headers=hostile)).status_code == 200
        (received,) = upstream.requests
    assert received.header("authorization") == f"Bearer {KEY}"
    assert CLIENT_KEY not in repr((received.target, received.headers))
    assert "evil" not in repr((received.target, received.headers))
    assert received.target == "/v1/chat/completions"


@on_loop
async def test_fields_of_a_body_do_not_move_the_upstream() -> None:
    hostile = {**CHAT, "api_base": "http://evil.test", "base_url": "http://evil.test", "api_key": "sk-evil"}
    async with FakeUpstream(Answer((b"{}",))) as upstream:
        async with Gateway(passing_to(upstream)) as gateway, gateway.http() as client:
            await client.post("/v1/chat/completions", json=hostile)
        (received,) = upstream.requests
    assert received.header("authorization") == f"Bearer {KEY}"
    assert json.loads(received.body) == {**hostile, "model": "upstream-model"}


@pytest.mark.parametrize(
    "model", ["../x", "http://evil/", "a#b", "a?b", "%2e%2e", "a\0b", "a\r\nb", "x" * 10_000]
)
@on_loop
async def test_hostile_model_names_are_not_found(model: str) -> None:
    async with FakeUpstream() as upstream:
        async with Gateway(passing_to(upstream)) as gateway, gateway.http() as client:
            for path in ("/v1/chat/completions", "/v1/embeddings"):
                answer = await client.post(path, json={**CHAT, "model": model, "input": "x"})
                assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
                assert len(answer.content) < 600
        assert upstream.connections == 0


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "unknown_url"),
        ("POST", "/v1/answers", 404, "unknown_url"),
        ("GET", "//v1/models", 400, "invalid_path"),
        ("GET", "/v1/models/", 404, "model_not_found"),
        ("GET", "/healthz/", 404, "unknown_url"),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models/m", 405, "method_not_allowed"),
        ("OPTIONS", "/v1/models", 405, "method_not_allowed"),
        ("GET", "/v1/models/nope", 404, "model_not_found"),
        ("GET", "/v1/models/%00", 404, "model_not_found"),
    ],
)
@on_loop
async def test_unknown_paths_and_methods_are_refused_in_openais_shape(
    method: str, path: str, status: int, code: str
) -> None:
    async with Gateway(SIMULATED) as gateway, gateway.http() as client:
        answer = await client.request(method, gateway.url + path, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/json"
        if status == 405:
            assert answer.headers["allow"] in {"POST", "GET, HEAD"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.test"}, 421),
        ({"host": "x/healthz?"}, 421),
        ({"origin": "http://evil.test"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
    ],
)
@on_loop
async def test_the_guard_stands_before_every_route(headers: dict[str, str], status: int) -> None:
    async with Gateway(SIMULATED) as gateway, gateway.http() as client:
        body = json.dumps(CHAT).encode()
        for path in ("/v1/chat/completions", "/v1/embeddings", "/nowhere"):
            answer = await client.post(path, content=body, headers=JSON | headers)
            assert answer.status_code == status
            assert answer.json()["error"]["type"] == "invalid_request_error"
        assert gateway.telemetry.snapshot() == {"in_flight": 0}


@on_loop
async def test_a_host_that_was_allowed_is_answered() -> None:
    async with Gateway(SIMULATED, hosts=("gateway.test",)) as gateway, gateway.http() as client:
        answer = await client.post("/v1/chat/completions", json=CHAT, headers={"host": "gateway.test:1234"})
        assert answer.status_code == 200


@on_loop
async def test_a_body_over_the_limit_is_refused_however_it_comes() -> None:
    async def pieces() -> "object":
        for _ in range(20):
            yield b" " * 100

    async with Gateway(SIMULATED, max_body=1000) as gateway, gateway.http() as client:
        for content in (b" " * 1001, pieces()):
            answer = await client.post("/v1/chat/completions", content=content, headers=JSON)  # type: ignore[arg-type]  # an async iterator is fine
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
            assert answer.headers["x-routerctl-request-id"].startswith("req-")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"model": 1}', b'{"model": "m", "stream": 1}', b"[" * 9999]
)
@on_loop
async def test_a_body_that_is_no_request_is_a_400(body: bytes) -> None:
    async with Gateway(SIMULATED) as gateway, gateway.http() as client:
        answer = await client.post("/v1/chat/completions", content=body, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert answer.headers["x-routerctl-revision"] == "7"


class _Bug:
    """An adapter that can't encode."""

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        raise ZeroDivisionError(KEY)

    def probe(self, path: str | None) -> UpstreamRequest:
        raise AssertionError("nobody looks at it")


@on_loop
async def test_a_bug_is_a_500_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    adapter: Adapter = _Bug()
    from_bug = served("m", candidate(simulator("sim")))
    upstream = from_bug.candidates[0].upstream
    object.__setattr__(upstream, "adapter", adapter)
    async with Gateway(snapshot(namespace(from_bug))) as gateway, gateway.http() as client:
        answer = await client.post("/v1/chat/completions", json=CHAT)
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
        assert "ZeroDivision" not in answer.text
        await gateway.idle()
        assert gateway.telemetry.snapshot()["requests"] == {"chat": {"m": {"none": {"5xx": 1}}}}
    assert answer.headers["x-routerctl-request-id"] in caplog.text


@on_loop
async def test_the_access_log_holds_no_body_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    said = "a-prompt-that-is-nobodys-business"
    chat = {"model": "m", "messages": [{"role": "user", "content": said}]}
    refusal = Answer((b'{"error": {"message": "secret-answer"}}',), 400)
    caplog.set_level(logging.DEBUG)
    async with FakeUpstream(refusal) as upstream, Gateway(passing_to(upstream)) as gateway:
        gateway.telemetry.keeps_entries = True
        async with gateway.http() as client:
            key = {"authorization": f"Bearer {CLIENT_KEY}"}
            await client.post("/v1/chat/completions", json=chat, headers=key)
        await gateway.idle()
        Courier(gateway.telemetry.outbox, [AccessLog()]).round()
    lines = [record for record in caplog.records if record.name == "reconciler.gateway.access"]
    assert len(lines) == 1
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("reconciler"))
    for secret in (said, KEY, CLIENT_KEY, "secret-answer"):
        assert secret not in ours


def test_the_guard_and_the_endpoints_are_all_there_is() -> None:
    """A route that is added here must be added to the tests above."""
    plane = data_plane(None, None, Telemetry())  # type: ignore[arg-type]  # nothing is served
    starlette = plane.app._app  # type: ignore[attr-defined]  # the guard's inner app
    others = {
        "/healthz",
        "/readyz",
        "/v1/models",
        "/v1/models/{id:path}",
        "/v1/responses/{id}",
        "/v1/responses/{id}/cancel",
        "/v1/responses/{id}/input_items",
    }
    assert {route.path for route in starlette.routes} == others
    assert plane.hot.services.keys() == {row.path for row in ENDPOINTS.values()}
    assert all(isinstance(service, Inference) for service in plane.hot.services.values())
