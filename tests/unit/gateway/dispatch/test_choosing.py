import heapq
from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise

import pytest
from fakes.serving import candidate

from reconciler.gateway.dispatch.choosing import Choosing
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Reason, Skipped
from reconciler.gateway.routing.retry_budget import FLOOR
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.snapshot.model import Health

HEALTH = Health(failure_threshold=3, window=10.0, open_for=5.0)


def routed(*names: str, health: Health = HEALTH) -> tuple[RoutedCandidate, ...]:
    return tuple(RoutedCandidate(replace(candidate(name), health=health), "m") for name in names)


class Stand:
    def __init__(self, *names: str, health: Health = HEALTH) -> None:
        self.memory = Memory()
        self.candidates = routed(*names, health=health)

    def choosing(self) -> Choosing:
        return Choosing(self.candidates, self.memory)

    def tried(self, now: float, verdict: Callable[[Choosing], None]) -> list[str]:
        choosing, names = self.choosing(), []
        while isinstance(chosen := choosing.next(now), RoutedCandidate):
            names.append(chosen.candidate.provider)
            verdict(choosing)
        return names

    def refuse(self, status: int, times: int = 3, now: float = 0.0, **headers: str) -> None:
        given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        for _ in range(times):
            choosing = self.choosing()
            assert choosing.next(now) is not None
            choosing.refused(status, given, now)

    def skips(self, now: float) -> list[Skipped]:
        choosing = self.choosing()
        while choosing.next(now) is not None:
            choosing.failed(now)
        return list(choosing.skipped)


def test_candidates_are_given_in_their_order() -> None:
    stand = Stand("a", "b")
    assert stand.tried(0.0, lambda choosing: choosing.failed(0.0)) == ["a", "b"]


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503, 529])
def test_faults_of_the_provider_open_its_circuit(status: int) -> None:
    stand = Stand("a", "b")
    stand.refuse(status)
    reason = Reason.RATE_LIMITED if status == 429 else Reason.CIRCUIT_OPEN
    assert stand.skips(1.0) == [Skipped("a", "binding-a", reason)]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_faults_of_the_request_do_not(status: int) -> None:
    stand = Stand("a", "b")
    stand.refuse(status, times=20)
    assert stand.skips(1.0) == []


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_opens_it_at_once_and_for_its_time(status: int) -> None:
    stand = Stand("a")
    stand.refuse(status, times=1, retry_after="20")
    assert len(stand.skips(19.0)) == 1
    assert stand.skips(20.0) == []


@pytest.mark.parametrize("said", ["", "0", "soon", "-3"])
def test_a_retry_after_of_no_time_counts_as_none(said: str) -> None:
    stand = Stand("a")
    stand.refuse(429, times=2, retry_after=said)
    assert stand.skips(0.0) == []


def test_a_verdict_is_heard_once() -> None:
    stand = Stand("a")
    for _ in range(3):
        choosing = stand.choosing()
        choosing.next(0.0)
        choosing.answered(0.0)
        choosing.failed(0.0)
        choosing.refused(503, (), 0.0)
        choosing.left()
    assert stand.skips(0.0) == []


def test_an_answer_closes_and_a_client_that_leaves_says_nothing() -> None:
    stand = Stand("a")
    stand.refuse(503)
    probing = stand.choosing()
    assert probing.next(5.0) is not None
    assert len(stand.skips(5.0)) == 1
    probing.left()
    assert stand.tried(6.0, lambda choosing: choosing.answered(6.0)) == ["a"]
    assert stand.skips(6.0) == []


def test_nobody_is_asked_where_all_are_left_alone() -> None:
    stand = Stand("a", "b")
    for _ in range(3):
        stand.tried(0.0, lambda choosing: choosing.failed(0.0))
    choosing = stand.choosing()
    assert choosing.next(1.5) is None
    error = choosing.nobody("m")
    assert (error.status, error.code, error.headers) == (
        503,
        "providers_unavailable",
        (("retry-after", "4"),),
    )


def test_rate_limits_alone_are_told_as_such_with_the_soonest_moment() -> None:
    stand = Stand("a", "b")
    choosing = stand.choosing()
    for seconds in ("30", "20"):
        choosing.next(0.0)
        choosing.refused(429, (("retry-after", seconds),), 0.0)
    choosing = stand.choosing()
    assert choosing.next(10.0) is None
    error = choosing.nobody("m")
    assert (error.status, error.code, error.headers) == (429, "rate_limit_exceeded", (("retry-after", "10"),))


