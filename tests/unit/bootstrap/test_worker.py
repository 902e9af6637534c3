import asyncio
import errno
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx2
import pytest
from fakes.store import META, commit_all, open_writer, provider, put
from fakes.waiting import until

from reconciler.bootstrap import worker as module
from reconciler.bootstrap.worker import serve
from reconciler.bootstrap.worker_settings import RETIRE, WorkerSettings
from reconciler.clock import SystemClock
from reconciler.gateway.counting import MemoryTally, nested
from reconciler.gateway.telemetry import Telemetry
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.settings import Reach
from reconciler.store.health import CircuitRow, Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import STARTING, WHOLE, Observations, WorkerRow
from reconciler.store.tally import read_tally, tally_path
from reconciler.store.url import StoreLocation, parse


def resource(kind: str, name: str, spec: JsonObject) -> Resource:
    return Resource(ResourceKey(kind, "default", name), spec, {}, {})


def edits(text: str) -> list[Resource]:
    return [
        provider("sim", config={"text": text}),
        resource("Model", "m", {}),
        resource("Binding", "b", {"model": "m", "provider": "sim"}),
    ]


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    found = parse(str(tmp_path / "store.db"))
    commit_all(found.config_path, [put(each) for each in edits("one")])
    return found


class Scene:
    """A worker on this very loop. `end` closes what stands for its standard input."""

    def __init__(self, location: StoreLocation) -> None:
        self.location = location
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.observations = Observations(location.records_path)
        self.control, self._supervisor = os.pipe()
        settings = WorkerSettings(
            "w-1", self.listening.detach(), location, Reach(), hosts=("llm.example.com",), grace_seconds=5
        )
        self.task = asyncio.create_task(serve(settings, {}, self.control))

    @property
    def rows(self) -> tuple[WorkerRow, ...]:
        return tuple(self.observations.workers())

    def tell(self, line: bytes = b"\n") -> None:
        os.write(self._supervisor, line)

    def end(self) -> None:
        if self._supervisor >= 0:
            os.close(self._supervisor)
            self._supervisor = -1

    @property
    def open_circuits(self) -> set[str]:
        found = HealthRecords(self.observations).rows(SystemClock().now().timestamp())
        return {each.provider for each in found.circuits if each.state == "open"}

    async def left(self) -> asyncio.StreamWriter:
        """A request whose answer nobody is going to read."""
        body = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        return writer

    async def text(self) -> str:
        return str((await self._ask()).json()["choices"][0]["message"]["content"])

    async def status(self) -> int:
        return (await self._ask()).status_code

    async def _ask(self) -> httpx2.Response:
        body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
        async with httpx2.AsyncClient(trust_env=False) as client:
            return await client.post(f"http://127.0.0.1:{self.port}/v1/chat/completions", json=body)


@asynccontextmanager
async def worker(location: StoreLocation) -> AsyncIterator[Scene]:
    scene = Scene(location)
    try:
        await until(lambda: scene.rows and scene.rows[0].serving, "the first acknowledgement")
        yield scene
    finally:
        scene.end()
        await scene.task
        os.close(scene.control)
        scene.observations.close()


