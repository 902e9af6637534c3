"""What a request holds is free before its client, whose next request may be waiting, hears of its end."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.conversation import JSON, SSE
from fakes.limits import SimulatedWorker, Time
from fakes.talks import Client, Hall, HandAlarms, asked
from fakes.transports import ScriptedExchange, ScriptedTransports

from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Health, Policy

ONE = Limits("Provider/a", 1, 1)
DELTA = b'data: {"choices": [{"delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
STOP = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[SimulatedWorker]:
    made = SimulatedWorker(tmp_path / "s-records.db", "w", Time(), ONE)
    yield made
    made.close()


class Watching(Client):
    """Notes how many slots are taken when it hears of its answer's end."""

    def __init__(self, worker: SimulatedWorker) -> None:
        super().__init__()
        self._worker = worker
        self.taken: list[int] = []

    def _end(self, how: str) -> None:
        super()._end(how)
        self.taken.append(self._worker.limiter.under_way)


def begun(
    worker: SimulatedWorker, policy: Policy | None = None
) -> tuple[Watching, Machine, ScriptedExchange]:
    request = asked(Hall(), "a", stream=True, policy=policy)
    (routed,) = request.candidates
    request.candidates = (replace(routed, candidate=replace(routed.candidate, limits=ONE)),)
    request.memory = Memory(limiters=worker.limiters)
    client, alarms, transports = Watching(worker), HandAlarms(), ScriptedTransports()
    alarms.time = worker.time.at
    machine = Machine(request, transports, alarms, client, client)
    machine.start()
    worker.exchange()
    assert worker.limiter.under_way == 1
    return client, machine, transports.exchanges[0]


def completes(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, SSE)
    exchange.sink.data(STOP)
    exchange.sink.end()


def breaks(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, SSE)
    exchange.sink.data(DELTA)
    exchange.sink.error(Failure.BROKEN, "cut")


def breaks_plain(exchange: ScriptedExchange) -> None:
    exchange.sink.head(200, JSON)
    exchange.sink.data(b"{")
    exchange.sink.error(Failure.BROKEN, "cut")


@pytest.mark.parametrize(
    "play",
    [
        completes,
        breaks,
        breaks_plain,
        lambda exchange: exchange.sink.whole(200, JSON, b"{}"),
        lambda exchange: exchange.sink.whole(400, JSON, b"{}"),
        lambda exchange: exchange.sink.error(Failure.CONNECT, "refused"),
    ],
)
def test_its_slot(worker: SimulatedWorker, play: Callable[[ScriptedExchange], None]) -> None:
    client, _, exchange = begun(worker)
    play(exchange)
    assert client.taken == [0]
    assert len(client.outcomes) == 1


def test_its_slot_where_the_time_of_the_whole_request_is_over(worker: SimulatedWorker) -> None:
    client, machine, _ = begun(worker, Policy(total=5.0))
    machine._now = lambda: worker.time.at + 6.0
    machine.due()
    assert client.status == 504
    assert client.taken == [0]


class _Failing:
    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        raise ZeroDivisionError

    def probe(self, path: str | None) -> UpstreamRequest:
        raise NotImplementedError


def test_its_trial_of_a_circuit_where_it_ends_with_a_bug() -> None:
    """Else nobody would try that provider until the trial is given up."""
    hall = Hall()
    request = asked(hall, "a")
    (routed,) = request.candidates
    request.candidates = (
        replace(routed, candidate=replace(routed.candidate, health=Health(failure_threshold=1))),
    )
    hall.begin(request)
    hall.upstream("a").sink.error(Failure.CONNECT, "refused")
    hall.pass_time(600.0)
    upstream = request.candidates[0].candidate.upstream
    sound = upstream.adapter
    object.__setattr__(upstream, "adapter", _Failing())
    hall.begin(request)
    assert len(hall.client.bugs) == 1
    object.__setattr__(upstream, "adapter", sound)
    hall.pass_time(1.5)
    hall.begin(request)
    assert hall.asked == ["a", "a"]
