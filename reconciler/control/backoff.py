"""How long to wait after failures: twice as long each time, with chance, so that many don't come back at once."""

from collections.abc import Callable
from dataclasses import dataclass

_DOUBLINGS = 20


@dataclass(slots=True)
class Backoff:
    """Seconds. `chance` gives a number from 0 to 1: a wait is between half and the whole of what the failures say."""

    first: float
    most: float
    chance: Callable[[], float]
    failures: int = 0

    def failed(self) -> float:
        """The wait after one more failure."""
        whole = min(self.most, self.first * 2.0 ** min(self.failures, _DOUBLINGS))
        self.failures += 1
        return whole * (0.5 + self.chance() / 2)

    def succeeded(self) -> None:
        self.failures = 0


class Pace:
    """How long a loop waits between its runs: `steady` seconds, and by `backoff` while they fail."""

    def __init__(self, steady: float, backoff: Backoff) -> None:
        self._steady = steady
        self._backoff = backoff
        self._wait = steady

    def note(self, *, failed: bool) -> None:
        """After each run."""
        if failed:
            self._wait = self._backoff.failed()
        else:
            self._backoff.succeeded()
            self._wait = self._steady

    def seconds(self) -> float:
        return self._wait
