"""The process that starts a provider's programs, and ends them. Run by its path, with nothing but the standard library.

Its standard input is a socket. For each run there comes one byte with four descriptors: the leash, and the program's standard
input, output and error. On the leash stands how it is to be started: a length of four bytes, and JSON {path, argv, env,
folder}. On it is told how that went, a line of JSON each: {"pid": N} or {"failed": errno}, then {"exit": code} or
{"signal": number}. Where the leash ends before, the run's process group is asked to end, and killed a second later. Where
standard input ends, no runs come any more: the warden ends with the last one.
"""

import ctypes
import errno
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 1.0
"""Between SIGTERM and SIGKILL."""
MAX_START = 4 * 1024 * 1024
"""Bytes of what tells how a program is to be started."""
ORPHANS_SECONDS = 0.5
"""How often is looked for what runs left behind, while there is any."""
_LENGTH = struct.Struct("!I")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38

Prctl = Callable[[int, int, int, int, int], int]


class Run:
    """One program, from its leash on. `pid` is 0 until it is started."""

    def __init__(self, leash: socket.socket, descriptors: list[int]) -> None:
        self.leash = leash
        self.descriptors = descriptors
        self.told = bytearray()
        self.pid = 0
        self.pidfd = -1
        self.folder: str | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.killed_at: float | None = None

    def wanted(self) -> "dict[str, object] | None":
        """How it is to be started, once all of that is there. Raises ValueError."""
        if len(self.told) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self.told)
        if length > MAX_START:
            raise ValueError(length)
        if len(self.told) < _LENGTH.size + length:
            return None
        wanted: dict[str, object] = json.loads(self.told[_LENGTH.size :])
        return wanted

    def tell(self, told: dict[str, int]) -> None:
        with suppress(OSError):
            self.leash.send(json.dumps(told).encode() + b"\n")

    def close_descriptors(self) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []


class Warden:
    """`adopts`: what its programs leave behind becomes its own, and is ended."""

    def __init__(self, door: socket.socket, prctl: Prctl | None = None, *, adopts: bool = False) -> None:
        self._door: socket.socket | None = door
        self._prctl = prctl
        self._adopts = adopts
        self._selector = selectors.DefaultSelector()
        self._runs: set[Run] = set()
        self._selector.register(door, selectors.EVENT_READ, self._open)

    def serve(self) -> None:
        """Until standard input has ended, and the last run has."""
        while self._door is not None or self._runs:
            for key, _ in self._selector.select(self._patience()):
                key.data()
            now = time.monotonic()
            for run in [each for each in self._runs if each.killed_at is not None and now >= each.killed_at]:
                run.killed_at = None
                _signal_group(run.pid, signal.SIGKILL)
            self._bury()
        while self._bury():
            self._selector.select(0.01)
        self._selector.close()

    # --- what comes ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        door = self._door
        assert door is not None
        try:
            told, descriptors, _, _ = socket.recv_fds(door, 1, 4)
        except OSError:
            told, descriptors = b"", []
        if not told:
            self._selector.unregister(door)
            door.close()
            self._door = None
            return
        if len(descriptors) != 4:  # none were left to be had
            for descriptor in descriptors:
                os.close(descriptor)
            return
        leash = socket.socket(fileno=descriptors[0])
        leash.setblocking(False)
        run = Run(leash, descriptors[1:])
        self._runs.add(run)
        self._selector.register(leash, selectors.EVENT_READ, lambda: self._hear(run))

    def _hear(self, run: Run) -> None:
        if run.leash.fileno() < 0:  # it ended in this very round
            return
        try:
            told = run.leash.recv(64 * 1024)
        except BlockingIOError:
            return
        except OSError:
            told = b""
        if not told:
            self._let_go(run)
            return
        if run.pid:
            return
        run.told += told
        try:
            wanted = run.wanted()
        except ValueError:
            self._forget(run)
            return
        if wanted is not None:
            self._start(run, wanted)

    def _let_go(self, run: Run) -> None:
        """Nobody waits for it any more."""
        self._selector.unregister(run.leash)
        if run.pid:
            run.killed_at = time.monotonic() + GRACE_SECONDS
            _signal_group(run.pid, signal.SIGTERM)
            run.leash.close()
        else:
            self._forget(run, registered=False)

    # --- a run -----------------------------------------------------------------------------------------------

    def _start(self, run: Run, wanted: dict[str, object]) -> None:
        stdin, stdout, stderr = run.descriptors
        try:
            folder = wanted["folder"]
            if folder is None:
                folder = run.folder = tempfile.mkdtemp(prefix="routerctl-run-")
            run.process = subprocess.Popen(
                wanted["argv"],  # type: ignore[call-overload]  # as the worker wrote it
                executable=wanted["path"],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=folder,
                env=wanted["env"],
                start_new_session=True,
                preexec_fn=lambda: confine(os.getppid(), self._prctl),  # noqa: PLW1509  there are no threads here
            )
        except OSError as error:
            run.tell({"failed": error.errno or errno.EIO})
            self._forget(run)
            return
        except (subprocess.SubprocessError, ValueError, TypeError):
            run.tell({"failed": errno.EINVAL})
            self._forget(run)
            return
        run.close_descriptors()
        run.pid = run.process.pid
        run.pidfd = os.pidfd_open(run.pid)
        self._selector.register(run.pidfd, selectors.EVENT_READ, lambda: self._ended(run))
        run.tell({"pid": run.pid})

    def _ended(self, run: Run) -> None:
        """The program itself has; what it left in its group goes with it, before its number is anybody else's."""
        _signal_group(run.pid, signal.SIGKILL)
        assert run.process is not None
        code = run.process.wait()
        run.tell({"exit": code} if code >= 0 else {"signal": -code})
        self._selector.unregister(run.pidfd)
        os.close(run.pidfd)
        self._forget(run, registered=run.leash.fileno() >= 0)

    def _forget(self, run: Run, *, registered: bool = True) -> None:
        if registered:
            self._selector.unregister(run.leash)
        run.leash.close()
        run.close_descriptors()
        self._runs.discard(run)
        if run.folder is not None:
            shutil.rmtree(run.folder, ignore_errors=True)

    # --- what runs leave behind -------------------------------------------------------------------------------

    def _patience(self) -> float | None:
        now = time.monotonic()
        waits = [max(0.0, run.killed_at - now) for run in self._runs if run.killed_at is not None]
        if self._orphans():
            waits.append(ORPHANS_SECONDS)
        return min(waits, default=None)

    def _bury(self) -> bool:
        """Whether there are any left. While programs run, what they sent into the background is theirs."""
        for pid in self._orphans():
            if not self._runs:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        return bool(self._orphans())

    def _orphans(self) -> list[int]:
        if not self._adopts:
            return []
        own = {run.pid for run in self._runs}
        return [pid for pid in _children() if pid not in own]


def confine(warden: int, prctl: Prctl | None) -> None:
    """In the program's process, before it is the program: it ends with the warden, gains no rights, and leaves no core."""
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    if os.getppid() != warden:  # it died before the system was asked to tell of it
        os._exit(1)


def _children() -> Iterator[int]:
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        return iter([int(pid) for pid in listed.split()])
    except OSError:
        return iter(())


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which programs would inherit
    prctl: Prctl = ctypes.CDLL(None).prctl
    adopts = prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    Warden(socket.socket(fileno=0), prctl, adopts=adopts).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
