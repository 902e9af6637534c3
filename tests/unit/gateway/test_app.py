"""The routes and what stands around them, through an ASGI client."""

import asyncio
from collections.abc import Mapping

import httpx2
import pytest
from fakes.in_process import asking
from fakes.serving import candidate, namespace, served, simulator, snapshot
from fakes.transports import ScriptedTransports

from reconciler.gateway.app import data_plane
from reconciler.gateway.endpoints.http import Current
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.snapshot.model import Snapshot

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
TEXTS = {"model": "m", "input": "hello"}


class Serving:
    """In force: a model with a slash in its alias. `current` None before there is any."""

    def __init__(self, current: Snapshot | None = None) -> None:
        self.current = current


class Bug:
    @property
    def current(self) -> Snapshot | None:
        raise ValueError("sk-canary")


SERVING = Serving(
    snapshot(namespace(served("m", candidate(simulator("sim", text="ok"))), aliases={"acme/m": "m"}))
)


def ask(
    method: str,
    path: str,
    registry: Current = SERVING,
    *,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    hosts: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
    max_body: int = 1000,
) -> httpx2.Response:
    async def whole() -> httpx2.Response:
        pool = TransportPool()
        plane = data_plane(registry, pool, Telemetry(), hosts=hosts, origins=origins, max_body=max_body)
        async with asking(plane) as client:
            answer = await client.request(method, path, json=json, headers=dict(headers or {}))
        await pool.aclose()
        return answer

    return asyncio.run(whole())


def code(answer: httpx2.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()["error"]["code"]


def test_each_path_has_its_endpoint() -> None:
    assert ask("POST", "/v1/chat/completions", json=CHAT).json()["object"] == "chat.completion"
    assert ask("POST", "/v1/embeddings", json=TEXTS).json()["object"] == "list"
    assert [model["id"] for model in ask("GET", "/v1/models").json()["data"]] == ["acme/m", "m"]
    assert ask("GET", "/v1/models/m").json()["id"] == "m"
    assert ask("GET", "/healthz").json() == {"status": "ok"}
    assert ask("GET", "/readyz").json() == {"status": "ok", "revision": 7}


@pytest.mark.parametrize("path", ["/v1/models/acme/m", "/v1/models/acme%2Fm"])
def test_a_models_id_may_hold_slashes(path: str) -> None:
    answer = ask("GET", path)
    assert (answer.json()["id"], answer.headers["x-routerctl-revision"]) == ("acme/m", "7")


def test_before_the_first_snapshot() -> None:
    for path in ("/v1/models", "/v1/models/m"):
        assert code(ask("GET", path, Serving())) == (503, "not_ready")
    assert code(ask("POST", "/v1/embeddings", Serving(), json=TEXTS)) == (503, "not_ready")
    assert ask("GET", "/readyz", Serving()).status_code == 503
    assert ask("GET", "/healthz", Serving()).status_code == 200


def test_what_is_not_there() -> None:
    assert code(ask("GET", "/v1/models/nope")) == (404, "model_not_found")
    assert code(ask("GET", "/v2/models")) == (404, "unknown_url")
    assert code(ask("GET", "/healthz/")) == (404, "unknown_url")


def test_another_method_is_told_which_ones_there_are() -> None:
    other = ask("GET", "/v1/chat/completions")
    assert (code(other), other.headers["allow"]) == ((405, "method_not_allowed"), "POST")
    other = ask("DELETE", "/v1/models")
    assert (code(other), other.headers["allow"]) == ((405, "method_not_allowed"), "GET, HEAD")


@pytest.mark.parametrize("path", ["/readyz", "/v1/models", "/v1/models/m"])
def test_a_bug_is_a_500_without_its_message(path: str) -> None:
    answer = ask("GET", path, Bug())
    assert code(answer) == (500, "internal_error")
    assert "sk-canary" not in answer.text


def test_the_guard_refuses_in_openais_shape() -> None:
    foreign = ask("GET", "/v1/models", headers={"host": "evil.example"})
    assert code(foreign) == (421, "host_not_allowed")
    assert foreign.headers["content-type"] == "application/json"
    page = ask("GET", "/v1/models", headers={"origin": "https://evil.example"})
    assert code(page) == (403, "origin_not_allowed")
    assert code(ask("POST", "/v1/embeddings")) == (415, "unsupported_media_type")


def test_hosts_and_origins_that_were_allowed_are_answered() -> None:
    headers = {"host": "llm.example", "origin": "https://app.example"}
    answer = ask(
        "GET", "/v1/models", headers=headers, hosts=("llm.example",), origins=("https://app.example",)
    )
    assert answer.status_code == 200


def test_the_limit_of_bodies_holds_for_both_endpoints() -> None:
    for path in ("/v1/chat/completions", "/v1/embeddings"):
        assert code(ask("POST", path, json=CHAT, max_body=10)) == (413, "request_too_large")


def test_nothing_is_asked_of_an_upstream_to_build_it() -> None:
    transports = ScriptedTransports()
    data_plane(SERVING, transports, Telemetry())
    assert transports.exchanges == []


def test_pages_of_an_allowed_origin_read_streams_and_errors_as_well() -> None:
    app = "https://app.example.com"
    asked = {"origin": app, "access-control-request-method": "POST"}
    preflight = ask("OPTIONS", "/v1/chat/completions", headers=asked, origins=(app,))
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "GET, POST")
    for body, status in (({**CHAT, "stream": True}, 200), ({**CHAT, "model": "unknown"}, 404)):
        answer = ask("POST", "/v1/chat/completions", json=body, headers={"origin": app}, origins=(app,))
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, app)
        assert "x-routerctl-request-id" in answer.headers["access-control-expose-headers"]
    refused = ask("OPTIONS", "/v1/chat/completions", headers=asked, origins=("https://other.example",))
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (403, False)