def test_one_that_is_replaced_finishes_what_it_has_and_ends(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry = Telemetry(MemoryTally())
    monkeypatch.setattr(module, "Telemetry", lambda _: telemetry)
    slow = provider("sim", config={"text": "slow", "latency": "1s"})
    draining = Resource(slow.key, {**slow.spec, "onClientDisconnect": "drain"})

    async def whole() -> None:
        async with worker(location) as scene:
            with open_writer(location.config_path) as writer:
                writer.commit([put(draining)], base=1, meta=META)
            await until(lambda: scene.rows[0].revision == 2, "the new revision")
            left = await scene.left()  # who hears no answer: it is counted all the same
            asking = asyncio.create_task(scene.text())
            await until(lambda: telemetry.in_flight == 2, "both requests")
            left.close()
            scene.tell(RETIRE)
            assert await asking == "slow"
            await scene.task
            assert telemetry.snapshot()["endings"] == {"chat": {"complete": 1, "gone": 1}}

    asyncio.run(whole())


def commit(location: StoreLocation, text: str, base: int) -> None:
    with open_writer(location.config_path) as writer:
        writer.commit([put(edits(text)[0])], base=base, meta=META)


def test_it_serves_follows_acknowledges_and_ends_with_its_supervisor(location: StoreLocation) -> None:
    async def whole() -> None:
        async with worker(location) as scene:
            (row,) = scene.rows
            assert (row.instance, row.pid, row.revision) == ("w-1", os.getpid(), 1)
            assert row.builds == {"Provider/sim": 1}
            assert await scene.text() == "one"
            scene.tell()  # whatever is written to it says nothing; only its end does
            commit(location, "two", 1)
            await until(lambda: scene.rows[0].revision == 2, "the new revision")
            assert await scene.text() == "two"
            tally = tally_path(location.records_path, "w-1")
            assert nested(read_tally(tally))["requests"] == {"chat": {"m": {"sim": {"2xx": 2}}}}
            scene.end()
            await scene.task
            assert scene.rows == ()
            requests = scene.observations.counters()["requests"]
            assert requests == {"chat": {"m": {"sim": {"2xx": 2}}}}
            assert not tally.exists()

    asyncio.run(whole())


def test_it_tells_which_providers_it_leaves_alone_until_they_are_built_anew(location: StoreLocation) -> None:
    failing = provider("sim", config={"errorStatus": 503})
    with open_writer(location.config_path) as writer:
        writer.commit([put(failing)], base=1, meta=META)

    async def whole() -> None:
        async with worker(location) as scene:
            statuses = [await scene.status() for _ in range(6)]
            assert statuses == [503] * 6
            await until(lambda: scene.open_circuits == {"Provider/sim"}, "the open circuit")
            commit(location, "well again", 2)
            await until(lambda: scene.open_circuits == set(), "the new build")
            assert await scene.text() == "well again"

    asyncio.run(whole())


def test_it_begins_with_the_circuits_that_another_worker_has_open(location: StoreLocation) -> None:
    now = SystemClock().now().timestamp()
    with closing(Observations(location.records_path)) as observations:
        observations.put_worker(WorkerRow("w-0", 1, now, now + 60, 1))
        row = CircuitRow("w-0", "Provider/sim", "m", "open", now - 1, "status 503", now + 60)
        HealthRecords(observations).exchange(Told("w-0", now, circuits=[row]))

    async def whole() -> None:
        async with worker(location) as scene:
            await until(lambda: [each for each in scene.rows if each.instance == "w-1"], "its own row")
            assert await scene.status() == 503
            assert scene.open_circuits == {"Provider/sim"}

    asyncio.run(whole())


def test_it_says_that_it_is_starting_and_why_it_does_not_come_to_serve(location: StoreLocation) -> None:
    with closing(sqlite3.connect(location.config_path)) as store, store:
        store.execute("UPDATE version SET body = '{' WHERE kind = 'Provider'")

    async def whole() -> None:
        scene = Scene(location)
        await until(lambda: scene.rows and scene.rows[0].refused, "the reason")
        (row,) = scene.rows
        assert (row.revision, row.serving) == (STARTING, False)
        ((whole, reason),) = row.refused
        assert (whole, "stored row of Provider/sim" in reason) == (WHOLE, True)
        scene.end()
        await scene.task
        os.close(scene.control)
        scene.observations.close()

    asyncio.run(whole())


def test_where_no_file_can_be_had_it_counts_in_memory(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "Tally", full)

    async def whole() -> None:
        async with worker(location) as scene:
            assert await scene.text() == "one"
            scene.end()
            await scene.task
            assert scene.observations.counters()["attempts"] == {"sim": 1}

    asyncio.run(whole())
    assert "counters are kept in memory alone: No space left on device" in caplog.messages


def test_sigterm_ends_it(location: StoreLocation) -> None:
    async def whole() -> None:
        async with worker(location) as scene:
            async with asyncio.timeout(40):
                while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # noqa: ASYNC110  nobody tells; it would end us
                    await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGTERM)
            await scene.task

    asyncio.run(whole())


def started(location: StoreLocation, *, listening_at: int | None = None) -> subprocess.CompletedProcess[str]:
    """The process, whose standard input ends after its settings. `listening_at` is the descriptor it is told of."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno() if listening_at is None else listening_at
        settings = WorkerSettings("w-1", descriptor, location, Reach(), grace_seconds=1)
        return subprocess.run(
            [sys.executable, "-m", "reconciler.bootstrap.worker"],
            input=settings.to_line().decode(),
            capture_output=True,
            text=True,
            check=False,
            pass_fds=(listening.fileno(),),
            timeout=120,
        )


def test_the_process_ends_well_when_its_supervisor_is_gone(location: StoreLocation) -> None:
    done = started(location)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_process_says_in_words_that_there_is_no_store(tmp_path: Path) -> None:
    done = started(parse(str(tmp_path / "none.db")))
    assert done.returncode == 5
    assert f"Z ERROR reconciler.bootstrap.worker: no store at {tmp_path}/none.db; " in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_bug_ends_the_process_with_its_type_and_places_alone(location: StoreLocation) -> None:
    done = started(location, listening_at=999)
    assert done.returncode == 70
    told = done.stderr.partition(" ERROR reconciler.bootstrap.worker: the worker ended with a bug\n")[2]
    assert told.startswith("OSError\n  File ")
    assert "Traceback" not in done.stderr
    assert "Bad file descriptor" not in done.stderr


def test_its_settings_hold_no_secret(location: StoreLocation) -> None:
    told = json.loads(WorkerSettings("w-1", 3, location, Reach()).to_line())
    assert set(told) == {
        "instance",
        "socket",
        "store",
        "reach",
        "hosts",
        "origins",
        "grace_seconds",
        "log_level",
        "log_format",
        "access_log",
        "listeners",
        "tls",
        "closed",
        "workers",
    }
