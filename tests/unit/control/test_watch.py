import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from fakes.waiting import turns, until

from reconciler.control import watch as module
from reconciler.control.reconcile import Result
from reconciler.control.watch import ReconcileLoop, backing_off, of_interest, watch


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()

    asyncio.run(whole())


@asynccontextmanager
async def background(work: Awaitable[None]) -> AsyncIterator["asyncio.Future[None]"]:
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Runs:
    """A reconcile that waits for its gate."""

    def __init__(self, *results: Result | Exception) -> None:
        self.begun = 0
        self.at_once = 0
        self.most_at_once = 0
        self.reported: list[Result] = []
        self.gate = threading.Event()
        self.gate.set()
        self._results = list(results)

    def reconcile(self) -> Result:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.gate.wait(10)
        self.at_once -= 1
        result = self._results.pop(0) if self._results else Result("s", self.begun)
        if isinstance(result, Exception):
            raise result
        return result


def test_requests_during_a_run_become_one_more_run() -> None:
    runs = Runs()
    runs.gate.clear()

    async def scenario() -> None:
        loop = ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=1000)
        async with background(loop.run()):
            loop.request()
            await until(lambda: runs.begun == 1, "the first run")
            for _ in range(5):
                loop.request()
            await turns()
            assert runs.begun == 1
            runs.gate.set()
            await until(lambda: len(runs.reported) == 2, "the second run")
            await turns(100)
        assert (runs.begun, runs.most_at_once) == (2, 1)
        assert [result.revision for result in runs.reported] == [1, 2]

    run(scenario)


def test_what_later_runs_may_need_is_loaded_first(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs()
    begun: list[int] = []
    monkeypatch.setattr(module, "load_all", lambda: begun.append(runs.begun))

    async def scenario() -> None:
        loop = ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=1000)
        loop.request()
        await loop.once()
        assert begun == []
        loop.request()
        async with background(loop.run()):
            await until(lambda: len(runs.reported) == 2, "a run of the loop")
        assert begun == [1]

    run(scenario)


def test_it_runs_at_each_interval_without_being_asked() -> None:
    runs = Runs()

    async def scenario() -> None:
        async with background(
            ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=0.001).run()
        ):
            await until(lambda: len(runs.reported) >= 3, "three resyncs")

    run(scenario)


def test_how_long_it_waits_may_change_from_run_to_run() -> None:
    runs = Runs()
    waits = iter([0.001, 0.001, 1000.0])

    async def scenario() -> None:
        async with background(
            ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=lambda: next(waits)).run()
        ):
            await until(lambda: len(runs.reported) == 2, "two resyncs")
            await turns(100)
            assert len(runs.reported) == 2
            assert next(waits, None) is None

    run(scenario)


def test_a_failure_is_tried_again_soon_and_a_success_waits_for_the_resync(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_SECONDS", 0.001)
    failed = Result("s", error="the disk is full")
    runs = Runs(failed, ValueError("a bug"), failed)

    async def scenario() -> None:
        loop = backing_off(runs.reconcile, runs.reported.append, resync_seconds=1000, chance=lambda: 1.0)
        async with background(loop.run()):
            loop.request()
            await until(lambda: len(runs.reported) == 4, "the first success")
            await turns(100)
        assert [result.failed for result in runs.reported] == [True, True, True, False]

    run(scenario)


def test_a_bug_is_reported_without_its_message_and_the_loop_goes_on() -> None:
    runs = Runs(ValueError("sk-secret"), Result("s", 7))

    async def scenario() -> None:
        loop = ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=1000)
        first = await loop.once()
        assert first == runs.reported[0]
        assert first.failed
        assert first.error == "a bug in routerctl (ValueError)"
        assert first.exit_code == 70
        assert (await loop.once()).revision == 7

    run(scenario)


def seen_after(edit: Callable[[], object], path: Path) -> None:
    """Edits once the watch stands."""
    changes: list[int] = []

    async def scenario() -> None:
        async with background(watch([str(path)], lambda: changes.append(1))):
            await until(lambda: changes, "the watch")
            edit()
            await until(lambda: len(changes) > 1, "the edit")

    run(scenario)


