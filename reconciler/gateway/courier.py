"""The thread that takes what requests leave in the outbox to whoever writes it down: records, access log, traces.

Whatever becomes of them there, no request waits for it: a destination that fails loses what it was given, is told of
once, and is tried again with what comes next.

What the thread does for many requests at once, all others wait for, since it holds the interpreter. So it takes few at a
time, and comes the more often the more there are.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from reconciler.errors import RouterctlError

TICK_SECONDS = 0.25
"""Between two rounds at most: a worker that is killed loses what came since, and what the records hold."""
PIECE = 1024
"""Entries of a round at most. Half of them, as there are mostly, take 0.8 ms, compiled: with fewer, one request in a hundred would meet
a round, with more each waits for longer."""
_SHORTEST_SECONDS = 0.002

_LAST_ROUND_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Destination(Protocol):
    """Called by one thread alone."""

    def take(self, entries: Sequence[tuple[object, ...]]) -> None:
        """Of each the fields of an Entry. Also with none, each round. Raises RouterctlError where they are lost."""
        ...

    def close(self) -> None:
        """Raises RouterctlError where something is lost."""
        ...


class Courier:
    """From `start` to `stop`."""

    def __init__(self, outbox: "deque[tuple[object, ...]]", destinations: Sequence[Destination]) -> None:
        self._outbox = outbox
        self._destinations = destinations
        self._failing: set[int] = set()
        self._stopping = threading.Event()
        # a daemon: a disk that hangs must not keep a worker from ending
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """After a last round, or as long as may be waited for that. Blocks."""
        self._stopping.set()
        self._thread.join(_LAST_ROUND_SECONDS)

    def round(self) -> int:
        """A piece of what is there now: returns how much that was."""
        outbox = self._outbox
        waiting = len(outbox)
        taken = [outbox.popleft() for _ in range(min(waiting, PIECE))]
        for number, destination in enumerate(self._destinations):
            if self._attempt(number, partial(destination.take, taken)):
                self._failing.discard(number)
        return waiting

    def _run(self) -> None:
        pause = TICK_SECONDS
        while not self._stopping.wait(pause):
            pause = next_pause(pause, self.round())
        while self.round() > PIECE:
            pass
        for number, destination in enumerate(self._destinations):
            self._attempt(number, destination.close)

    def _attempt(self, number: int, what: Callable[[], None]) -> bool:
        try:
            what()
        except RouterctlError as error:
            self._complain(number, error.message)
        except Exception as error:  # noqa: BLE001  the thread goes on: requests are served without it
            self._complain(number, f"a bug ({type(error).__name__})", error)
        else:
            return True
        return False

    def _complain(self, number: int, why: str, bug: Exception | None = None) -> None:
        if number not in self._failing:
            self._failing.add(number)
            _log.warning("what requests did can't be written down: %s", why, exc_info=bug)


def next_pause(pause: float, waiting: int) -> float:
    """After which half a piece is there, where as many come as did in the last one."""
    if not waiting:
        return TICK_SECONDS
    return min(TICK_SECONDS, max(_SHORTEST_SECONDS, pause * (PIECE / 2) / waiting))
