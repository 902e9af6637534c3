"""Again and again, at even intervals, for commands that show what goes on."""

import threading
from collections.abc import Callable, Iterator

from reconciler.clock import Clock

_CHECK_SECONDS = 0.25


def pauses(clock: Clock, seconds: float, *, check: Callable[[], None]) -> Iterator[None]:
    """At once, and then every so many seconds, for ever; `check` is asked in between, and what it raises ends it."""
    pause = threading.Event()
    while True:
        due = clock.monotonic() + seconds
        yield
        check()
        while (left := due - clock.monotonic()) > 0:
            pause.wait(min(_CHECK_SECONDS, left))
            check()
