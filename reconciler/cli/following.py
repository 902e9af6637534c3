"""How a command that watches or waits goes on: whenever a store moved, without asking it all the time."""

import errno
import select
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from reconciler.cli.session import Session
from reconciler.store.events import Moves

_LOOK_AGAIN_SECONDS = 1.0
"""That a worker fell silent moves no file."""


def moments(session: Session, *, seconds: float | None = None, file: Path | None = None) -> Iterator[None]:
    """Once at once, then each time that configuration or observations moved (or this file), and at least each second.

    Ends after `seconds`, with a last one; None: never. Raises BrokenPipeError when nobody reads the output any more.
    """
    location, clock = session.location, session.clock
    end = None if seconds is None else clock.monotonic() + seconds
    files = (location.config_path, location.records_path) if file is None else (file,)
    with closing(Moves(*files, check=require_reader)) as moves:
        moves.wait(0)
        yield
        while end is None or clock.monotonic() < end:
            left = _LOOK_AGAIN_SECONDS if end is None else min(_LOOK_AGAIN_SECONDS, end - clock.monotonic())
            moves.wait(max(0.0, left))
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
