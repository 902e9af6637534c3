"""Many deadlines of one length, on one timer.

They end in the order in which they began, so a dict is the queue: setting, moving and dropping one cost no timer.
"""

import asyncio
from typing import Protocol


class Expiring(Protocol):
    def expired(self) -> None: ...


class Deadlines:
    """`seconds` from the last `watch`, each. Nothing is held for who is not watched."""

    __slots__ = ("_due", "_loop", "_seconds", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._due: dict[Expiring, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, watched: Expiring) -> None:
        """From now on; also for one that is watched already."""
        due = self._due
        due.pop(watched, None)
        due[watched] = at = self._loop.time() + self._seconds
        if self._timer is None:
            self._timer = self._loop.call_at(at, self._fire)

    def drop(self, watched: Expiring) -> None:
        self._due.pop(watched, None)

    def close(self) -> None:
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def idle(self) -> bool:
        """Nothing is watched, and no timer runs."""
        return self._timer is None

    def _fire(self) -> None:
        self._timer = None
        late = self._loop.time() + 0.0005  # loops count in milliseconds, and may wake a little early
        expired = []
        for watched, at in self._due.items():
            if at > late:
                self._timer = self._loop.call_at(at, self._fire)
                break
            expired.append(watched)
        for watched in expired:
            if self._due.pop(watched, None) is not None:  # one may have dropped another
                watched.expired()
