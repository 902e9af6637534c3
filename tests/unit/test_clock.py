from datetime import UTC, datetime, timedelta, timezone

from reconciler.clock import SystemClock, precise_timestamp, timestamp


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
