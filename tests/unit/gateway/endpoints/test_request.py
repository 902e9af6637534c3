"""The endpoint as ASGI calls it, with a scripted upstream."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest
from fakes.conversation import JSON, SSE
from fakes.loop import on_loop
from fakes.reply import RecordingReply
from fakes.serving import candidate, namespace, served, snapshot
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.waiting import until

from reconciler.gateway.dispatch.alarms import Alarms
from reconciler.gateway.dispatch.conversation import Conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.inference import Inference
from reconciler.gateway.endpoints.request import Request
from reconciler.gateway.endpoints.stand import Stand as Shared
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.telemetry import Telemetry
from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.model import Snapshot, Upstream
from reconciler.snapshot.registry import Registry

CHAT = b'{"model": "m", "messages": []}'
DELTA = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": null}]}\n\n'
SNAPSHOT = snapshot(namespace(served("m", candidate("p"))))


def answer(exchange: ScriptedExchange) -> None:
    """An upstream that answers at once."""
    asyncio.get_running_loop().call_soon(_answer, exchange)


def _answer(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, JSON)
    exchange.sink.data(b'{"usage": {"prompt_tokens": 3, "completion_tokens": 2}}')
    exchange.sink.end()


class Stand:
    """One endpoint, and what a client of it sees."""

    def __init__(
        self,
        force: Snapshot | None = SNAPSHOT,
        endpoint: Endpoint = Endpoint.CHAT,
        opened: Callable[[ScriptedExchange], None] = answer,
        transports: ScriptedTransports | None = None,
    ) -> None:
        self.registry = Registry()
        if force is not None:
            self.registry.publish(force)
        self.transports = transports or ScriptedTransports(opened)
        self.telemetry = Telemetry()
        conversations = Conversations(self.transports, Alarms(), Memory(), self.telemetry)
        self.under_way = UnderWay(conversations.alarms)
        self.shared = Shared(
            ENDPOINTS[endpoint], self.registry, self.telemetry, conversations, self.under_way
        )
        self.inference = Inference(self.shared)
        self.reply = RecordingReply()

    def begin(self) -> Request:
        return self.inference.read({b"content-type": b"application/json"}).begin(self.reply)

    async def ask(self, body: bytes = CHAT) -> None:
        """Until it is answered."""
        self.begin().body(body)
        await until(lambda: self.reply.ended, "the answer")

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def headers(self) -> dict[str, str]:
        return self.reply.headers

    @property
    def code(self) -> object:
        return self.reply.code

    def counted(self, name: str) -> JsonValue:
        """Of the books, where nothing is under way any more."""
        books: JsonObject = self.telemetry.snapshot()
        assert books["in_flight"] == 0
        return books.get(name)


@pytest.mark.parametrize(
    ("endpoint", "label"), [(Endpoint.CHAT, "chat"), (Endpoint.EMBEDDINGS, "embeddings")]
)
@on_loop
async def test_a_candidate_answers_and_is_counted_once(endpoint: Endpoint, label: str) -> None:
    stand = Stand(endpoint=endpoint)
    await stand.ask()
    assert stand.status == 200
    assert stand.headers["x-routerctl-request-id"].startswith("req-")
    assert (stand.headers["x-routerctl-revision"], stand.headers["x-routerctl-provider"]) == ("7", "p")
    (exchange,) = stand.transports.exchanges
    assert exchange.request.url.endswith(endpoint.value)
    assert json.loads(exchange.request.body) == {"model": "upstream-model", "messages": []}
    assert stand.counted("requests") == {label: {"m": {"p": {"2xx": 1}}}}
    assert stand.counted("tokens") == {"m": {"p": {"input": 3, "output": 2}}}


@on_loop
async def test_an_answer_that_came_at_once_is_counted_once() -> None:
    stand = Stand(opened=lambda _: None)
    stand.begin().body(CHAT)
    stand.transports.exchanges[0].sink.whole(200, JSON, b'{"usage": {"prompt_tokens": 3}}')
    assert (stand.status, stand.reply.calls, stand.headers["x-routerctl-provider"]) == (200, ["answer"], "p")
    assert stand.counted("requests") == {"chat": {"m": {"p": {"2xx": 1}}}}
    assert stand.counted("tokens") == {"m": {"p": {"input": 3, "output": 0}}}


@on_loop
async def test_a_request_is_under_way_until_it_is_answered() -> None:
    seen: list[JsonValue] = []

    def note(exchange: ScriptedExchange) -> None:
        seen.append(stand.telemetry.snapshot()["in_flight"])
        answer(exchange)

    stand = Stand(opened=note)
    await stand.ask()
    assert seen == [1]
    assert stand.counted("endings") == {"chat": {"complete": 1}}


@on_loop
async def test_a_request_keeps_the_snapshot_that_it_began_with() -> None:
    def publish(exchange: ScriptedExchange) -> None:
        stand.registry.publish(Snapshot(8))
        answer(exchange)

    stand = Stand(opened=publish)
    await stand.ask()
    assert (stand.status, stand.headers["x-routerctl-revision"]) == (200, "7")


@on_loop
async def test_before_the_first_snapshot_nothing_is_read() -> None:
    stand = Stand(None)
    stand.begin().gone()
    assert (stand.status, stand.code) == (503, "not_ready")
    assert "x-routerctl-revision" not in stand.headers
    assert stand.counted("requests") == {"chat": {"unknown": {"none": {"5xx": 1}}}}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[]", 400, None),
        (b'{"model": "nope"}', 404, "model_not_found"),
        (b'{"messages": []}', 400, "missing_required_parameter"),
    ],
)
@on_loop
async def test_what_is_refused_is_refused_in_openais_shape(
    body: bytes, status: int, code: str | None
) -> None:
    stand = Stand()
    await stand.ask(body)
    assert (stand.status, stand.code) == (status, code)
    assert stand.headers["x-routerctl-request-id"].startswith("req-")
    assert stand.headers["x-routerctl-revision"] == "7"
    assert stand.transports.exchanges == []
    assert stand.counted("requests") == {"chat": {"unknown": {"none": {"4xx": 1}}}}
    assert stand.counted("endings") == {"chat": {"refused": 1}}


@on_loop
async def test_a_body_that_does_not_come_is_counted_and_told() -> None:
    stand = Stand()
    stand.begin().too_slow(30.0)
    assert (stand.status, stand.code) == (408, "request_timeout")


@on_loop
async def test_a_body_that_is_too_large_is_counted_and_told() -> None:
    stand = Stand()
    stand.begin().too_large(1000)
    assert (stand.status, stand.code) == (413, "request_too_large")
    assert stand.counted("requests") == {"chat": {"unknown": {"none": {"4xx": 1}}}}


@on_loop
async def test_another_media_type_is_refused_before_there_is_a_body() -> None:
    stand = Stand()
    stand.inference.read({b"content-encoding": b"gzip"}).begin(stand.reply)
    assert (stand.status, stand.code) == (415, "unsupported_media_type")
    assert stand.counted("requests") == {"chat": {"unknown": {"none": {"4xx": 1}}}}


@on_loop
async def test_a_client_that_leaves_while_it_sends_is_counted_and_gets_nothing() -> None:
    stand = Stand()
    request = stand.begin()
    assert stand.telemetry.snapshot()["in_flight"] == 1
    request.blocked()
    request.writable()
    request.gone()
    assert stand.reply.calls == []
    assert stand.counted("endings") == {"chat": {"gone": 1}}


@on_loop
async def test_a_client_that_leaves_while_it_waits_lets_the_upstream_go() -> None:
    stand = Stand(opened=lambda _: None)
    request = stand.begin()
    request.body(CHAT)
    request.gone()
    assert stand.reply.calls == []
    assert stand.transports.exchanges[0].cancelled
    assert stand.counted("endings") == {"chat": {"gone": 1}}


class Faulty(ScriptedTransports):
    def get(self, upstream: Upstream) -> NoReturn:
        raise ZeroDivisionError("sk-canary")


@on_loop
async def test_a_bug_is_a_500_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand(transports=Faulty())
    with caplog.at_level(logging.ERROR):
        await stand.ask()
    assert (stand.status, stand.code) == (500, "internal_error")
    assert b"sk-canary" not in stand.reply.body
    (record,) = caplog.records
    assert record.getMessage() == f"request {stand.headers['x-routerctl-request-id']} ended with a bug"
    assert stand.counted("requests") == {"chat": {"m": {"none": {"5xx": 1}}}}


class Bug:
    @property
    def current(self) -> Snapshot | None:
        raise ZeroDivisionError("sk-canary")


@pytest.mark.parametrize("when", ["at its head", "at its body"])
@on_loop
async def test_a_bug_of_the_endpoints_own_is_a_500(when: str, caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand()
    if when == "at its head":
        stand.inference = Inference(replace(stand.shared, registry=Bug()))
        stand.begin()
    else:
        stand.registry.publish(Snapshot(8, None))  # type: ignore[arg-type]  # the bug
        stand.begin().body(CHAT)
    assert (stand.status, stand.code) == (500, "internal_error")
    assert stand.reply.calls == ["answer"]
    assert len(caplog.records) == 1
    assert stand.counted("requests") == {"chat": {"unknown": {"none": {"5xx": 1}}}}


@on_loop
async def test_a_bug_after_the_first_byte_cuts_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand(opened=lambda _: None)
    stand.reply.fault = ZeroDivisionError()
    stand.begin().body(b'{"model": "m", "stream": true}')
    (exchange,) = stand.transports.exchanges
    exchange.sink.head(200, SSE)
    exchange.sink.data(DELTA)
    assert stand.reply.calls == ["head", "data", "abort"]
    assert exchange.cancelled
    assert len(caplog.records) == 1
    assert stand.counted("requests") == {"chat": {"m": {"none": {"5xx": 1}}}}


@on_loop
async def test_a_slow_client_holds_the_upstream_back() -> None:
    stand = Stand(opened=lambda _: None)
    request = stand.begin()
    request.body(CHAT)
    (exchange,) = stand.transports.exchanges
    exchange.sink.head(200, JSON)
    exchange.sink.data(b"{")
    request.blocked()
    request.writable()
    assert exchange.calls == ["pause", "resume"]
    request.gone()


@pytest.mark.parametrize(
    ("asked", "model", "answered"),
    [("lonely", "lonely", "5xx"), ("alias", "lonely", "5xx"), ("other", "unknown", "4xx")],
)
@on_loop
async def test_a_model_that_nobody_serves_is_counted_by_its_configured_name(
    asked: str, model: str, answered: str
) -> None:
    stand = Stand(snapshot(namespace(served("lonely"), aliases={"alias": "lonely"})))
    await stand.ask(json.dumps({"model": asked, "messages": []}).encode())
    assert stand.counted("requests") == {"chat": {model: {"none": {answered: 1}}}}
