"""So many of a hundred requests, exactly: what a request does not take is saved for later ones.

Each worker counts its own. Pure, and without a clock: few requests a day come to their share as many a second do.
"""

WHOLE = 100
SAVED = 100
"""Turns that are saved at most: so many may follow at once after a long calm."""

_MAX_NAMES = 10_000
"""Names come from the configuration. Where there were more, over time, all begin anew."""


class Shares:
    """By name, of Routes mostly."""

    def __init__(self) -> None:
        self._saved: dict[str, int] = {}

    def earn(self, name: str, percent: int) -> None:
        """A request begins."""
        if name not in self._saved and len(self._saved) >= _MAX_NAMES:
            self._saved.clear()
        self._saved[name] = min(self._saved.get(name, 0) + percent, SAVED * WHOLE)

    def take(self, name: str) -> bool:
        """Whether there is a turn; it is gone if so."""
        saved = self._saved.get(name, 0)
        if saved < WHOLE:
            return False
        self._saved[name] = saved - WHOLE
        return True
