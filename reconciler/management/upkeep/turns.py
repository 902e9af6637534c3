"""How many may ask at a time for what reads or copies all of a store: more are told to come again."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from reconciler.management.problems import TooMany

AT_ONCE = 2


class Turns:
    """For threads, and for answers that last."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._most = most
        self._free = BoundedSemaphore(most)

    def enter(self) -> None:
        """Raises TooMany. Who entered leaves, once."""
        if not self._free.acquire(blocking=False):
            raise TooMany(
                f"{self._most} such requests are under way, and more are not served at once",
                hint="try again in a moment",
            )

    def leave(self) -> None:
        self._free.release()

    @contextmanager
    def one(self) -> Iterator[None]:
        self.enter()
        try:
            yield
        finally:
            self.leave()
