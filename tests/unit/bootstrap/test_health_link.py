import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.loop import on_loop
from fakes.serving import EchoAdapter, built
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.waiting import turns, until

from reconciler.bootstrap import health_link
from reconciler.bootstrap.health_link import MOST_SHARED, HealthLink
from reconciler.clock import SystemClock
from reconciler.errors import StoreError
from reconciler.gateway.routing.breaker import State
from reconciler.gateway.routing.circuits import Breakers, Fault
from reconciler.snapshot.model import Health, Probe, Snapshot
from reconciler.store.health import CircuitRow, HealthRows, Seen, Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.transitions import CLOSED, HEALTHY, OPENED, UNHEALTHY

P = built("p", EchoAdapter("p"), "none")
Q = built("q", EchoAdapter("q"), "none")
NAME = str(P.key)
HEALTH = Health(failure_threshold=1, open_for=60.0)
PROBE = Probe(interval=3600.0, healthy_threshold=1, unhealthy_threshold=1, slow_start=60.0)
PLAIN = Snapshot(3, {}, {P.key: P})
PROBED = replace(PLAIN, probes={P.key: PROBE})
BUSY = Fault("status 503")


def well(exchange: ScriptedExchange) -> None:
    asyncio.get_running_loop().call_soon(exchange.sink.whole, 200, (), b"{}")


def ill(exchange: ScriptedExchange) -> None:
    asyncio.get_running_loop().call_soon(exchange.sink.whole, 500, (), b"sk-canary")


@pytest.fixture
def observations(tmp_path: Path) -> Iterator[Observations]:
    with closing(Observations(tmp_path / "records.db")) as opened:
        yield opened


class Worker:
    """As `serve` puts it together, driven turn by turn."""

    def __init__(self, observations: Observations, name: str = "a") -> None:
        now = SystemClock().now().timestamp()
        observations.put_worker(WorkerRow(name, 1, now, now, 3))
        self.observations = observations
        self.breakers = Breakers()
        self.play = well
        self.probed = 0
        self.link = HealthLink(
            HealthRecords(observations),
            SystemClock(),
            name,
            self.breakers,
            ScriptedTransports(self._opened),
        )

    def _opened(self, exchange: ScriptedExchange) -> None:
        self.probed += 1
        self.play(exchange)

    async def turn(self) -> None:
        await self.link.exchange()
        await turns(3)  # what a probe that was begun needs

    def fail(self, model: str = "m") -> None:
        self.breakers.failed(P, model, 0, asyncio.get_running_loop().time(), HEALTH, BUSY)

    @property
    def rows(self) -> HealthRows:
        return HealthRecords(self.observations).rows(SystemClock().now().timestamp())

    @property
    def events(self) -> list[tuple[str, str, str]]:
        found = self.observations.transitions()
        return [(each.reason, each.subject, each.message) for each in found if each.reason != "Serving"]

    @property
    def unhealthy(self) -> bool:
        return P in self.breakers.troubled and self.breakers.troubled[P].unhealthy


