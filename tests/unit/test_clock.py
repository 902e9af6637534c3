from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.clock import SystemClock, precise_timestamp, timestamp, until_next


def test_the_wall_clock_is_in_utc() -> None:
    before = datetime.now(UTC)  # noqa: TID251  compared with what is tested
    assert before <= SystemClock().now()
    assert SystemClock().now().tzinfo is UTC


def test_the_monotonic_clock_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()


def test_a_timestamp_is_in_utc_to_the_second() -> None:
    moment = datetime(2026, 11, 22, 0, 53, 13, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2026-11-21T22:53:13Z"


def test_a_precise_timestamp_is_to_the_millisecond() -> None:
    moment = datetime(2026, 11, 22, 0, 53, 13, 42_999, tzinfo=timezone(timedelta(hours=2)))
    assert precise_timestamp(moment) == "2026-11-21T22:53:13.042Z"
    assert precise_timestamp(moment.replace(microsecond=0)) == "2026-11-21T22:53:13.000Z"


@pytest.mark.parametrize(
    ("now", "period", "seconds"),
    [
        (7.0, 1.0, 1.25),
        (7.25, 1.0, 1.0),
        (7.5, 1.0, 0.75),
        (7.8, 1.0, 1.45),
        (7.25, 0.5, 0.5),
        (7.0, 0.5, 0.75),
    ],
)
def test_looks_of_one_process_meet(now: float, period: float, seconds: float) -> None:
    assert until_next(now, period, phase=0.25) == pytest.approx(seconds)


@given(now=st.integers(0, 10**9), period=st.sampled_from([0.01, 0.025, 0.1, 1.0]), phase=st.integers(0, 24))
def test_a_look_that_is_woken_in_time_comes_a_whole_period_later(now: int, period: float, phase: int) -> None:
    """Event loops count in milliseconds: a moment that is missed by what is lost in rounding is not looked at twice."""
    first = now / 1000 + until_next(now / 1000, period, phase / 1000)
    assert period * 0.499 < first - now / 1000 < period * 1.501
    woken = round(first * 1000) / 1000
    assert until_next(woken, period, phase / 1000) == pytest.approx(period, abs=0.001)
