"""The signal that a store moved: push and poll in one.

Every commit moves SQLite's `data_version` for all other connections. Asking costs microseconds and reads no table, so
a follower asks every 25 ms and reads when it moved.
"""

import sqlite3
from pathlib import Path

from reconciler.store import failures, files


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
