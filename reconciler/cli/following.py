"""How a command that watches or waits goes on: whenever a store moved, without asking it all the time."""

import errno
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

from reconciler.cli.session import Session
from reconciler.store.events import Moves

REMOTE_SECONDS = 0.5
"""How often a server is asked."""
_LOOK_AGAIN_SECONDS = 1.0
"""That a worker fell silent moves no file."""


def moments(session: Session, *, seconds: float | None = None, traffic: bool = False) -> Iterator[None]:
    """Once at once, then each time that configuration or observations moved (or `traffic`: the records of requests), and at
    least each second. A server is asked each half second, whatever moved there.

    Ends after `seconds`, with a last one; None: never. Raises BrokenPipeError when nobody reads the output any more.
    """
    if session.is_remote:
        yield from _each(session, seconds)
        return
    location, clock = session.location, session.clock
    end = None if seconds is None else clock.monotonic() + seconds
    files = (location.traffic_path,) if traffic else (location.config_path, location.records_path)
    with closing(Moves(*files, check=require_reader)) as moves:
        moves.wait(0)
        yield
        while end is None or clock.monotonic() < end:
            left = _LOOK_AGAIN_SECONDS if end is None else min(_LOOK_AGAIN_SECONDS, end - clock.monotonic())
            moves.wait(max(0.0, left))
            yield


def _each(session: Session, seconds: float | None) -> Iterator[None]:
    clock, pause = session.clock, threading.Event()
    end = None if seconds is None else clock.monotonic() + seconds
    yield
    while end is None or clock.monotonic() < end:
        pause.wait(REMOTE_SECONDS if end is None else max(0.0, min(REMOTE_SECONDS, end - clock.monotonic())))
        require_reader()
        yield


def require_reader() -> None:
    """A pipe says that it was closed only to who asks, or writes: a watch may write nothing for days."""
    try:
        output = sys.stdout.fileno()
    except (OSError, ValueError):  # no file at all
        return
    poll = select.poll()
    poll.register(output, 0)
    if any(events & select.POLLERR for _, events in poll.poll(0)):
        raise BrokenPipeError(errno.EPIPE, "nobody reads the output any more")
