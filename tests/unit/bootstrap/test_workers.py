import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakes.running import gone
from fakes.waiting import until

from reconciler.bootstrap import workers as module
from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.bootstrap.workers import Workers, ending, pause_before
from reconciler.clock import SystemClock
from reconciler.errors import StoreError, Unreachable
from reconciler.settings import Reach
from reconciler.store.url import StoreLocation

# Writes what it was told to a file of its instance, and ends as its standard input does, at another line, or at SIGTERM.
OBEDIENT = """
import json, os, pathlib, sys
told = json.loads(sys.stdin.buffer.readline())
told["pid"] = os.getpid()
os.fstat(told["socket"])
folder = pathlib.Path(told["store"]["config_path"]).parent
new = folder / f"new-{os.getpid()}"
new.write_text(json.dumps(told))
new.rename(folder / (told["instance"] + ".json"))
sys.stdin.buffer.readline()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + OBEDIENT


class Scene:
    def __init__(self, folder: Path, code: str, *, count: int = 1, grace: int = 5) -> None:
        self.folder = folder
        self.deaths: list[str] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        store = StoreLocation(folder / "store.db", folder / "store-records.db")
        settings = WorkerSettings("", self.listening.fileno(), store, Reach(), grace_seconds=grace)
        self.workers = Workers(
            count, settings, SystemClock(), died=self.deaths.append, command=(sys.executable, "-c", code)
        )

    def told(self) -> dict[str, int]:
        """Instance and pid of all that started."""
        return {file.stem: json.loads(file.read_text())["pid"] for file in self.folder.glob("*.json")}


@asynccontextmanager
async def kept(scene: Scene) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(scene.workers.run())
    try:
        yield task
    finally:
        scene.workers.kill()
        await task
        scene.listening.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()

    asyncio.run(whole())


def test_each_has_an_instance_of_its_own_and_they_end_when_asked(tmp_path: Path) -> None:
    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT, count=2)
        async with kept(scene) as task:
            assert scene.workers.instances == ("(worker 0)", "(worker 1)")
            await until(lambda: len(scene.told()) == 2, "two workers")
            assert set(scene.workers.instances) == set(scene.told())
            await scene.workers.stop()
            await task
            assert all(gone(pid) for pid in scene.told().values())
            assert scene.deaths == []

    run(scenario)


def test_one_that_dies_is_replaced_and_its_death_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT)
        async with kept(scene):
            await until(lambda: len(scene.told()) == 1, "a worker")
            (first,) = scene.workers.instances
            os.kill(scene.told()[first], signal.SIGKILL)
            await until(lambda: len(scene.told()) == 2, "another worker")
            assert scene.deaths == [first]
            assert scene.workers.instances != (first,)

    run(scenario)
    assert caplog.messages == ["worker 1 was killed by SIGKILL; another is started now"]


def test_one_is_replaced_although_its_death_cannot_be_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_instance: str) -> None:
        raise StoreError("no space is left")

    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT, count=2)
        scene.workers._died = full
        async with kept(scene):
            await until(lambda: len(scene.told()) == 2, "two workers")
            first, second = scene.workers.instances
            os.kill(scene.told()[first], signal.SIGKILL)
            await until(lambda: len(scene.told()) == 3, "another worker")
            assert second in scene.workers.instances

    run(scenario)
    assert caplog.messages == [
        "what a dead worker counted can't be put away: no space is left",
        "worker 1 was killed by SIGKILL; another is started now",
    ]


def test_one_that_does_not_listen_is_killed_after_its_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MARGIN_SECONDS", 0.01)

    async def scenario() -> None:
        scene = Scene(tmp_path, DEAF, grace=0)
        async with kept(scene) as task:
            await until(lambda: len(scene.told()) == 1, "a worker")
            await scene.workers.stop()
            await task
            assert all(gone(pid) for pid in scene.told().values())

    run(scenario)


def test_quick_deaths_in_a_row_pause_and_a_stop_does_not_wait_for_the_pause(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "pause_before", lambda deaths: 0.0 if deaths <= 1 else 1000.0)

    async def scenario() -> None:
        scene = Scene(tmp_path, "raise SystemExit(5)")
        async with kept(scene) as task:
            await until(lambda: len(caplog.messages) == 2, "two deaths")
            await scene.workers.stop()
            await task
            assert len(scene.deaths) == 2

    run(scenario)
    assert caplog.messages == [
        "worker 1 ended with exit code 5; another is started now",
        "worker 1 ended with exit code 5; another is started in 1000 s",
    ]


def test_a_program_that_cannot_be_started_is_a_death(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        scene = Scene(tmp_path, "")
        scene.workers._command = (str(tmp_path / "none"),)
        async with kept(scene):
            await until(lambda: len(caplog.messages) >= 2, "the failure")

    run(scenario)
    assert caplog.messages[0] == "a worker can't be started: No such file or directory"


def test_one_is_replaced_by_one_that_serves_and_leaves_then(tmp_path: Path) -> None:
    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT, count=2)
        asked: list[str] = []

        def serves(instance: str) -> bool:
            asked.append(instance)
            assert instance not in scene.workers.instances  # nobody has left for it
            return len(asked) > 1 and instance in scene.told()

        async with kept(scene) as task:
            await until(lambda: len(scene.told()) == 2, "two workers")
            first, second = scene.workers.instances
            await scene.workers.replace(0, serves)
            assert scene.workers.instances == (asked[0], second)
            await until(lambda: gone(scene.told()[first]), "the end of the old one")
            await until(lambda: scene.deaths == [first], "its counters are put away")
            os.kill(scene.told()[asked[0]], signal.SIGKILL)  # the new one is kept as any other
            await until(lambda: len(scene.told()) == 4, "another worker")
            await scene.workers.stop()
            await task
            assert all(gone(pid) for pid in scene.told().values())

    run(scenario)


def test_one_that_does_not_come_to_serve_takes_nobodys_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SERVES_SECONDS", 0.2)

    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT)
        async with kept(scene):
            await until(lambda: len(scene.told()) == 1, "a worker")
            before = scene.workers.instances
            with pytest.raises(Unreachable, match=r"the new worker does not serve after 0\.2 s"):
                await scene.workers.replace(0, lambda _: False)
            scene.workers._command = (sys.executable, "-c", "raise SystemExit(5)")
            monkeypatch.setattr(module, "SERVES_SECONDS", 60)
            with pytest.raises(Unreachable, match="the new worker ended with exit code 5"):
                await scene.workers.replace(0, lambda _: False)
            scene.workers._command = (str(tmp_path / "none"),)
            with pytest.raises(Unreachable, match="a new worker can't be started"):
                await scene.workers.replace(0, lambda _: True)
            assert scene.workers.instances == before
            assert not gone(scene.told()[before[0]])

    run(scenario)


def test_one_that_died_meanwhile_has_another_already(tmp_path: Path) -> None:
    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT)
        await scene.workers.replace(0, lambda _: True)  # there is none yet
        async with kept(scene):
            await until(lambda: len(scene.told()) == 1, "a worker")
            (first,) = scene.workers.instances
            asked: list[str] = []

            def serves(instance: str) -> bool:
                asked.append(instance)
                if len(asked) == 1:
                    os.kill(scene.told()[first], signal.SIGKILL)
                another = scene.workers.instances[0] not in {first, "(worker 0)"}
                return another and instance in scene.told()

            await scene.workers.replace(0, serves)
            (there,) = scene.workers.instances
            assert there not in {first, asked[0]}
            await until(lambda: gone(scene.told()[asked[0]]), "the end of the one too many")

    run(scenario)


def test_a_stop_ends_the_old_and_the_new(tmp_path: Path) -> None:
    async def scenario() -> None:
        scene = Scene(tmp_path, OBEDIENT)
        async with kept(scene) as task:
            await until(lambda: len(scene.told()) == 1, "a worker")
            replacing = asyncio.create_task(scene.workers.replace(0, lambda _: False))
            await until(lambda: len(scene.told()) == 2, "the new one")
            await scene.workers.stop()
            with pytest.raises(Unreachable):
                await replacing
            await task
            assert all(gone(pid) for pid in scene.told().values())

    run(scenario)


def test_pauses_grow_and_are_bounded() -> None:
    assert [pause_before(deaths) for deaths in range(9)] == [0, 0, 0.5, 1, 2, 4, 8, 10, 10]
    assert pause_before(10_000) == 10


def test_endings_in_words() -> None:
    assert ending(5) == "ended with exit code 5"
    assert ending(-9) == "was killed by SIGKILL"
    assert ending(-250) == "was killed by signal 250"
