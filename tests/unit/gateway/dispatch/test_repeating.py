"""Whether the same candidate is asked once more, and what comes of it in a request."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.conversation import (
    Action,
    Event,
    Playbook,
    Stage,
    answers,
    ask,
    data,
    end,
    error,
    gone,
    head,
    outcome,
    sends_head,
    start,
    timer,
    tries,
)
from fakes.limits import SimulatedWorker, Time
from fakes.serving import candidate

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.choosing import Choosing, Waiting
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, Ending, Outcome, Reason, Skipped
from reconciler.gateway.dispatch.repeating import MOST_WAITED, again
from reconciler.gateway.routing.circuits import Breakers, Circuits, Fault
from reconciler.gateway.routing.retry_budget import FLOOR
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Health, Policy, RoutedCandidate
from reconciler.snapshot.retries import Retry


def revoked() -> Event:
    return lambda stage: stage.machine.revoked()


ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}'
THRICE = Retry(3, None, 0.5)


def routed(retry: Retry | None = THRICE, health: Health = Health()) -> RoutedCandidate:  # noqa: B008  frozen
    return RoutedCandidate(replace(candidate("a"), retry=retry, health=health), "m")


def failing(each: RoutedCandidate, fault: Fault) -> Circuits:
    breakers = Breakers()
    upstream = each.candidate.upstream
    breakers.failed(upstream, "m", 0, 0.0, each.candidate.health, fault)
    return breakers.troubled[upstream]


# --- whether ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [408, 409, 429, 500, 503, Failure.CONNECT, Failure.BROKEN])
def test_who_fails_is_asked_again(verdict: int | Failure) -> None:
    each = routed()
    found = again(each, 1, verdict, None, 10.0)
    assert found is not None
    assert (found.routed, found.at, found.tried) == (each, 10.5, 1)


@pytest.mark.parametrize("verdict", [401, 403, Failure.TIMEOUT, Failure.STOPPING])
def test_whose_answer_would_be_the_same_or_as_late_is_not(verdict: int | Failure) -> None:
    assert again(routed(), 1, verdict, None, 10.0) is None


def test_only_after_the_statuses_that_are_named() -> None:
    each = routed(Retry(2, frozenset({503})))
    assert again(each, 1, 503, None, 0.0) is not None
    assert again(each, 1, 500, None, 0.0) is None
    assert again(each, 1, Failure.BROKEN, None, 0.0) is not None


def test_only_so_often() -> None:
    assert again(routed(), 2, 503, None, 0.0) is not None
    assert again(routed(), 3, 503, None, 0.0) is None
    assert again(routed(None), 1, 503, None, 0.0) is None


def test_requests_do_not_come_again_at_one_moment() -> None:
    times = {found.at for name in "abcdefgh" if (found := again(routed(), 1, 503, None, 0.0, name))}
    assert len(times) > 4
    assert all(0.25 <= each <= 0.5 for each in times)


def test_a_short_retry_after_is_waited_for_and_a_long_one_is_not() -> None:
    each = routed()
    for seconds, wanted in ((1.0, 1.0), (MOST_WAITED, MOST_WAITED), (MOST_WAITED + 1, None)):
        circuits = failing(each, Fault("status 429", retry_after=seconds, limited=True))
        found = again(each, 1, 429, circuits, 0.0)
        assert (None if found is None else found.at) == wanted


def test_who_is_left_alone_or_unhealthy_is_left_for_the_next() -> None:
    each = routed(health=Health(failure_threshold=1, open_for=5.0))
    circuits = failing(each, Fault("status 503"))
    assert again(each, 1, 503, circuits, 0.0) is None
    circuits = failing(routed(), Fault("status 503"))
    assert again(routed(), 1, 503, circuits, 0.0) is not None
    circuits.unhealthy = True
    assert again(routed(), 1, 503, circuits, 0.0) is None


# --- in a request -----------------------------------------------------------------------------------------------


def playing(*providers: str, retry: Retry = THRICE, policy: Policy | None = None) -> Playbook:
    """Only the first is asked again."""
    play = Playbook(*providers)
    asked = ask(*providers)
    first, *others = asked.candidates
    asked.candidates = (replace(first, candidate=replace(first.candidate, retry=retry)), *others)
    asked.policy, asked.request_id = policy, ""
    play.stage = Stage(asked)
    return play


def test_the_same_one_is_asked_again_after_a_pause_and_then_the_next() -> None:
    play = playing("a", "b") >> start() << tries("a")
    play >> head(0, 503) >> data(0, ERROR) >> end(0)
    play.at(0.4) >> timer()
    play.at(0.5) >> timer() << tries("a")
    play.at(1.0) >> error(1, Failure.CONNECT)
    play.at(2.0) >> timer() << tries("a")
    play >> head(2, 503) >> data(2, ERROR) >> end(2) << tries("b")
    (
        play
        >> head(3, 200)
        >> data(3, b"{}")
        << sends_head(200, x_routerctl_attempts="4", x_routerctl_provider="b")
    )


def test_an_answer_of_the_second_attempt_is_the_clients() -> None:
    play = playing("a", "b") >> start() << tries("a") >> error(0, Failure.BROKEN)
    play.at(0.5) >> timer() << tries("a") >> head(1, 200) >> data(1, b"{}") << sends_head(200)


def test_where_nobody_is_left_the_client_gets_the_refusal() -> None:
    play = playing("a", retry=Retry(2, None, 0.5)) >> start() << tries("a")
    play >> head(0, 503) >> data(0, ERROR) >> end(0)
    play.at(0.5) >> timer() << tries("a")
    play >> head(1, 503) >> data(1, ERROR) >> end(1) << answers(503, "no")
    play << outcome(503, Ending.REFUSED, ("a", None, 503), ("a", None, 503))
    play.over()


def test_a_client_that_leaves_meanwhile_is_gone() -> None:
    play = playing("a") >> start() << tries("a") >> error(0, Failure.CONNECT)
    play >> gone() << outcome(CLIENT_GONE, Ending.GONE, ("a", Failure.CONNECT, None))
    play.at(0.5) >> timer()
    play.over()


def test_a_key_that_is_revoked_meanwhile_is_what_the_client_hears_of() -> None:
    for fault in (Failure.CONNECT, Failure.BROKEN):
        play = playing("a", "b") >> start() << tries("a") >> error(0, fault)
        play.at(0.2) >> revoked() << answers(401) << outcome(401, Ending.REFUSED, ("a", fault, None))
        play.over()


def test_the_attempts_of_a_route_count_all_of_them() -> None:
    play = playing("a", "b", policy=Policy(attempts=2)) >> start() << tries("a")
    play >> error(0, Failure.CONNECT)
    play.at(0.5) >> timer() << tries("a")
    play >> error(1, Failure.CONNECT) << answers(502)
    play << outcome(502, Ending.REFUSED, ("a", Failure.CONNECT, None), ("a", Failure.CONNECT, None))


def test_after_a_status_that_a_route_does_not_name_nobody_is_asked_again() -> None:
    play = playing("a", "b", policy=Policy(retry_on=frozenset({429}))) >> start() << tries("a")
    play >> head(0, 503) >> data(0, ERROR) >> end(0) << answers(503)


def test_a_pause_that_the_time_of_the_whole_request_is_too_short_for_is_not_made() -> None:
    slow, short = Retry(2, None, 8.0), Policy(total=3.0)
    play = playing("a", "b", retry=slow, policy=short) >> start() << tries("a")
    play >> head(0, 503) >> data(0, ERROR) >> end(0) << tries("b")
    play = playing("a", retry=slow, policy=short) >> start() << tries("a")
    play >> head(0, 503) >> data(0, ERROR) >> end(0)
    play << answers(503, "no") << outcome(503, Ending.REFUSED, ("a", None, 503))
    play.over()


# --- limits, circuits and the budget ----------------------------------------------------------------------------


class Patient:
    """Who waits, and asks by itself."""

    def granted(self) -> None: ...


def choosing(memory: Memory, *candidates: RoutedCandidate) -> Choosing:
    asked = replace(ask("a"), candidates=candidates, memory=memory, request_id="")
    return Choosing(candidates, memory, asked, Patient())


def name_of(chosen: object) -> str:
    assert isinstance(chosen, RoutedCandidate)
    return chosen.candidate.provider


def test_the_budget_of_retries_bounds_it_and_costs_nobody_the_way_to_the_next() -> None:
    memory = Memory()
    for _ in range(FLOOR):
        assert memory.retries.take(0.0)
    other = RoutedCandidate(candidate("b"), "m")
    chosen = choosing(memory, routed(), other)
    assert name_of(chosen.next(0.0)) == "a"
    chosen.failed(0.0, Failure.CONNECT)
    assert chosen.next(0.0) == Waiting(0.5)
    assert name_of(chosen.next(0.5)) == "b"


def test_who_is_left_alone_by_then_is_not_asked() -> None:
    memory, each = Memory(), routed(health=Health(failure_threshold=2))
    other = RoutedCandidate(candidate("b"), "m")
    chosen = choosing(memory, each, other)
    assert name_of(chosen.next(0.0)) == "a"
    chosen.refused(503, (), 0.0)
    assert chosen.next(0.0) == Waiting(0.5)
    memory.breakers.failed(each.candidate.upstream, "m", 0, 0.1, each.candidate.health, Fault("status 503"))
    assert name_of(chosen.next(0.5)) == "b"
    assert chosen.skipped == ()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[SimulatedWorker]:
    made = SimulatedWorker(tmp_path / "s-records.db", "w", Time(), Limits("Provider/a", 1, 1))
    yield made
    made.close()


def test_its_place_is_free_in_the_pause_and_taken_anew(worker: SimulatedWorker) -> None:
    memory = Memory(limiters=worker.limiters)
    one = Limits("Provider/a", 1, 1)
    first = routed()
    first = replace(first, candidate=replace(first.candidate, limits=one))
    other = RoutedCandidate(candidate("b"), "m")
    now = worker.time.at

    def asking() -> Choosing:
        return choosing(memory, first, other)

    def given(asks: Choosing, at: float) -> str:
        chosen = asks.next(at)
        if isinstance(chosen, Waiting):
            worker.exchange()
            chosen = asks.next(at)
        return name_of(chosen)

    mine, others = asking(), asking()
    assert given(mine, now) == "a"
    mine.refused(503, (), now)
    assert given(others, now) == "a", "which it could not while the place was taken"
    assert given(mine, now + 0.5) == "b"
    assert mine.skipped == (Skipped("a", "binding-a", Reason.SATURATED),)
    others.refused(503, (), now)
    assert given(others, now + 0.5) == "a"


def test_without_a_retry_nothing_is_considered() -> None:
    chosen = choosing(Memory(), routed(None), RoutedCandidate(candidate("b"), "m"))
    assert name_of(chosen.next(0.0)) == "a"
    chosen.refused(503, (), 0.0)
    assert name_of(chosen.next(0.0)) == "b"
    assert isinstance(chosen, Choosing)


def test_a_request_that_waits_for_its_turn_ends_with_the_time_of_its_route(worker: SimulatedWorker) -> None:
    one = Limits("Provider/a", 1, 1, queue=5, patience=60.0)
    memory = Memory(limiters=worker.limiters)
    asked: Ask = ask("a")
    first = asked.candidates[0]
    first = replace(first, candidate=replace(first.candidate, limits=one))
    asked.candidates, asked.memory, asked.policy = (first,), memory, Policy(total=3.0)
    play = Playbook("a")
    play.stage = Stage(asked)
    play >> start()
    play.at(3.0) >> timer() << answers(504, "waited for its turn longer than the 3 s that its Route gives")

    def told(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.status, action.ending, action.attempts) == (504, Ending.REFUSED, ())

    play << told
    play.over()
