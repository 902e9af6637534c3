"""In this very process: what runs in programs is in tests/behaviour/test_programs_answer_as_openai_does.py."""

import ctypes
import errno
import json
import os
import resource
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from reconciler.gateway.transport.process import warden
from reconciler.gateway.transport.process.warden import MAX_START, Warden, confine

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
ENVIRON = {"PATH": "/usr/bin:/bin"}


class Asked:
    """A run, asked for before the warden looks."""

    def __init__(self, door: socket.socket, wanted: bytes) -> None:
        self.leash, theirs = socket.socketpair()
        self.leash.settimeout(10)
        stdin = os.open(os.devnull, os.O_RDONLY)
        self.stdout, stdout = os.pipe()
        self.stderr, stderr = os.pipe()
        socket.send_fds(door, [b"\0"], [theirs.fileno(), stdin, stdout, stderr])
        theirs.close()
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        self.leash.sendall(wanted)

    def told(self) -> list[dict[str, int]]:
        said = b""
        with suppress(ConnectionResetError):
            while chunk := self.leash.recv(4096):
                said += chunk
        return [json.loads(line) for line in said.splitlines()]

    def wrote(self) -> bytes:
        with open(self.stdout, "rb", closefd=False) as written:
            return written.read()

    def close(self) -> None:
        self.leash.close()
        os.close(self.stdout)
        os.close(self.stderr)


@pytest.fixture
def door() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Door = tuple[socket.socket, socket.socket]


def shell(script: str, folder: str | None = None, environ: Mapping[str, str] = ENVIRON) -> bytes:
    wanted = {"path": "/bin/sh", "argv": ["sh", "-c", script], "env": dict(environ), "folder": folder}
    return framed(json.dumps(wanted).encode())


def framed(wanted: bytes) -> bytes:
    return struct.pack("!I", len(wanted)) + wanted


def serve(door: Door) -> None:
    """Until all that was asked for has ended."""
    door[0].close()
    Warden(door[1]).serve()


def test_a_run_is_started_and_its_end_is_told(door: Door) -> None:
    runs = [Asked(door[0], shell(script)) for script in ("pwd; exit 3", "kill -9 $$", "echo $PATH")]
    serve(door)
    told = [run.told() for run in runs]
    assert [list(each[0]) for each in told] == [["pid"]] * 3
    assert [each[1] for each in told] == [{"exit": 3}, {"signal": 9}, {"exit": 0}]
    folder = Path(runs[0].wrote().decode().strip())
    assert folder.name.startswith("routerctl-run-")
    assert not folder.exists()
    assert runs[2].wrote() == b"/usr/bin:/bin\n"
    for run in runs:
        run.close()


def test_it_works_in_the_folder_that_is_named_and_leaves_it(door: Door, tmp_path: Path) -> None:
    run = Asked(door[0], shell("pwd", str(tmp_path)))
    serve(door)
    assert run.wrote().decode().strip() == str(tmp_path)
    assert tmp_path.is_dir()
    run.close()


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({"path": "/nonexistent/x", "argv": ["x"], "env": {}, "folder": None}, errno.ENOENT),
        ({"path": "/bin/sh", "argv": ["x"], "env": {}, "folder": "/nonexistent"}, errno.ENOENT),
        ({"path": "/bin/sh", "argv": ["a\0b"], "env": {}, "folder": None}, errno.EINVAL),
        ({"path": "/bin/sh", "argv": [5], "env": {}, "folder": None}, errno.EINVAL),
    ],
)
def test_what_can_not_be_started(door: Door, wanted: object, number: int) -> None:
    run = Asked(door[0], framed(json.dumps(wanted).encode()))
    serve(door)
    assert run.told() == [{"failed": number}]
    run.close()


@pytest.mark.parametrize("wanted", [struct.pack("!I", MAX_START + 1), framed(b"nonsense")])
def test_what_is_no_request_is_dropped(door: Door, wanted: bytes) -> None:
    run = Asked(door[0], wanted)
    serve(door)
    assert run.told() == []
    run.close()


def test_a_leash_that_is_let_go_ends_the_whole_group(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "GRACE_SECONDS", 0.01)
    stubborn = Asked(
        door[0],
        shell("trap '' TERM; (trap '' TERM; while :; do sleep 60; done) & while :; do sleep 60; done"),
    )
    begun = Asked(door[0], b"\0\0")  # its request is not all there yet
    for run in (stubborn, begun):
        run.leash.close()
    serve(door)
    assert stubborn.wrote() == b""  # nobody holds it open any more
    for run in (stubborn, begun):
        run.close()


def test_what_comes_without_its_descriptors_is_none(door: Door) -> None:
    with Path(os.devnull).open("rb") as spare:
        socket.send_fds(door[0], [b"\0"], [spare.fileno()])
    door[0].sendall(b"\0")
    serve(door)


def test_what_runs_leave_behind_is_ended_once_there_are_none(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = subprocess.Popen(["/bin/sleep", "1000"])
    monkeypatch.setattr(
        warden, "_children", lambda: iter([left.pid] if Path(f"/proc/{left.pid}").exists() else [])
    )
    run = Asked(door[0], shell("exit 0"))
    door[0].close()
    Warden(door[1], adopts=True).serve()
    assert run.told()[1] == {"exit": 0}
    assert not Path(f"/proc/{left.pid}").exists()
    left.returncode = 0  # it was reaped by the warden
    run.close()


def test_children_are_told_by_the_system() -> None:
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as child:
        assert child.pid in [*warden._children()]


def test_before_it_is_the_program_it_is_confined(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *given: asked.append(given))
    monkeypatch.setattr(os, "umask", lambda mask: asked.append((mask,)))

    def prctl(*given: int) -> int:
        asked.append(given)
        return 0

    confine(os.getppid(), prctl)
    assert asked == [(1, signal.SIGKILL, 0, 0, 0), (38, 1, 0, 0, 0), (resource.RLIMIT_CORE, (0, 0)), (0o077,)]
    confine(os.getppid(), None)


def test_a_program_whose_warden_died_meanwhile_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(os, "umask", lambda _: 0)
    monkeypatch.setattr(os, "_exit", left.append)
    confine(os.getppid() + 1, None)
    assert left == [1]


def test_it_serves_its_standard_input_until_that_ends(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    handled: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda number, _: handled.append(number))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(prctl=lambda *_: -1))
    monkeypatch.setattr(socket, "socket", lambda **_: door[1])
    door[0].close()
    assert warden.main() == 0
    assert handled == [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
