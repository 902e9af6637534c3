"""The signal that a store moved: push and poll in one. The records' file beside it is followed the same way.

Every commit moves SQLite's `data_version` for all other connections. Asking costs microseconds and reads no table, so
a follower asks every 25 ms and reads when it moved.
"""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from reconciler.store import failures, files

POLL_SECONDS = 0.025


class HeadSignal:
    """Ask `moved()` from one thread at a time, in the process that made it.

    It is level-based: True the first time that there is a store, and then once for any number of commits since.
    A commit need not have moved the head (a hold was released); read the head to know.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._seen: int | None = None

    def moved(self) -> bool:
        """False while there is no store. Raises StoreError when it can't be read."""
        with failures.translated(self._path):
            connection = self._connection
            if connection is None:
                if not self._path.exists():
                    return False
                connection = self._connection = files.connect_readonly(self._path)
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, int(version)
        return self._seen != before

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._seen = None


class Moves:
    """For commands that wait: sleeps until one of several files moved. Asks `check` before each sleep."""

    def __init__(self, *paths: Path, check: Callable[[], None] = lambda: None) -> None:
        self._signals = [HeadSignal(path) for path in paths]
        self._check = check
        self._pause = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Whether one moved before `seconds` were over; what `check` raises ends the wait. The first call is no wait."""
        left = seconds
        while True:
            moved = [signal.moved() for signal in self._signals]  # each is asked: a signal is told once
            if any(moved):
                return True
            self._check()
            if left <= 0:
                return False
            self._pause.wait(min(POLL_SECONDS, left))
            left -= POLL_SECONDS

    def close(self) -> None:
        for signal in self._signals:
            signal.close()
