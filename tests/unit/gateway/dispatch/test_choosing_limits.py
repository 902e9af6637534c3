from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.limits import SimulatedWorker, Time
from fakes.serving import candidate

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.choosing import Choosing
from reconciler.gateway.dispatch.claim import Waiting
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Reason, Skipped
from reconciler.gateway.routing.retry_budget import FLOOR
from reconciler.protocol.body import read_request
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Health, RoutedCandidate

BODY = read_request(b'{"model": "m"}')
ONE = Limits("Provider/a", 1, 1)
QUEUED = replace(ONE, queue=5, patience=4.0)


class Told:
    """Counts the news for a request that waits."""

    def __init__(self) -> None:
        self.times = 0

    def granted(self) -> None:
        self.times += 1


class Stand:
    """One worker; candidates by name, each with limits or without."""

    def __init__(self, path: Path) -> None:
        self.worker = SimulatedWorker(path, "w", Time(), ONE)
        self.memory = Memory(limiters=self.worker.limiters)
        self.health = Health(failure_threshold=1)

    @property
    def now(self) -> float:
        return self.worker.time.at

    def choosing(self, told: Told | None = None, **limits: Limits | None) -> Choosing:
        candidates = tuple(
            RoutedCandidate(replace(candidate(name), limits=given, health=self.health), "m")
            for name, given in limits.items()
        )
        ask = Ask(ENDPOINTS[Endpoint.CHAT], BODY, "m", candidates, "id", 1, memory=self.memory)
        return Choosing(candidates, self.memory, ask, told or Told())

    def again(self, choosing: Choosing) -> Choosing:
        """Of the same upstreams, of which circuits are kept by identity."""
        return Choosing(choosing._candidates, self.memory)

    def tried(self, choosing: Choosing) -> str | None:
        """Whom it gives, once the ledger has spoken; None where nobody is left, "waits" where it queues."""
        chosen = choosing.next(self.now)
        if isinstance(chosen, Waiting):
            self.worker.exchange()
            chosen = choosing.next(self.now)
        if isinstance(chosen, Waiting):
            return "waits"
        return None if chosen is None else chosen.candidate.provider


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path / "s-records.db")
    yield made
    made.worker.close()


def test_the_first_request_of_an_idle_worker_waits_for_the_ledger_and_not_for_another(stand: Stand) -> None:
    told = Told()
    choosing = stand.choosing(told, a=ONE, b=None)
    assert isinstance(choosing.next(stand.now), Waiting)
    assert isinstance(choosing.next(stand.now), Waiting), "nothing is new"
    stand.worker.exchange()
    assert told.times == 1
    chosen = choosing.next(stand.now)
    assert isinstance(chosen, RoutedCandidate)
    assert (chosen.candidate.provider, choosing.skipped) == ("a", ())


def test_who_is_saturated_is_passed_over(stand: Stand) -> None:
    assert stand.tried(stand.choosing(a=ONE)) == "a"
    other = stand.choosing(a=ONE, b=None)
    assert stand.tried(other) == "b"
    assert other.skipped == (Skipped("a", "binding-a", Reason.SATURATED),)


def test_a_slot_is_free_once_the_request_is_over_however_often_that_is_told(stand: Stand) -> None:
    for _ in range(3):
        choosing = stand.choosing(a=ONE)
        assert stand.tried(choosing) == "a"
        choosing.answered(stand.now)
        choosing.over(None, stand.now)
        choosing.over(None, stand.now)


@pytest.mark.parametrize("verdict", ["failed", "refused"])
def test_who_failed_holds_nothing_while_another_is_tried(stand: Stand, verdict: str) -> None:
    choosing = stand.choosing(a=ONE, b=None)
    assert stand.tried(choosing) == "a"
    if verdict == "failed":
        choosing.failed(stand.now)
    else:
        choosing.refused(400, (), stand.now)
    assert stand.tried(stand.choosing(a=ONE)) in {"a", None}
    slots = stand.worker.limiter.slots
    assert slots is not None
    assert slots.used <= 1


def test_where_all_are_saturated_one_waits_in_the_queue(stand: Stand) -> None:
    first, told = stand.choosing(a=QUEUED), Told()
    assert stand.tried(first) == "a"
    second = stand.choosing(told, a=QUEUED)
    assert stand.tried(second) == "waits"
    waiting = second.next(stand.now)
    assert waiting == Waiting(stand.now + 4.0)
    first.over(None, stand.now)
    assert told.times == 2, "once refused by the ledger, once served"
    assert stand.tried(second) == "a"
    assert second.skipped == ()


