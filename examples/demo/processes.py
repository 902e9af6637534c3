"""The processes of the demo: free ports for them, their start, and their end together with the demo's."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from threading import Event
from time import monotonic

ROOT = Path(__file__).resolve().parents[2]
TIED = Path(__file__).with_name("tied.py")
HOST = "127.0.0.1"


def free_port(preferred: int, taken: Collection[int] = ()) -> int:
    """`preferred`, else the next one above it that nobody listens on."""
    for port in range(preferred, 65536):
        if port not in taken and _is_free(port):
            return port
    raise OSError(f"no port from {preferred} on is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: what has ended is free
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def clean_environment() -> dict[str, str]:
    """Without the variables of routerctl: the demo has a store and a key of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ROUTERCTL_")}


class Child:
    """A process in the background. What it says goes to `log`; Ctrl-C reaches it through the demo only."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        """From the main thread: the child ends with the thread that starts it."""
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, str(TIED), str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=ROOT,
                env=clean_environment(),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def ending(self) -> str | None:
        """How it ended, with its last words; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        if code < 0:
            return f"was killed by {_signal_name(-code)}"
        words = self.said().strip().rpartition("\n")[2]
        return f"ended with exit code {code}" + (f": {words}" if words else "")

    def stop(self, seconds: float) -> None:
        """Asks it to finish, and waits until it has; after so long it is killed."""
        self._process.terminate()
        self.wait(seconds)
        self.kill()
        self._process.wait()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, seconds: float) -> None:
        """Until it ends, at most so long."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return


class Deadline:
    """`while deadline.holds():` tries again every few milliseconds until the time is over."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._pause = Event()
        self._first = True

    def holds(self) -> bool:
        if not self._first:
            self._pause.wait(0.05)
        self._first = False
        return monotonic() < self._end


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
