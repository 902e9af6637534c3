"""How many further candidates a worker tries, so that failing upstreams are not asked ever more by those who fail over.

Pure: every event brings its `now`.
"""

from collections.abc import Callable

from reconciler.gateway.routing.sliding_count import SlidingCount

WINDOW = 10.0
"""Seconds."""

SHARE = 0.2
"""Of the requests within the window."""

FLOOR = 100
"""So many within the window are always allowed: 10 a second, for those who ask little."""


class RetryBudget:
    """One a worker."""

    def __init__(self) -> None:
        self._requests = SlidingCount(WINDOW)
        self._retries = SlidingCount(WINDOW)
        self.request: Callable[[float], None] = self._requests.add
        """A client's request begins. Told of each, so it is no method around another."""

    def of_rivals(self) -> "RetryBudget":
        """The same budget, for what is sent in the name of a request that was counted already."""
        same = RetryBudget()
        same._requests, same._retries = self._requests, self._retries
        same.request = _counted
        return same

    def take(self, now: float) -> bool:
        """Whether one more candidate may be tried; it counts if so."""
        if self._retries.total(now) >= max(FLOOR, SHARE * self._requests.total(now)):
            return False
        self._retries.add(now)
        return True


def _counted(now: float) -> None: ...