def test_whose_turn_does_not_come_is_told_when_to_come_again(stand: Stand) -> None:
    assert stand.tried(stand.choosing(a=QUEUED)) == "a"
    second = stand.choosing(a=QUEUED)
    assert stand.tried(second) == "waits"
    stand.worker.time.at += 4.0
    assert second.next(stand.now) is None
    error = second.nobody("m")
    assert (error.status, error.code) == (503, "providers_saturated")
    assert error.headers[0][0] == "retry-after"
    assert second.skipped == (Skipped("a", "binding-a", Reason.SATURATED),)


def test_without_a_queue_nobody_waits(stand: Stand) -> None:
    assert stand.tried(stand.choosing(a=ONE)) == "a"
    second = stand.choosing(a=ONE)
    assert stand.tried(second) is None
    assert second.nobody("m").status == 503


def test_a_rate_that_is_reached_is_a_rate_limit(stand: Stand) -> None:
    limits = Limits("Provider/a", 1, requests=1)
    assert stand.tried(stand.choosing(a=limits)) == "a"
    stand.worker.exchange()
    stand.worker.time.at += 1
    stand.worker.exchange()
    second = stand.choosing(a=limits)
    assert stand.tried(second) is None
    assert second.skipped == (Skipped("a", "binding-a", Reason.LIMIT_REACHED),)
    error = second.nobody("m")
    assert (error.status, error.code, error.type) == (429, "rate_limit_exceeded", "requests")
    assert int(error.headers[0][1]) >= 58


def test_a_client_that_leaves_the_queue_leaves_its_place(stand: Stand) -> None:
    first = stand.choosing(a=QUEUED)
    assert stand.tried(first) == "a"
    gone, third = stand.choosing(a=QUEUED), stand.choosing(a=QUEUED)
    assert (stand.tried(gone), stand.tried(third)) == ("waits", "waits")
    gone.over(None, stand.now)
    first.over(None, stand.now)
    assert stand.tried(third) == "a"


def test_a_circuit_that_opened_meanwhile_is_minded(stand: Stand) -> None:
    first, second = stand.choosing(a=QUEUED), None
    assert stand.tried(first) == "a"
    second = stand.choosing(a=QUEUED)
    candidates = first._candidates
    second._candidates = candidates
    assert stand.tried(second) == "waits"
    first.failed(stand.now)
    assert stand.tried(second) is None
    assert second.skipped[0].reason is Reason.CIRCUIT_OPEN
    slots = stand.worker.limiter.slots
    assert slots is not None
    assert slots.used == 0


def test_where_enough_were_tried_nothing_is_held(stand: Stand) -> None:
    for _ in range(FLOOR):
        assert stand.memory.retries.take(stand.now)
    stand.health = Health(failure_threshold=0)  # nobody can say that it does well
    choosing = stand.choosing(b=None, a=ONE)
    assert stand.tried(choosing) == "b"
    choosing.failed(stand.now)
    assert stand.tried(choosing) is None
    assert choosing.skipped == (Skipped("a", "binding-a", Reason.RETRY_BUDGET),)
    slots = stand.worker.limiter.slots
    assert slots is not None
    assert slots.used == 0


def test_where_enough_were_tried_nobody_waits_in_a_queue(stand: Stand) -> None:
    for _ in range(FLOOR):
        assert stand.memory.retries.take(stand.now)
    stand.health = Health(failure_threshold=0)
    assert stand.tried(stand.choosing(a=QUEUED)) == "a"
    choosing = stand.choosing(b=None, a=QUEUED, c=None)
    assert stand.tried(choosing) == "b"
    choosing.failed(stand.now)
    assert stand.tried(choosing) is None
    reasons = [(each.provider, each.reason) for each in choosing.skipped]
    assert reasons == [("c", Reason.RETRY_BUDGET), ("a", Reason.SATURATED)]


def test_an_answer_that_used_up_the_upstreams_limit_holds_the_next_one_back(stand: Stand) -> None:
    first = stand.choosing(a=None, b=None)
    assert stand.tried(first) == "a"
    spent = (("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "20s"))
    first.answered(stand.now, spent)
    second = stand.again(first)
    assert stand.tried(second) == "b"
    assert second.skipped == (Skipped("a", "binding-a", Reason.RATE_LIMITED),)
    stand.worker.time.at += 20
    assert stand.tried(stand.again(first)) == "a"


def test_a_refusal_without_a_retry_after_is_held_back_for_as_long_as_its_headers_say(stand: Stand) -> None:
    first = stand.choosing(a=None)
    assert stand.tried(first) == "a"
    first.refused(
        429, (("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "12s")), stand.now
    )
    second = stand.again(first)
    assert stand.tried(second) is None
    assert second.nobody("m").headers == (("retry-after", "12"),)
