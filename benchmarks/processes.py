"""Processes that are measured: started, pinned, asked for their processor time, and ended in any case."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import perf_counter
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).parents[1]
DEADLINE = 300.0
"""Seconds that one command, or the start of one server, may take."""
_PAUSE = 0.05


class Failed(Exception):
    """A measured program did not do what it should have; what it said."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the start of the process to its end, those inside it without imports, and peak bytes. `processor` and
    `processor_inside`: the same in processor time. `stages`: where that went, if it was asked for.
    """

    wall: float
    inside: float
    peak: int
    processor: float = 0.0
    processor_inside: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)


def timed(work: str, *arguments: str, codes: Iterable[int] = (0,)) -> Timing:
    """Raises Failed where it ends with another code than these."""
    command = [sys.executable, "-m", "benchmarks.timed", work, *arguments]
    began, used = perf_counter(), _childrens_processor_seconds()
    done = finished(command)
    seconds, processor = perf_counter() - began, _childrens_processor_seconds() - used
    if done.returncode != 0:
        raise Failed(f"{' '.join(arguments)}: {done.stderr}")
    told = json.loads(done.stdout.splitlines()[-1])
    if told["code"] not in codes:
        raise Failed(f"{' '.join(arguments)} ended with {told['code']}: {done.stderr}")
    return Timing(seconds, told["seconds"], told["peak"], processor, told["processor"], stages=told["stages"])


def _childrens_processor_seconds() -> float:
    """Of the processes that have ended, in user and kernel."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wall(*arguments: str) -> float:
    """Seconds from the start of `routerctl` with these arguments to its end. Raises Failed where it fails."""
    began = perf_counter()
    done = finished([sys.executable, "-m", "reconciler", *arguments])
    seconds = perf_counter() - began
    if done.returncode != 0:
        raise Failed(f"{' '.join(arguments)}: {done.stderr}")
    return seconds


def finished(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Raises Failed where it takes too long."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=DEADLINE, env=environment()
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(command)} did not end within {DEADLINE:g} s") from error


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Bytecode is written, as where routerctl is used: without it each start compiles all that it imports."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = kept.get("PYTHONPATH", "")
    if not path.startswith(
        f"{ROOT}{os.pathsep}"
    ):  # that is how another Python finds our packages: see interpreter
        path = str(ROOT)
    return {**kept, "PYTHONPATH": path, "NO_PROXY": "localhost,127.0.0.1", **(more or {})}


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """What is started inside runs on `core` alone, and so do the processes and threads that it starts."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def started(
    command: list[str], log: Path, *, core: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator["Server"]:
    """A server; its output goes to `log`."""
    with log.open("wb") as output, pinned(core):
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(env)
        )
    with process:
        server = Server(process, log)
        try:
            yield server
        finally:
            server.go_on()
            process.terminate()
            try:
                process.wait(DEADLINE / 4)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass(frozen=True, slots=True)
class Server:
    process: "subprocess.Popen[bytes]"
    log: Path

    def says(self, pattern: str) -> str:
        """Waits until a line of its output matches; the first group. Raises Failed."""
        end, pause = perf_counter() + DEADLINE, Event()
        while perf_counter() < end:
            said = self.log.read_text(encoding="utf-8")
            if found := re.search(pattern, said):
                return found[1]
            if self.process.poll() is not None:
                break
            pause.wait(_PAUSE)
        raise Failed(f"{' '.join(map(str, self.process.args))}: {self.log.read_text(encoding='utf-8')}")  # type: ignore[arg-type]  # args are ours, a list of texts

    @property
    def pids(self) -> list[int]:
        """Its own, and those of the processes it started."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="utf-8").split()
        return [own, *map(int, children)]

    def processor_seconds(self) -> float:
        """That it and its processes have used, in user and kernel."""
        return sum(processor_seconds(pid) for pid in self.pids)

    def pause(self) -> None:
        """It and its processes do nothing, and use nothing of their core, until `go_on`."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        """Also to who has just ended."""
        with suppress(OSError):
            for pid in self.pids:
                os.kill(pid, number)

    def metrics(self) -> str:
        """What the gateway's management listener tells, as of the last heartbeats."""
        admin = self.says(r"management on (http://[^/\s]+)/")
        with build_opener(ProxyHandler({})).open(f"{admin}/metrics", timeout=30) as answer:
            told: bytes = answer.read()
        return told.decode()


def proportional_bytes(pid: int) -> int:
    """PSS: what is shared with other processes counts in proportion. Buffers of sockets are the kernel's, and not in it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def descriptors(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def processor_seconds(pid: int) -> float:
    """In user and kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def gateway(
    db: Path, core: int | None = None, env: Mapping[str, str] | None = None, workers: int = 1
) -> Iterator[tuple[Server, str]]:
    """`routerctl serve`, ready; and its URL."""
    command = [sys.executable, "-m", "reconciler", "--db", str(db), "serve", "--workers", str(workers)]
    command += ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    with started(command, db.with_suffix(".log"), core=core, env=env) as server:
        url = server.says(r"serving (http://\S+)/v1")
        wait_for(f"{url}/readyz", server)
        yield server, url


def wait_for(url: str, server: Server) -> None:
    """Until it answers with 200. Raises Failed."""
    opener = build_opener(ProxyHandler({}))

    def answers() -> bool:
        with opener.open(url, timeout=5):
            return True

    _wait(answers, url, server)


def wait_for_port(port: int, server: Server) -> None:
    """Until it accepts connections. Raises Failed."""

    def accepts() -> bool:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True

    _wait(accepts, f"port {port}", server)


def _wait(condition: Callable[[], bool], what: str, server: Server) -> None:
    end, pause = perf_counter() + DEADLINE, Event()
    while perf_counter() < end and server.process.poll() is None:
        try:
            if condition():
                return
        except OSError:
            pause.wait(_PAUSE)
    raise Failed(f"{what} does not answer: {server.log.read_text(encoding='utf-8')}")
