from dataclasses import replace

import pytest

from reconciler.gateway.routing.breaker import FORGOTTEN, SHORTEST, Breaker, State, Wait
from reconciler.snapshot.model import Health

HEALTH = Health(failure_threshold=3, window=10.0, open_for=5.0)


def fail(breaker: Breaker, times: int, now: float = 0.0, health: Health = HEALTH) -> bool:
    opened = False
    for _ in range(times):
        opened = breaker.failed(breaker.since_trial, now, health, "status 503")
    return opened


def succeed(breaker: Breaker, times: int = 1, now: float = 0.0, health: Health = HEALTH) -> None:
    for _ in range(times):
        breaker.succeeded(breaker.since_trial, now, health)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(now)
    assert fail(breaker, 3, now)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(0.0)
    fail(breaker, 2)
    succeed(breaker)
    assert not fail(breaker, 2)
    assert (breaker.wait(0.0), breaker.state(0.0)) == (None, State.CLOSED)
    assert fail(breaker, 1)
    assert (breaker.wait(0.0), breaker.wait(4.0)) == (Wait(5.0), Wait(1.0))
    assert (breaker.state(4.0), breaker.until, breaker.fault) == (State.OPEN, 5.0, "status 503")


@pytest.mark.parametrize(
    ("percent", "least", "failing", "well", "opens"),
    [
        (50, 0, 3, 3, True),
        (50, 0, 2, 3, False),
        (50, 10, 3, 3, False),
        (50, 10, 5, 5, True),
        (20, 10, 2, 8, True),
        (20, 10, 1, 9, False),
        (0, 4, 5, 1, False),
    ],
)
def test_it_opens_where_a_share_of_enough_fail(
    percent: int, least: int, failing: int, well: int, *, opens: bool
) -> None:
    """The last one fails, and no two in a row do where that can be avoided."""
    health = replace(HEALTH, failure_threshold=3, failure_percent=percent, min_requests=least)
    breaker = Breaker(0.0)
    succeed(breaker, max(0, well - failing + 1), health=health)
    for _ in range(failing - 1):
        fail(breaker, 1, health=health)
        succeed(breaker, health=health)
    assert fail(breaker, 1, health=health) is opens


@pytest.mark.parametrize(("later", "window"), [(20.0, 10.0), (0.0, 60.0)])
def test_failures_of_another_window_do_not_count(later: float, window: float) -> None:
    breaker, health = Breaker(0.0), replace(HEALTH, window=window)
    for _ in range(2):
        fail(breaker, 1)
        succeed(breaker)
    assert not fail(breaker, 1, later, health)


def test_when_the_time_is_over_one_at_a_time_finds_out() -> None:
    breaker = opened()
    assert not breaker.is_due(4.9)
    assert breaker.is_due(5.0)
    assert (breaker.wait(5.0), breaker.state(5.0)) == (None, State.HALF_OPEN)
    assert breaker.begin(5.0, 7)
    assert not breaker.is_due(5.0)
    assert breaker.wait(5.0) == breaker.wait(60.0) == Wait(SHORTEST)
    assert breaker.state(60.0) is State.HALF_OPEN
    assert not breaker.succeeded(6, 60.0, HEALTH)
    assert breaker.succeeded(7, 60.0, HEALTH)
    assert (breaker.wait(60.0), breaker.state(60.0), breaker.since) == (None, State.CLOSED, 60.0)
    assert not breaker.begin(60.0, 8)
    assert not fail(breaker, 2, 60.0)


def test_one_that_finds_out_and_fails_opens_it_again_since_it_first_did() -> None:
    breaker = opened(1.0)
    breaker.begin(6.0, 1)
    assert breaker.failed(1, 7.0, HEALTH, "could not be reached")
    assert (breaker.wait(7.0), breaker.since, breaker.fault) == (Wait(5.0), 1.0, "could not be reached")


def test_one_whose_client_left_is_followed_by_another_after_the_pause() -> None:
    breaker = opened()
    breaker.begin(5.0, 1, pause=3.0)
    breaker.abandoned(0)
    assert breaker.wait(5.25) == Wait(2.75)
    assert breaker.wait(9.0) == Wait(SHORTEST)
    breaker.abandoned(1)
    assert breaker.wait(5.25) == Wait(2.75)
    assert breaker.wait(8.0) is None


def test_an_upstream_that_says_when_is_left_alone_until_then() -> None:
    breaker = Breaker(0.0)
    assert breaker.failed(0, 0.0, HEALTH, "status 503", retry_after=20)
    assert breaker.wait(1.0) == Wait(19.0)
    breaker.begin(20.0, 1)
    breaker.failed(1, 20.0, HEALTH, "status 503", retry_after=0.1)
    assert breaker.wait(20.0) == Wait(SHORTEST)


def test_a_rate_limit_ends_by_itself() -> None:
    breaker = Breaker(0.0)
    breaker.failed(0, 0.0, HEALTH, "status 429", retry_after=20, limited=True)
    assert breaker.wait(1.0) == Wait(19.0, limited=True)
    assert breaker.state(19.0) is State.LIMITED
    assert (breaker.wait(20.0), breaker.state(20.0), breaker.is_due(20.0)) == (None, State.CLOSED, False)
    assert not breaker.begin(20.0, 1)
    assert breaker.until is None


def test_a_slow_start_lets_a_growing_share_through() -> None:
    breaker, health = opened(), replace(HEALTH, slow_start=100.0)
    breaker.begin(5.0, 1)
    breaker.succeeded(1, 5.0, health)
    shares = [sum(breaker.admits(5.0 + at) for _ in range(100)) for at in (0.0, 25.0, 50.0, 90.0, 100.0)]
    assert shares == [10, 25, 50, 90, 100]
    assert all(breaker.admits(5.0) for _ in range(10)), "it is over"


def test_it_is_worth_remembering_while_something_of_it_counts() -> None:
    breaker = Breaker(0.0)
    assert breaker.is_idle(0.0)
    fail(breaker, 1)
    assert not breaker.is_idle(FORGOTTEN)
    assert breaker.is_idle(FORGOTTEN + 1)
    fail(breaker, 1, 1000.0)
    succeed(breaker, now=1000.0)
    assert not breaker.is_idle(1000.0)
    assert breaker.is_idle(1020.0)
    fail(breaker, 3, 1030.0)
    assert not breaker.is_idle(9000.0)
    breaker.close(9000.0, slow_start=60.0)
    assert not breaker.is_idle(9020.0)
    assert breaker.is_idle(9060.0)
    assert breaker.since == 9000.0
    breaker.close(9100.0)
    assert breaker.since == 9000.0
