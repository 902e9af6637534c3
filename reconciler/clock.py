"""Where the time comes from, so that tests can say what time it is."""

import os
import time
from datetime import UTC, datetime
from typing import Protocol

_PHASE = os.getpid() % 25 / 1000
"""Milliseconds, as event loops count: processes that write to the same file look at it one after the other."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  the one place that asks the system

    def monotonic(self) -> float:
        return time.monotonic()


def until_next(now: float, period: float, phase: float = _PHASE) -> float:
    """Seconds to sleep until `phase` after a multiple of `period`, or one later where that is less than half of one away.

    Tasks of one event loop that look at something by and by are so woken together. Each waking up is a request that waits
    for it, and on an idle machine costs more than what is looked at.
    """
    left = period - (now - phase) % period
    return left if left > period / 2 else left + period


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second, as Kubernetes writes times: 2026-11-21T22:53:13Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise_timestamp(moment: datetime) -> str:
    """As `timestamp`, to the millisecond: 2026-11-21T22:53:13.042Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