def test_without_a_budget_the_first_failure_is_the_last() -> None:
    stand = Stand("a", "b", "c", health=replace(HEALTH, failure_threshold=0))
    for _ in range(FLOOR):
        assert stand.memory.retries.take(0.0)
    choosing = stand.choosing()
    first = choosing.next(0.0)
    assert isinstance(first, RoutedCandidate)
    assert first.candidate.provider == "a"
    choosing.failed(0.0)
    assert choosing.next(0.0) is None
    assert choosing.skipped == (Skipped("b", "binding-b", Reason.RETRY_BUDGET),)


# --- a storm: 500 requests a second, two providers that answer after 50 ms ----------------------------------------

RATE = 500
LATENCY = 0.05


def storm(stand: Stand, seconds: int, healed: float) -> tuple[list[tuple[float, str]], list[float]]:
    """The attempts and the answers, by their moments. All attempts fail until `healed`."""
    order, attempts, answers = count(), [], []
    events: list[tuple[float, int, Choosing, bool]] = [
        (number / RATE, next(order), stand.choosing(), False) for number in range(seconds * RATE)
    ]
    heapq.heapify(events)
    while events:
        now, _, choosing, ended = heapq.heappop(events)
        if ended and now >= healed:
            choosing.answered(now)
            answers.append(now)
            continue
        if ended:
            choosing.refused(503, (), now)
        chosen = choosing.next(now)
        if isinstance(chosen, RoutedCandidate):
            attempts.append((now, chosen.candidate.provider))
            heapq.heappush(events, (now + LATENCY, next(order), choosing, True))
    return attempts, answers


def test_a_storm_is_stilled_and_over_soon_after_its_cause() -> None:
    stand = Stand("a", "b", health=Health())
    attempts, answers = storm(stand, 40, healed=30.0)
    assert len([now for now, _ in attempts if now < 30]) < 0.02 * 30 * RATE
    for provider in ("a", "b"):
        probes = [now for now, name in attempts if name == provider and 1 < now < 30]
        assert probes
        assert all(later - earlier >= 1 for earlier, later in pairwise(probes))
    assert answers[0] < 40
    assert len([now for now in answers if now > answers[0] + LATENCY]) > RATE


def test_a_storm_without_breakers_grows_by_no_more_than_a_fifth() -> None:
    stand = Stand("a", "b", health=replace(HEALTH, failure_threshold=0))
    attempts, _ = storm(stand, 30, healed=1000.0)
    assert 1.1 <= len(attempts) / (30 * RATE) <= 1.2


def test_who_does_well_costs_nothing_of_the_budget() -> None:
    """A request that goes on to them makes no storm worse."""
    stand = Stand("a", "b", health=Health(failure_threshold=10_000, window=10.0, open_for=5.0))
    for _ in range(3 * FLOOR):
        choosing = stand.choosing()
        assert choosing.next(1.0) is not None
        choosing.failed(1.0)
        assert choosing.next(1.0) is not None
        choosing.answered(1.0)
    assert sum(stand.memory.retries.take(1.0) for _ in range(2 * FLOOR)) == FLOOR


def test_who_failed_last_does() -> None:
    stand = Stand("a", "b", health=Health(failure_threshold=10_000, window=10.0, open_for=5.0))
    tried = [len(stand.tried(1.0, lambda choosing: choosing.failed(1.0))) for _ in range(2 * FLOOR)]
    assert tried[0] == tried[1] == 2
    assert sum(tried) == 3 * FLOOR + 1  # the first one's second try was free


TOLD = (400, (), b"no words for it", "a")


def test_who_has_no_words_for_a_request_is_passed_over_and_not_judged() -> None:
    stand = Stand("a", "b")
    choosing = stand.choosing()
    assert choosing.next(0.0) is stand.candidates[0]
    choosing.unasked(TOLD, 0.0)
    assert choosing.next(0.0) is stand.candidates[1]
    choosing.unasked((*TOLD[:3], "b"), 0.0)
    assert choosing.next(0.0) is None
    assert [(each.provider, each.reason) for each in choosing.skipped] == [
        ("a", Reason.NOT_SUPPORTED),
        ("b", Reason.NOT_SUPPORTED),
    ]
    assert choosing.refusal == (*TOLD[:3], "b")
    assert not stand.memory.breakers.troubled


def test_that_one_has_no_words_is_not_told_where_another_is_left_alone_for_now() -> None:
    stand = Stand("b")
    stand.refuse(500)
    stand.candidates = (*routed("a"), *stand.candidates)
    choosing = stand.choosing()
    assert choosing.next(0.0) is stand.candidates[0]
    choosing.unasked(TOLD, 0.0)
    assert choosing.next(0.0) is None
    assert choosing.refusal is None
    assert choosing.nobody("m").status == 503