@on_loop
async def test_circuits_that_open_and_close_are_told(
    observations: Observations, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(observations)
    worker.link.published(PLAIN)
    await worker.turn()
    worker.fail()
    await worker.turn()
    (row,) = worker.rows.circuits
    assert (row.instance, row.provider, row.model, row.state, row.fault) == (
        "a",
        NAME,
        "m",
        "open",
        BUSY.words,
    )
    now = SystemClock().now().timestamp()
    assert abs(row.since - now) < 30
    assert row.next_try is not None
    assert abs(row.next_try - row.since - 60) < 1e-3
    worker.breakers.reset(P.key, 0.0)
    await worker.turn()
    assert worker.rows.circuits == ()
    assert worker.events == [
        (OPENED, NAME, "model m: status 503"),
        (CLOSED, NAME, "model m: reset by hand"),
    ]
    assert [record.getMessage() for record in caplog.records if record.name == health_link.__name__] == [
        "Provider/p, model m is left alone for a while: status 503",
        "Provider/p, model m is asked again",
    ]


@on_loop
async def test_one_worker_probes_and_all_hear_of_it(observations: Observations) -> None:
    one, other = Worker(observations), Worker(observations, "b")
    for worker in (one, other):
        worker.link.published(PROBED)
        await worker.turn()
    await one.turn()
    assert (one.probed, other.probed, one.rows.prober) == (1, 0, "a")
    assert one.rows.probes[NAME].healthy
    assert one.events == []
    assert one.breakers.pause == 2.0
    one.play = ill
    one.link.published(replace(PROBED, probes={P.key: replace(PROBE, timeout=9.0)}))
    await asyncio.sleep(0)
    await one.turn()
    await one.turn()
    await other.turn()
    assert one.unhealthy
    assert other.unhealthy
    assert one.events == [(UNHEALTHY, NAME, "status 500")]
    one.play = well
    one.link.published(replace(PROBED, probes={P.key: replace(PROBE, timeout=8.0)}))
    await asyncio.sleep(0)
    await one.turn()
    await one.turn()
    await other.turn()
    assert not one.unhealthy
    assert not other.unhealthy
    assert one.events[1:] == [(HEALTHY, NAME, "")]
    now = asyncio.get_running_loop().time()
    assert not all(other.breakers.troubled[P].admits("m", now) for _ in range(10)), "it starts slowly"


@on_loop
async def test_who_takes_over_goes_on_with_what_was_found(observations: Observations) -> None:
    one, other = Worker(observations), Worker(observations, "b")
    one.play = ill
    one.link.published(PROBED)
    for _ in range(3):
        await one.turn()
    assert one.rows.probes[NAME].healthy is False
    one.link.end()
    await asyncio.wait_for(one.link.run(), 30)
    other.link.published(PROBED)
    await other.turn()
    await other.turn()
    assert (other.rows.prober, other.probed) == ("b", 1)
    assert other.events == [(UNHEALTHY, NAME, "status 500"), (HEALTHY, NAME, "")]


@on_loop
async def test_a_reset_reaches_circuits_and_probes(observations: Observations) -> None:
    worker = Worker(observations)
    HealthRecords(observations).reset([NAME], 0.0)
    running = asyncio.get_running_loop().create_task(worker.link.run())
    worker.play = ill
    worker.link.published(PROBED)
    await until(lambda: worker.unhealthy)
    worker.fail()
    HealthRecords(observations).reset([NAME, "Provider/another"], 0.0)
    await until(lambda: P not in worker.breakers.troubled)
    worker.link.end()
    await running
    assert worker.rows.circuits == ()
    assert set(worker.events[-2:]) == {
        (CLOSED, NAME, "model m: reset by hand"),
        (HEALTHY, NAME, "reset by hand"),
    }


@on_loop
async def test_what_is_not_probed_any_more_is_healthy(observations: Observations) -> None:
    worker = Worker(observations)
    worker.play = ill
    worker.link.published(PROBED)
    for _ in range(3):
        await worker.turn()
    assert worker.unhealthy
    worker.link.published(PLAIN)
    await worker.turn()
    await worker.turn()
    assert not worker.unhealthy
    assert worker.rows.prober == ""


class Full(HealthRecords):
    """A disk that fills up, and is emptied."""

    full = True

    def exchange(self, told: Told) -> Seen:
        if self.full:
            raise StoreError("no room")
        return super().exchange(told)

    def last_reset(self) -> int:
        raise StoreError("no room")


@on_loop
async def test_what_could_not_be_written_is_written_when_it_can_be(
    observations: Observations, caplog: pytest.LogCaptureFixture
) -> None:
    records = Full(observations)
    worker = Worker(observations)
    link = HealthLink(records, SystemClock(), "a", worker.breakers, ScriptedTransports())
    link.published(PROBED)
    worker.fail()
    await link.exchange()
    await link.exchange()
    assert len([each for each in caplog.messages if "can't be recorded" in each]) == 1
    records.full = False
    await link.exchange()
    assert worker.events == [(OPENED, NAME, "model m: status 503")]
    link.end()
    await link.run()
    assert len(worker.events) == 1


@on_loop
async def test_what_is_not_worth_remembering_is_forgotten_now_and_then(
    observations: Observations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_link, "_TURNS", 1)
    monkeypatch.setattr(health_link, "SECONDS", 0.001)
    worker = Worker(observations)
    for number in range(MOST_SHARED + 3):
        now = SystemClock().now().timestamp()
        observations.put_worker(WorkerRow(f"w{number}", 1, now, now, 3))
    worker.breakers.judge(P, healthy=False, now=0.0)
    worker.breakers.judge(P, healthy=True, now=0.0)
    assert P in worker.breakers.troubled
    running = asyncio.get_running_loop().create_task(worker.link.run())
    await until(lambda: P not in worker.breakers.troubled)
    await until(lambda: worker.breakers.pause == MOST_SHARED)
    worker.link.end()
    await running


# --- from one worker to the next ----------------------------------------------------------------------------------


@on_loop
async def test_a_worker_begins_with_the_circuits_that_others_have_open(
    observations: Observations, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    one, other = Worker(observations), Worker(observations, "b")
    one.link.published(PLAIN)
    one.fail()
    one.breakers.failed(Q, "m", 0, asyncio.get_running_loop().time(), HEALTH, BUSY)
    await one.turn()
    other.link.published(PLAIN)
    await other.link.take_over()
    (told,) = other.breakers.standings(asyncio.get_running_loop().time())
    (mine, _) = one.breakers.standings(asyncio.get_running_loop().time())
    assert (told.provider, told.model, told.state, told.fault) == (P.key, "m", State.OPEN, BUSY.words)
    assert told.next_try == pytest.approx(mine.next_try, abs=1.0)
    assert told.since == pytest.approx(mine.since, abs=1.0)
    assert other.events == one.events, "no circuit opened"
    assert "Provider/p, model m is left alone, as by the worker before" in caplog.messages


@on_loop
async def test_a_worker_that_ends_leaves_none_behind(observations: Observations) -> None:
    one, other = Worker(observations), Worker(observations, "b")
    one.link.published(PLAIN)
    one.fail()
    await one.turn()
    one.link.end()
    await asyncio.wait_for(one.link.run(), 30)
    other.link.published(PLAIN)
    await other.link.take_over()
    assert other.breakers.standings(0.0) == ()


class Unread(HealthRecords):
    def left_alone(self, now: float) -> Sequence[CircuitRow]:
        raise StoreError("no room")


@on_loop
async def test_records_that_can_not_be_read_are_no_reason_not_to_begin(observations: Observations) -> None:
    worker = Worker(observations)
    link = HealthLink(Unread(observations), SystemClock(), "a", worker.breakers, ScriptedTransports())
    await link.take_over()
    assert worker.breakers.standings(0.0) == ()
