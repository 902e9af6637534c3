"""The worker's end of a warden: starts it when it is first needed, hands it runs, and sees it off."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from reconciler.gateway.transport.process import warden

_PROGRAM = str(Path(warden.__file__))


class WardenProcess:
    """Used on one event loop. One that died has a successor when the next run comes."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-I", "-S", _PROGRAM)) -> None:
        self._command = command
        self._door: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def hand_over(self, descriptors: Sequence[int]) -> None:
        """The leash, and the program's standard input, output and error. Raises OSError."""
        if self._door is None or self._process is None or self._process.poll() is not None:
            self._begin()
        assert self._door is not None
        socket.send_fds(self._door, [b"\0"], list(descriptors))

    def close(self) -> None:
        """It ends when the last run has, and is seen off then. Waits for nothing."""
        if self._door is not None:
            self._door.close()
        process, self._door, self._process = self._process, None, None
        if process is not None:
            threading.Thread(target=process.wait, name="warden", daemon=True).start()

    def _begin(self) -> None:
        """Without anything of the gateway's environment, and with no descriptor but its own."""
        self.close()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env={}, cwd="/"
                )
            except OSError:
                ours.close()
                raise
        self._door = ours

    @property
    def pid(self) -> int | None:
        """While there is one."""
        return None if self._process is None else self._process.pid


def leash() -> tuple[socket.socket, socket.socket]:
    """(the worker's end, the warden's)."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    return ours, theirs


def pipe(*, ours_reads: bool) -> tuple[int, int]:
    """(the worker's end, the program's): ours never blocks, the program's does as programs expect."""
    reads, writes = os.pipe()
    ours, theirs = (reads, writes) if ours_reads else (writes, reads)
    os.set_blocking(ours, False)
    return ours, theirs
