from dataclasses import replace

import pytest
from fakes.serving import EchoAdapter, built

from reconciler.gateway.routing.breaker import SHORTEST, Breaker, Breakers, Wait
from reconciler.snapshot.model import Health

HEALTH = Health(failure_threshold=3, window=10.0, open_for=5.0)
OFF = replace(HEALTH, failure_threshold=0)


def fail(breaker: Breaker, times: int, now: float = 0.0, health: Health = HEALTH) -> None:
    for _ in range(times):
        breaker.failed(breaker.begin(now, health), now, health)


def succeed(breaker: Breaker, times: int = 1, now: float = 0.0) -> None:
    for _ in range(times):
        breaker.succeeded(breaker.begin(now, HEALTH), now, HEALTH)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    fail(breaker, 3, now)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker()
    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)
    assert breaker.wait(0.0, HEALTH) is None
    fail(breaker, 1)
    assert breaker.wait(0.0, HEALTH) == Wait(5.0)
    assert breaker.wait(4.0, HEALTH) == Wait(1.0)
    assert breaker.is_open(4.0)


def test_it_opens_where_half_of_enough_fail() -> None:
    breaker = Breaker()
    for _ in range(2):
        succeed(breaker)
        fail(breaker, 1)
    succeed(breaker)
    assert not breaker.is_open(0.0)
    fail(breaker, 1)
    assert breaker.is_open(0.0)


@pytest.mark.parametrize(("later", "window"), [(20.0, 10.0), (0.0, 60.0)])
def test_failures_of_another_window_do_not_count(later: float, window: float) -> None:
    breaker, health = Breaker(), replace(HEALTH, window=window)
    for _ in range(2):
        fail(breaker, 1)
        succeed(breaker)
    fail(breaker, 1, later, health)
    assert not breaker.is_open(later)


def test_a_few_failures_among_many_do_not_open_it() -> None:
    breaker = Breaker()
    for _ in range(50):
        succeed(breaker, 2)
        fail(breaker, 1)
    assert not breaker.is_open(0.0)


def test_when_the_time_is_over_one_at_a_time_finds_out() -> None:
    breaker = opened()
    assert breaker.wait(5.0, HEALTH) is None
    probe = breaker.begin(5.0, HEALTH)
    assert breaker.wait(5.0, HEALTH) == Wait(SHORTEST)
    assert breaker.wait(60.0, HEALTH) == Wait(SHORTEST)
    assert breaker.is_open(60.0)
    breaker.succeeded(probe, 60.0, HEALTH)
    assert breaker.wait(60.0, HEALTH) is None
    assert not breaker.is_open(60.0)
    fail(breaker, 2, 60.0)
    assert not breaker.is_open(60.0)


def test_a_probe_that_fails_opens_it_again() -> None:
    breaker = opened()
    fail(breaker, 1, 5.0)
    assert breaker.wait(5.0, HEALTH) == Wait(5.0)


def test_a_probe_whose_client_left_is_followed_by_another_a_second_after_it() -> None:
    breaker = opened()
    probe = breaker.begin(5.0, HEALTH)
    breaker.abandoned(probe)
    assert breaker.wait(5.25, HEALTH) == Wait(0.75)
    assert breaker.wait(6.0, HEALTH) is None
    breaker.abandoned(probe - 1)
    assert breaker.wait(6.0, HEALTH) is None


def test_who_began_before_it_opened_is_not_heard() -> None:
    breaker = Breaker()
    early = breaker.begin(0.0, HEALTH)
    fail(breaker, 3)
    breaker.succeeded(early, 1.0, HEALTH)
    assert breaker.is_open(1.0)
    probe = breaker.begin(5.0, HEALTH)
    breaker.failed(early, 5.0, HEALTH)
    breaker.abandoned(early)
    assert breaker.wait(5.0, HEALTH) == Wait(SHORTEST)
    breaker.succeeded(probe, 5.0, HEALTH)
    assert not breaker.is_open(5.0)


def test_an_upstream_that_says_when_is_left_alone_until_then() -> None:
    breaker = Breaker()
    breaker.failed(breaker.begin(0.0, HEALTH), 0.0, HEALTH, retry_after=20)
    assert breaker.wait(1.0, HEALTH) == Wait(19.0)
    breaker.failed(breaker.begin(20.0, HEALTH), 20.0, HEALTH, retry_after=0.1)
    assert breaker.wait(20.0, HEALTH) == Wait(SHORTEST)


def test_a_rate_limit_ends_by_itself() -> None:
    breaker = Breaker()
    breaker.failed(breaker.begin(0.0, HEALTH), 0.0, HEALTH, retry_after=20, limited=True)
    assert breaker.wait(1.0, HEALTH) == Wait(19.0, limited=True)
    assert breaker.is_open(19.0)
    assert not breaker.is_open(20.0)
    assert breaker.wait(20.0, HEALTH) is None
    breaker.begin(20.0, HEALTH)
    assert breaker.wait(20.0, HEALTH) is None


def test_a_threshold_of_zero_is_off_also_for_what_is_open() -> None:
    breaker = Breaker()
    fail(breaker, 100, health=OFF)
    breaker.failed(breaker.begin(0.0, OFF), 0.0, OFF, retry_after=20, limited=True)
    assert not breaker.is_open(0.0)
    breaker = opened()
    assert breaker.wait(0.0, OFF) is None
    breaker.begin(0.0, OFF)
    assert breaker.wait(0.0, HEALTH) is None


def test_a_breaker_outlives_what_leaves_the_build_and_ends_with_it() -> None:
    breakers, adapter = Breakers(), EchoAdapter("p")
    p, q = built("p", adapter, "none"), built("q", adapter, "none")
    again = replace(p, fingerprint="another")
    breakers.keep([p, q])
    fail(breakers.of(p), 3)
    fail(breakers.of(q), 3)
    assert breakers.of(p) is breakers.of(p)
    assert breakers.open(0.0) == ("Provider/p", "Provider/q")
    breakers.keep([p])
    assert breakers.open(0.0) == ("Provider/p",)
    breakers.keep([again])
    assert breakers.open(0.0) == ()
    assert not breakers.of(again).is_open(0.0)
    fail(breakers.of(p), 3)
    assert breakers.open(0.0) == ()
    assert breakers.of(p) is not breakers.of(p)
