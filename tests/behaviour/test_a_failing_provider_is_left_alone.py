"""Providers that fail, refuse or fall silent: what the real app makes of them, with an upstream played by the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

import httpx2
import pytest
from fakes.in_process import asking
from fakes.loop import on_loop
from fakes.serving import EchoAdapter, built, candidate, namespace, served, snapshot
from fakes.transports import ScriptedExchange, ScriptedTransports

from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.routing.retry_budget import FLOOR
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Health, Snapshot, Timeouts, Upstream
from reconciler.snapshot.registry import Registry

JSON = (("content-type", "application/json"),)
SSE = (("content-type", "text/event-stream"),)
BUSY = b'{"error": {"message": "busy", "type": "t", "param": null, "code": "c"}}'
DELTA = b'data: {"id": "c", "choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'

Play: TypeAlias = Callable[[ScriptedExchange], None]


def answering(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, JSON)
    exchange.sink.data(b'{"from": "%b"}' % exchange.provider.encode())
    exchange.sink.end()


def refusing(status: int, *headers: tuple[str, str]) -> Play:
    def play(exchange: ScriptedExchange) -> None:
        exchange.sink.head(status, (*JSON, *headers))
        exchange.sink.data(BUSY)
        exchange.sink.end()

    return play


def unreachable(exchange: ScriptedExchange) -> None:
    exchange.sink.error(Failure.CONNECT, "refused")


def silent(exchange: ScriptedExchange) -> None:
    """Never says anything."""


def falling_silent(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, SSE)
    exchange.sink.data(DELTA)


class Scene:
    """`plays`: what each provider does, and may be changed at any time."""

    def __init__(self, health: Health, timeouts: Timeouts, **plays: Play) -> None:
        self.plays = plays
        self.upstreams = {name: built(name, EchoAdapter(name), "none") for name in plays}
        self.transports = ScriptedTransports(self._opened)
        self.telemetry = Telemetry()
        self._health, self._timeouts = health, timeouts
        self._registry, memory = Registry(), Memory()
        self._registry.listen(lambda now: memory.breakers.keep(tuple(now.upstreams.values())))
        self.publish()
        self.memory = memory
        plane = data_plane(self._registry, self.transports, self.telemetry, memory=memory)
        self.client = asking(plane)

    @property
    def asked(self) -> list[str]:
        return [exchange.provider for exchange in self.transports.exchanges]

    def publish(self, **upstreams: Upstream) -> None:
        self.upstreams.update(upstreams)
        self._registry.publish(self._snapshot())

    def judge(self, name: str, *, healthy: bool) -> None:
        """As the worker does when it heard what the probe found."""
        now = asyncio.get_running_loop().time()
        self.memory.breakers.judge(self.upstreams[name], healthy=healthy, now=now)

    async def ask(self, *, stream: bool = False, model: str = "m") -> httpx2.Response:
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello"}]}
        return await self.client.post("/v1/chat/completions", json=body)

    def _snapshot(self) -> Snapshot:
        candidates = [
            replace(candidate(each), health=self._health, timeouts=self._timeouts)
            for each in self.upstreams.values()
        ]
        others = [replace(each, upstream_model="another") for each in candidates]
        return snapshot(namespace(served("m", *candidates), served("other", *others)))

    def _opened(self, exchange: ScriptedExchange) -> None:
        asyncio.get_running_loop().call_soon(lambda: self.plays[exchange.provider](exchange))


PATIENT = Timeouts(5.0, 60.0)
HEALTH = Health(failure_threshold=3, window=10.0, open_for=30.0)


@asynccontextmanager
async def scene(
    *, health: Health = HEALTH, timeouts: Timeouts = PATIENT, **plays: Play
) -> AsyncIterator[Scene]:
    made = Scene(health, timeouts, **plays)
    async with made.client:
        yield made


@pytest.mark.parametrize("failing", [unreachable, refusing(503), refusing(401)])
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_who_fails_three_times_is_not_asked_again(failing: Play, stream: bool) -> None:
    async with scene(first=failing, second=answering) as stand:
        for _ in range(5):
            answer = await stand.ask(stream=stream)
            assert (answer.status_code, answer.json()) == (200, {"from": "second"})
        assert stand.asked.count("first") == 3
        assert stand.telemetry.snapshot()["skipped"] == {"first": {"circuit_open": 2}}


@on_loop
async def test_clients_faults_leave_a_provider_where_it_is() -> None:
    async with scene(first=refusing(400)) as stand:
        for _ in range(20):
            assert (await stand.ask()).status_code == 400
        stand.plays["first"] = answering
        assert (await stand.ask()).status_code == 200


@on_loop
async def test_where_all_fail_clients_hear_so_at_once_and_when_to_come_again() -> None:
    async with scene(first=unreachable, second=unreachable) as stand:
        for _ in range(3):
            assert (await stand.ask()).status_code == 502
        answer = await stand.ask()
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert answer.json()["error"]["code"] == "providers_unavailable"
        assert answer.headers["x-routerctl-attempts"] == "0"
        assert len(stand.asked) == 6


@on_loop
async def test_a_rate_limit_is_heeded_and_told() -> None:
    async with scene(only=refusing(429, ("retry-after", "17"))) as stand:
        first, second = await stand.ask(), await stand.ask()
        assert (first.status_code, first.headers["retry-after"]) == (429, "17")
        assert (second.status_code, second.headers["retry-after"]) == (429, "17")
        assert second.json()["error"]["code"] == "rate_limit_exceeded"
        assert stand.asked == ["only"]


@on_loop
async def test_a_circuit_outlives_a_revision_and_ends_with_the_build() -> None:
    async with scene(first=unreachable, second=answering) as stand:
        for _ in range(3):
            await stand.ask()
        stand.publish()
        await stand.ask()
        assert stand.asked.count("first") == 3
        stand.publish(first=replace(stand.upstreams["first"], fingerprint="another address"))
        await stand.ask()
        assert stand.asked.count("first") == 4


@on_loop
async def test_who_its_probe_finds_unhealthy_is_asked_last_and_still_asked() -> None:
    async with scene(first=answering, second=answering) as stand:
        stand.judge("first", healthy=False)
        assert (await stand.ask()).json() == {"from": "second"}
        assert stand.telemetry.snapshot()["skipped"] == {"first": {"unhealthy": 1}}
        stand.plays["second"] = unreachable
        assert (await stand.ask()).json() == {"from": "first"}
        stand.judge("second", healthy=False)
        stand.publish()
        assert (await stand.ask()).json() == {"from": "first"}
        stand.judge("first", healthy=True)
        assert (await stand.ask()).json() == {"from": "first"}


@on_loop
async def test_a_model_that_fails_leaves_the_provider_to_the_others() -> None:
    async with scene(first=refusing(500), second=answering) as stand:
        for _ in range(4):
            await stand.ask()
        stand.plays["first"] = answering
        assert (await stand.ask()).json() == {"from": "second"}
        assert (await stand.ask(model="other")).json() == {"from": "first"}


@on_loop
async def test_without_a_retry_budget_the_first_failure_is_the_answer() -> None:
    never = replace(HEALTH, failure_threshold=0)
    async with scene(health=never, first=refusing(503, ("retry-after", "9")), second=answering) as stand:
        answers = [await stand.ask() for _ in range(FLOOR + 1)]
        assert [answer.status_code for answer in answers] == [200] * FLOOR + [503]
        assert answers[-1].headers["retry-after"] == "9"
        assert stand.telemetry.snapshot()["skipped"] == {"second": {"retry_budget": 1}}


@on_loop
async def test_a_stream_that_does_not_begin_is_another_providers() -> None:
    hasty = replace(PATIENT, first_byte=0.02)
    async with scene(timeouts=hasty, first=silent, second=answering) as stand:
        answer = await stand.ask(stream=True)
        assert answer.json() == {"from": "second"}
        assert stand.transports.exchanges[0].cancelled
        assert stand.telemetry.snapshot()["failures"] == {"first": {"timeout": 1}}


@on_loop
async def test_a_stream_that_falls_silent_ends_with_an_error_event() -> None:
    hasty = replace(PATIENT, idle=0.02)
    async with scene(timeouts=hasty, first=falling_silent, second=answering) as stand:
        answer = await stand.ask(stream=True)
        *_, last = answer.content.split(b"\n\n")[:-1]
        assert answer.content.startswith(DELTA)
        assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "upstream_broken"
        assert stand.asked == ["first"]
        assert stand.transports.exchanges[0].cancelled
