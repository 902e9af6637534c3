import asyncio
from dataclasses import replace

import pytest
from fakes.loop import on_loop
from fakes.serving import EchoAdapter, built
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.waiting import turns

from reconciler.gateway import probing
from reconciler.gateway.probing import Prober
from reconciler.gateway.routing.findings import Finding
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Probe, Snapshot, Upstream

EAGER = Probe(interval=0.0, timeout=60.0, healthy_threshold=1, unhealthy_threshold=2)
ONCE = replace(EAGER, interval=3600.0, unhealthy_threshold=1)
P = built("p", EchoAdapter("p"), "none")
JSON = (("content-type", "application/json"),)


class Broken(EchoAdapter):
    def probe(self, path: str | None) -> UpstreamRequest:
        raise RuntimeError(f"sk-canary {path}")


def snapshot(probe: Probe, *upstreams: Upstream) -> Snapshot:
    found = {each.key: each for each in upstreams}
    return Snapshot(1, {}, found, (), dict.fromkeys(found, probe))


class Scene:
    def __init__(self) -> None:
        self.opened: asyncio.Queue[ScriptedExchange] = asyncio.Queue()
        self.changed = asyncio.Event()
        self.prober = Prober(ScriptedTransports(self.opened.put_nowait), self.changed.set)

    def watch(self, probe: Probe, upstream: Upstream = P, *before: Finding) -> None:
        self.prober.watch(snapshot(probe, upstream), {each.provider: each for each in before})

    async def probe(self) -> ScriptedExchange:
        async with asyncio.timeout(30):
            return await self.opened.get()

    async def told(self) -> Finding:
        async with asyncio.timeout(30):
            await self.changed.wait()
        self.changed.clear()
        (found,) = self.prober.findings()
        return found


def answer(exchange: ScriptedExchange, status: int = 200, body: bytes = b"{}") -> None:
    exchange.sink.head(status, JSON)
    exchange.sink.data(body)
    exchange.sink.end()


def deny(exchange: ScriptedExchange) -> None:
    exchange.sink.error(Failure.EGRESS, "add - {host: p.test, ports: [80]}")


def refuse(exchange: ScriptedExchange) -> None:
    exchange.sink.error(Failure.CONNECT, "10.0.0.1 refused")


def whole(exchange: ScriptedExchange) -> None:
    exchange.sink.whole(503, JSON, b"sk-canary")


def too_long(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, JSON)
    exchange.sink.data(b"x" * (probing.MAX_BODY + 1))
    assert exchange.cancelled
    exchange.sink.end()


def redirect(exchange: ScriptedExchange) -> None:
    exchange.sink.head(302, (("location", "http://elsewhere.test/"),))
    assert exchange.cancelled
    exchange.sink.end()


@pytest.mark.parametrize(
    ("play", "healthy", "fault"),
    [
        (answer, True, ""),
        (too_long, True, ""),
        (lambda each: each.sink.whole(200, JSON, b"{}"), True, ""),
        (redirect, False, "status 302"),
        (refuse, False, "could not be reached"),
        (deny, False, "add - {host: p.test, ports: [80]}"),
        (whole, False, "status 503"),
        (lambda each: each.sink.error(Failure.BROKEN, "reset"), False, "broke off its answer"),
    ],
)
@on_loop
async def test_a_probe_is_judged_by_how_it_is_answered(play: object, fault: str, *, healthy: bool) -> None:
    assert callable(play)
    scene = Scene()
    scene.watch(ONCE)
    exchange = await scene.probe()
    assert (exchange.request.method, exchange.request.url) == ("GET", "http://p.test/models")
    play(exchange)
    found = await scene.told()
    assert (found.healthy, found.fault) == (healthy, fault)
    scene.prober.stop()
    assert scene.prober.findings() == ()


@on_loop
async def test_the_statuses_and_the_path_are_those_that_are_declared() -> None:
    scene = Scene()
    scene.watch(replace(ONCE, path="/health", statuses=frozenset({401})))
    exchange = await scene.probe()
    assert exchange.request.url == "http://p.test/health"
    answer(exchange, 401)
    assert (await scene.told()).healthy
    scene.prober.stop()


@on_loop
async def test_one_that_says_nothing_in_time_is_let_go() -> None:
    scene = Scene()
    scene.watch(replace(ONCE, timeout=0.0))
    exchange = await scene.probe()
    found = await scene.told()
    assert (found.healthy, found.fault) == (False, "no answer in time")
    assert exchange.cancelled
    scene.prober.stop()


@on_loop
async def test_it_is_looked_at_again_and_never_twice_at_once() -> None:
    scene = Scene()
    scene.watch(EAGER)
    first = await scene.probe()
    await turns()
    assert scene.opened.empty()
    refuse(first)
    refuse(await scene.probe())
    assert (await scene.told()).healthy is False
    answer(await scene.probe())
    assert (await scene.told()).healthy is True
    scene.prober.stop()


@on_loop
async def test_a_revision_leaves_alone_what_it_does_not_touch_and_a_new_build_begins_anew() -> None:
    scene = Scene()
    scene.watch(ONCE)
    refuse(await scene.probe())
    assert (await scene.told()).healthy is False
    scene.watch(ONCE)
    await turns()
    assert scene.opened.empty()
    scene.watch(replace(ONCE, timeout=30.0))
    under_way = await scene.probe()
    assert scene.prober.findings()[0].healthy is False
    scene.watch(replace(ONCE, timeout=30.0), replace(P, fingerprint="another"))
    assert under_way.cancelled
    assert scene.prober.findings()[0].healthy is None
    await scene.probe()
    scene.prober.watch(Snapshot(2), {})
    assert scene.prober.findings() == ()


@on_loop
async def test_it_goes_on_with_what_another_found_until_that_is_forgotten() -> None:
    scene = Scene()
    scene.watch(ONCE, P, Finding(P.key, False, 1.0, 2.0, "status 500"))
    assert scene.prober.findings() == (Finding(P.key, False, 1.0, 2.0, "status 500"),)
    scene.prober.forget(P.key)
    scene.prober.forget(built("q", EchoAdapter("q"), "none").key)
    assert scene.prober.findings()[0].healthy is None
    scene.prober.stop()


@on_loop
async def test_a_bug_is_a_bad_probe_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.watch(ONCE, built("p", Broken("p"), "none"))
    found = await scene.told()
    assert (found.healthy, found.fault) == (False, "could not be probed (RuntimeError)")
    assert "could not be probed, because of a bug" in caplog.text
    scene.prober.stop()
