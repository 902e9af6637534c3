"""Connections that wait for a request: the one that was used last goes first, so that the others can grow old."""

import asyncio
from typing import Generic, Protocol, TypeVar

MAX_IDLE = 1000

IDLE_SECONDS = 50.0
"""Load balancers commonly close after 60 s. Who closes earlier is heard of at once, and says so in Keep-Alive at best."""


class Idle(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Idle)


class IdleConnections(Generic[C]):
    """Of one origin. Nothing is searched: a dict keeps the order, its end is the newest."""

    __slots__ = ("_kept", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._kept: dict[C, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def push(self, connection: C, seconds: float = IDLE_SECONDS, now: float | None = None) -> None:
        """Closes it where there are too many. `now`: the loop's time, where that is known."""
        if len(self._kept) >= MAX_IDLE or seconds <= 0:
            connection.close()
            return
        at = (self._loop.time() if now is None else now) + (min(IDLE_SECONDS, seconds))
        self._kept[connection] = at
        if self._timer is None:
            self._timer = self._loop.call_at(at, self._fire)

    def pop(self) -> C | None:
        """Whether it can still be used is for the caller to see."""
        return self._kept.popitem()[0] if self._kept else None

    def remove(self, connection: C) -> bool:
        """Whether it was there."""
        return self._kept.pop(connection, None) is not None

    def close(self) -> None:
        while self._kept:
            self._kept.popitem()[0].close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        now = self._loop.time()
        old = []
        for connection, at in self._kept.items():
            if at > now:
                self._timer = self._loop.call_at(at, self._fire)
                break
            old.append(connection)
        for connection in old:
            del self._kept[connection]
            connection.close()
