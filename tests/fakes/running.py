"""`routerctl up` or `serve` as a real process, with real workers, on loopback.

    with running("serve", "--workers", "2", db=db) as gateway:
        gateway.chat("m")
        gateway.wait(lambda: gateway.status()["served"] == ..., "the new revision")

Whatever a test does to it, no process is left behind.
"""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

import httpx2

from reconciler.cli.main import run

ROOT = Path(__file__).parents[2]
DEADLINE = 40.0
"""Seconds. Only a failing test waits that long; starting Python on a busy machine takes some."""

PROVIDER = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {{name: {name}}}
spec: {spec}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {{name: {name}}}
spec: {{}}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {{name: {name}}}
spec: {{model: {name}, provider: {name}}}
---
"""


def served_by(name: str, spec: Mapping[str, object]) -> str:
    """Manifests of a provider, and of a model of the same name that it serves."""
    return PROVIDER.format(name=name, spec=json.dumps(spec))


def simulator(name: str, **config: object) -> str:
    return served_by(name, {"type": "simulator", "config": config})


@dataclass
class Running:
    """The process, and what a test asks of it. `seen` are the workers that its status named so far."""

    process: subprocess.Popen[bytes]
    log: Path
    seen: set[int] = field(default_factory=set)
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=DEADLINE))

    @property
    def data_url(self) -> str:
        return self._said(r"serving (https?://\S+)/v1")

    @property
    def admin_url(self) -> str:
        return self._said(r"management on (http://\S+)/status")

    def errors(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Raises AssertionError, with what the process said, where it does not come true."""
        wait(condition, what, self.errors)

    def ready(self) -> bool:
        try:
            return self.admin("/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def wait_until_ready(self) -> None:
        self.wait(lambda: "management on" in self.errors() or self.process.poll() is not None, "the start")
        assert self.process.poll() is None, self.errors()
        self.wait(self.ready, "readiness")
        self.wait(lambda: "serving http" in self.errors(), "the word that it serves")
        self.pids()

    def admin(self, path: str) -> httpx2.Response:
        return self.client.get(self.admin_url + path)

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.admin("/status").json()
        self.seen |= {worker["pid"] for worker in answer["workers"]}
        return answer

    def live(self) -> list[dict[str, Any]]:
        """Without those that are starting."""
        return [
            worker for worker in self.status()["workers"] if worker["live"] and worker["revision"] is not None
        ]

    def pids(self) -> set[int]:
        return {worker["pid"] for worker in self.live()}

    def serves(self, revision: int, workers: int = 1) -> bool:
        live = self.live()
        return len(live) == workers and all(worker["revision"] == revision for worker in live)

    def metric(self, name: str) -> float:
        """The sum over all its labels."""
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", self.admin("/metrics").text, re.MULTILINE)
        return sum(float(value) for value in found)

    def chat(self, model: str, **more: object) -> httpx2.Response:
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}], **more}
        return self.client.post(f"{self.data_url}/v1/chat/completions", json=body)

    def text(self, model: str) -> str:
        """What a model answers; the status and the body where it is an error."""
        answer = self.chat(model)
        if answer.status_code != 200:
            return f"{answer.status_code} {answer.text}"
        return str(answer.json()["choices"][0]["message"]["content"])

    def stop(self) -> int:
        """As `kill` does; the exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE)

    def pids_left(self) -> set[int]:
        """Of all workers that were seen."""
        return {pid for pid in self.seen if not gone(pid)}

    def _said(self, pattern: str) -> str:
        found = re.search(pattern, self.errors())
        assert found is not None, self.errors()
        return found[1]


@contextmanager
def started(*arguments: str, db: Path, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """As `running`, without waiting for anything."""
    log = db.parent / f"{arguments[0]}-{os.urandom(4).hex()}.log"
    command = [sys.executable, "-m", "reconciler", "--db", str(db), *arguments]
    listen = [] if arguments[0] == "sync" else ["--listen", "127.0.0.1:0"]
    command += [*listen, "--admin-listen", "127.0.0.1:0"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(db.parent), **(env or {})}
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=stderr, stdout=stderr, env=environ
        ) as process,
    ):
        gateway = Running(process, log)
        try:
            yield gateway
        finally:
            _end(gateway)


@contextmanager
def running(*arguments: str, db: Path, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Ready to serve."""
    with started(*arguments, db=db, env=env) as gateway:
        gateway.wait_until_ready()
        yield gateway


class Said(NamedTuple):
    """What a command ended with, and what it printed."""

    code: int
    out: str
    err: str


def said(db: Path, *arguments: str) -> Said:
    """A command on the same store, in this process: starting another one takes longer than most of what they do."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(["--db", str(db), *arguments])
    return Said(code, out.getvalue(), err.getvalue())


def routerctl(db: Path, *arguments: str) -> str:
    """As `said`, for a command that works: what it printed."""
    done = said(db, *arguments)
    assert done.code == 0, done.out + done.err
    return done.out


def wait(condition: Callable[[], object], what: str, told: Callable[[], str] = str) -> None:
    end = monotonic() + DEADLINE
    pause = Event()
    while not condition():
        if monotonic() > end:
            raise AssertionError(f"{what} did not come true within {DEADLINE:g} s\n{told()}")
        pause.wait(0.02)


def gone(pid: int) -> bool:
    """A process that ended; one that nobody asked for its exit code yet has ended too."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in {"Z", "X"}


def _end(gateway: Running) -> None:
    gateway.client.close()
    if gateway.process.poll() is None:
        gateway.process.terminate()
        try:
            gateway.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            gateway.process.kill()
    for pid in gateway.seen:
        if not gone(pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
