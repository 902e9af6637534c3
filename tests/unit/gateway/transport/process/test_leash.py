import os
import signal
import socket
from pathlib import Path

import pytest

from reconciler.gateway.transport.process.leash import WardenProcess, leash, pipe


def pid_of(warden: WardenProcess) -> int:
    """After a run was handed over: one with no request on its leash."""
    ours, theirs = leash()
    with ours, theirs, socket.socket() as filling:
        warden.hand_over([theirs.fileno(), *[filling.fileno()] * 3])
    assert warden.pid is not None
    return warden.pid


def ended(pid: int) -> None:
    """Waits for it, without reaping what is the warden's own to reap."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_it_is_started_once_and_anew_where_it_died() -> None:
    warden = WardenProcess()
    first = pid_of(warden)
    assert pid_of(warden) == first
    os.kill(first, signal.SIGKILL)
    ended(first)
    second = pid_of(warden)
    assert second != first
    environ = Path(f"/proc/{second}/environ").read_bytes()
    assert b"PATH=" not in environ
    warden.close()
    assert warden.pid is None
    warden.close()


def test_what_can_not_be_started_is_told() -> None:
    warden = WardenProcess(("/nonexistent/python",))
    with pytest.raises(FileNotFoundError):
        pid_of(warden)
    assert warden.pid is None


def test_our_ends_never_block() -> None:
    ours, theirs = leash()
    with ours, theirs:
        assert (ours.getblocking(), theirs.getblocking()) == (False, True)
    for reads in (True, False):
        own, programs = pipe(ours_reads=reads)
        assert (os.get_blocking(own), os.get_blocking(programs)) == (False, True)
        os.close(own)
        os.close(programs)