def test_an_edit_below_a_folder_is_seen(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    seen_after(lambda: (deep / "m.yaml").write_text("a: 1"), tmp_path)


def test_a_file_that_is_replaced_is_seen(tmp_path: Path) -> None:
    """As editors save: a new file takes the name."""
    file = tmp_path / "m.yaml"
    file.write_text("a: 1")
    (tmp_path / "new").write_text("a: 2")
    seen_after(lambda: (tmp_path / "new").replace(file), file)


def test_a_folder_that_comes_later_is_seen_with_what_is_below_it(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    changes: list[int] = []

    async def scenario() -> None:
        async with background(watch([str(folder)], lambda: changes.append(1))):
            await until(lambda: changes, "the watch")
            folder.mkdir()
            await until(lambda: len(changes) > 1, "the folder")
            before = len(changes)
            await until(lambda: len(changes) > before, "the watch of the folder")
            before = len(changes)
            (folder / "m.yaml").write_text("a: 1")
            await until(lambda: len(changes) > before, "the file")

    run(scenario)


def test_where_nothing_is_to_be_watched_it_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_AGAIN_MS", 10)
    parent = tmp_path / "none"
    changes: list[int] = []

    async def scenario() -> None:
        async with background(watch([str(parent / "m.yaml")], lambda: changes.append(1))):
            await turns()
            assert changes == []
            parent.mkdir()
            await until(lambda: changes, "the watch")

    run(scenario)


def test_the_store_and_git_are_no_edits() -> None:
    ignored = ("/m/store.db", "/m/store-records.db")
    assert of_interest("/m/a.yaml", ignored)
    assert of_interest("/m/.github/a.yaml", ignored)
    assert of_interest("/m/a.yaml", ())
    for name in ("/m/store.db", "/m/store.db-wal", "/m/store-records.db-shm", "/m/.git/index"):
        assert not of_interest(name, ignored)


def test_the_store_is_no_edit_by_whatever_name_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    changes: list[int] = []
    asked: dict[str, bool] = {}

    def recorded(name: str, ignored: tuple[str, ...]) -> bool:
        asked[name] = of_interest(name, ignored)
        return asked[name]

    monkeypatch.setattr(module, "of_interest", recorded)

    async def scenario() -> None:
        ignored = (f"{real}/../real/store.db",)
        async with background(watch([str(link)], lambda: changes.append(1), ignored=ignored)):
            await until(lambda: changes, "the watch")
            (real / "store.db-wal").write_text("x")
            await until(lambda: asked, "the write")
            (real / "m.yaml").write_text("x")
            await until(lambda: len(asked) == 2, "the edit")

    run(scenario)
    assert asked == {f"{link}/store.db-wal": False, f"{link}/m.yaml": True}


def test_what_is_of_no_interest_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[int] = []
    asked: list[str] = []

    def never(name: str, _ignored: tuple[str, ...]) -> bool:
        asked.append(name)
        return False

    monkeypatch.setattr(module, "of_interest", never)

    async def scenario() -> None:
        async with background(watch([str(tmp_path)], lambda: changes.append(1))):
            await until(lambda: changes, "the watch")
            (tmp_path / "m.yaml").write_text("x")
            await until(lambda: asked, "the edit")
            await turns(100)
            assert changes == [1]

    run(scenario)


def test_the_end_waits_for_the_run_that_is_under_way() -> None:
    runs = Runs()
    runs.gate.clear()

    async def scenario() -> None:
        loop = ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=1000)
        task = asyncio.create_task(loop.run())
        loop.request()
        await until(lambda: runs.begun == 1, "the run")
        loop.end()
        await turns()
        assert not task.done()
        runs.gate.set()
        await task
        assert len(runs.reported) == 1

    run(scenario)


def test_the_end_ends_a_loop_that_waits() -> None:
    runs = Runs()

    async def scenario() -> None:
        loop = ReconcileLoop(runs.reconcile, runs.reported.append, resync_seconds=1000)
        task = asyncio.create_task(loop.run())
        await turns()
        loop.end()
        await task
        assert runs.begun == 0

    run(scenario)


def test_what_the_system_cannot_watch_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(*_: object, **__: object) -> AsyncIterator[set[object]]:
        raise OSError("no space left on device: watches")
        yield set()

    monkeypatch.setattr(module, "awatch", refuse)
    monkeypatch.setattr(module, "_TRY_AGAIN_SECONDS", 0.001)

    async def scenario() -> None:
        async with background(watch([str(tmp_path)], lambda: None)):
            await until(lambda: len(caplog.messages) >= 2, "another try")

    run(scenario)
    said = f"{tmp_path} is not watched now, edits wait for the next resync: no space left on device: watches"
    assert set(caplog.messages) == {said}
