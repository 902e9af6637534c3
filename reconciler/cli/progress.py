"""One line for the person who waits, on stderr: what is being done, how far, and for how long.

Only a terminal gets it, and only of work that lasts; it is rewritten in place, and gone when the work is. What works calls
back with a count, or looks now and then. Where it can do neither, the line is `pulsing`: a thread writes it anew.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from typing import Self, TextIO

from reconciler.clock import Clock, SystemClock
from reconciler.log import format_in_use
from reconciler.settings import environment

SHOWN_AFTER = 0.5
EVERY = 0.1
"""Seconds between two lines, at least."""
_CLOCK = SystemClock()
_COLUMNS = 80
_ERASE = "\r\x1b[K"
_TURNS = "|/-\\"


def terminal(environ: Mapping[str, str]) -> TextIO | None:
    """stderr, where a person looks on and a line can be taken back; JSON lines are for programs."""
    if not sys.stderr.isatty() or environ.get("TERM") == "dumb" or format_in_use() == "json":
        return None
    return sys.stderr


class Progress(logging.Filter):
    """Used as a context: what is `doing`. Lines of the log push it aside. While it is open, who prints calls `hide` first.

    `stream` None: nothing is ever shown.
    """

    def __init__(
        self, doing: str, stream: TextIO | None, clock: Clock = _CLOCK, *, pulsing: bool = False
    ) -> None:
        super().__init__()
        self._doing = doing
        self._stream = stream
        self._clock = clock
        self._how_far = ""
        self._begun = clock.monotonic()
        self._due = self._begun + SHOWN_AFTER
        self._turn = 0
        self._shown = False
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._pulse: threading.Thread | None = None
        if pulsing and stream is not None:
            self._pulse = threading.Thread(target=self._beat, name="progress", daemon=True)

    def __enter__(self) -> Self:
        if self._stream is not None:
            for handler in logging.getLogger().handlers:
                handler.addFilter(self)
        if self._pulse is not None:
            self._pulse.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._pulse is not None:
            self._pulse.join()
        for handler in logging.getLogger().handlers:
            handler.removeFilter(self)
        self.hide()

    def count(self, done: int, total: int | None = None) -> None:
        """So much is done, of so much where that is known."""
        if self._stream is not None:
            self._how_far = f": {done}" if total is None else f": {done} of {total}"
            self.tick()

    def tick(self) -> None:
        """Time has passed."""
        if self._stream is None or self._clock.monotonic() < self._due:
            return
        with self._lock:
            now = self._clock.monotonic()
            self._due = now + EVERY
            self._turn += 1
            turn = _TURNS[self._turn % len(_TURNS)]
            line = f"{turn} {self._doing}{self._how_far}, {int(now - self._begun)} s"
            self._write(f"{_ERASE}{line[: _columns(self._stream) - 1]}")
            self._shown = True

    def hide(self) -> None:
        """Until the next tick."""
        with self._lock:
            if self._shown:
                self._write(_ERASE)
                self._shown = False

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  logging's signature
        """Before each line of the log."""
        self.hide()
        return True

    def _write(self, text: str) -> None:
        """A terminal that went away is no reason to stop the work."""
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None

    def _beat(self) -> None:
        while not self._over.wait(EVERY):
            self.tick()


def progress(doing: str, *, pulsing: bool = False) -> Progress:
    """On the terminal of this process, where it has one."""
    return Progress(doing, terminal(environment()), pulsing=pulsing)


def _columns(stream: TextIO) -> int:
    """A line that wraps can't be rewritten."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS
