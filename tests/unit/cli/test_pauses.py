from datetime import UTC, datetime

import pytest

from reconciler.cli.pauses import pauses


class LeapingClock:
    """Each look at it is one second later."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        self.seconds += 1
        return self.seconds


def test_it_goes_on_at_even_intervals() -> None:
    clock, checks = LeapingClock(), [0]

    def check() -> None:
        checks[0] += 1

    for number, _ in enumerate(pauses(clock, 3, check=check)):
        if number == 2:
            break
    assert clock.seconds >= 6
    assert checks[0] >= 4


def test_it_ends_where_nobody_reads_any_more() -> None:
    def closed() -> None:
        raise BrokenPipeError

    again = pauses(LeapingClock(), 5, check=closed)
    next(again)
    with pytest.raises(BrokenPipeError):
        next(again)
