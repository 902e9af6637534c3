"""The thread that takes what requests leave in the outbox to whoever writes it down: records, access log, traces.

Whatever becomes of them there, no request waits for it: a destination that fails loses what it was given, is told of
once, and is tried again with what comes next.
"""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from reconciler.errors import RouterctlError
from reconciler.gateway.telemetry import Entry

TICK_SECONDS = 0.25
"""Between two rounds: a worker that is killed loses what came since the last one."""

_LAST_ROUND_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Destination(Protocol):
    """Called by one thread alone."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Also with none, each round. Raises RouterctlError where they are lost."""
        ...

    def close(self) -> None: ...


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

    def round(self) -> None:
        """All that is there now."""
        outbox = self._outbox
        taken = [Entry(*outbox.popleft()) for _ in range(len(outbox))]  # type: ignore[arg-type]  # its fields
        for number, destination in enumerate(self._destinations):
            try:
                destination.take(taken)
            except RouterctlError as error:
                self._complain(number, error.message)
            except Exception as error:  # noqa: BLE001  the thread goes on: requests are served without it
                self._complain(number, f"a bug ({type(error).__name__})", error)
            else:
                self._failing.discard(number)

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self.round()
        self.round()
        for destination in self._destinations:
            destination.close()

    def _complain(self, number: int, why: str, bug: Exception | None = None) -> None:
        if number not in self._failing:
            self._failing.add(number)
            _log.warning("what requests did can't be written down: %s", why, exc_info=bug)
