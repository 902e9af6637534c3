"""The deadlines of all requests, on one timer.

Nearly all are set, moved and cleared without being met, so that costs an entry of a dict and no timer of the loop. The
timer is set for the earliest there was, and looks through all of them when it fires.
"""

import asyncio
from collections.abc import Callable
from math import inf
from time import monotonic

from reconciler.gateway.dispatch.ports import Waiting

GRAIN = 0.005
"""Seconds between two looks, at least."""


class Alarms:
    """One a worker. Moments are of `monotonic`, which loops count by, too; uvloop's own clock stands still meanwhile."""

    def __init__(self) -> None:
        self.now: Callable[[], float] = monotonic
        self._at: dict[Waiting, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = inf

    def set(self, waiting: Waiting, at: float) -> None:
        """Replaces an earlier one of the same."""
        self._at[waiting] = at
        if at < self._next:
            self._arm(at)

    def clear(self, waiting: Waiting) -> None:
        if waiting in self._at:  # cheaper than a method of the dict's
            del self._at[waiting]

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._fire)
        self._next = at

    def _fire(self) -> None:
        now = monotonic()
        self._timer, self._next = None, inf
        met = [waiting for waiting, at in self._at.items() if at <= now + 0.0005]  # loops count milliseconds
        for waiting in met:
            if self._at.pop(waiting, None) is not None:
                waiting.due()
        if self._at:
            at = max(min(self._at.values()), now + GRAIN)
            if at < self._next:
                self._arm(at)
