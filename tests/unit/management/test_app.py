import asyncio
from collections.abc import Mapping

import httpx2
from fakes.doors import OpenDoor

from reconciler.errors import StoreError
from reconciler.management.app import build_app
from reconciler.management.status import Status, status
from reconciler.store.counters import Counters
from reconciler.store.observations import WorkerRow


class FakeFacts:
    def __init__(self, why: str | None = None, error: Exception | None = None) -> None:
        self._why = why
        self._error = error

    def status(self) -> Status:
        if self._error is not None:
            raise self._error
        return status("sqlite:///s.db", None, (WorkerRow("a", 1, 1.0, 2.0, 0),), (), (), 2.0)

    def counters(self) -> Counters:
        return {"attempts": {"p": 4}}

    def not_ready(self) -> str | None:
        return self._why


def ask(
    path: str, facts: FakeFacts | None = None, method: str = "GET", headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    async def whole() -> httpx2.Response:
        transport = httpx2.ASGITransport(
            build_app(facts or FakeFacts(), OpenDoor()), raise_app_exceptions=False
        )
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers=dict(headers or {}))

    return asyncio.run(whole())


def test_health_and_readiness() -> None:
    assert ask("/healthz").json() == {"status": "ok"}
    assert ask("/readyz").json() == {"status": "ok"}
    waiting = ask("/readyz", FakeFacts("1 of 2 workers serve"))
    assert waiting.status_code == 503
    assert waiting.json() == {"status": "1 of 2 workers serve"}


def test_status_is_json() -> None:
    answer = ask("/status")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["workers"][0]["instance"] == "a"


def test_metrics_are_for_prometheus() -> None:
    answer = ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'routerctl_attempts_total{provider="p"} 4.0' in answer.text.splitlines()


def test_refusals_are_problems() -> None:
    missing = ask("/v1/chat/completions")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
    assert missing.json()["code"] == "not_found"
    assert "GET / tells" in missing.json()["detail"]
    other = ask("/status", method="DELETE")
    assert other.status_code == 405
    assert set(other.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert other.json()["code"] == "method_not_allowed"


def test_a_foreign_host_or_page_learns_nothing() -> None:
    foreign = ask("/status", headers={"host": "evil.example"})
    assert foreign.status_code == 421
    assert foreign.headers["content-type"] == "application/problem+json"
    assert ask("/metrics", headers={"origin": "https://evil.example"}).status_code == 403
    assert ask("/healthz", headers={"host": "evil.example"}).status_code == 200


def test_a_store_that_fails_is_said_in_words() -> None:
    answer = ask("/status", FakeFacts(error=StoreError("the store was busy", hint="try again")))
    assert answer.status_code == 503
    assert answer.json()["code"] == "store_error"
    assert (answer.json()["detail"], answer.json()["hint"]) == ("the store was busy", "try again")


def test_a_bug_tells_its_type_alone() -> None:
    answer = ask("/status", FakeFacts(error=ValueError("sk-secret")))
    assert answer.status_code == 500
    assert answer.json()["detail"] == "a bug in routerctl (ValueError)"


def test_it_describes_itself_and_the_data_plane() -> None:
    own, data = ask("/openapi.json").json(), ask("/openapi/data-plane.json").json()
    assert (own["openapi"], data["openapi"]) == ("3.1.1", "3.1.1")
    assert {"/status", "/metrics", "/hooks/git", "/openapi.json"} <= set(own["paths"])
    assert {"/v1/chat/completions", "/v1/models/{id}"} <= set(data["paths"])
