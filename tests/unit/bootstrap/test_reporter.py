import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from fakes.serving import simulator
from fakes.store import SteppingClock
from fakes.waiting import until

from reconciler.bootstrap import reporter as module
from reconciler.bootstrap.reporter import ENDED, Builds, Reporter, numbers
from reconciler.errors import StoreError
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Refusal, Snapshot, Upstream
from reconciler.store.observations import STARTING, WHOLE, WorkerRow

A, B = simulator("a"), simulator("b")


def snapshot(revision: int, *upstreams: Upstream, refused: tuple[Upstream, ...] = ()) -> Snapshot:
    refusals = tuple(Refusal(each.key, "no key", cause="SecretError") for each in refused)
    return Snapshot(revision, {}, {each.key: each for each in upstreams}, refusals)


class FakeRows:
    def __init__(self) -> None:
        self.rows: list[WorkerRow] = []
        self.forgotten: list[float] = []
        self.failing = False
        self.tries = 0

    def put_worker(self, row: WorkerRow) -> None:
        try:
            if self.failing:
                raise StoreError("no space is left")
            self.rows.append(row)
        finally:
            self.tries += 1

    def forget(self, before: float) -> int:
        self.forgotten.append(before)
        return 1


def reporter(rows: FakeRows) -> Reporter:
    return Reporter(rows, SteppingClock(), "w-1", 7, lambda: {"in_flight": 1, "requests": {"chat": 2}})


def test_a_snapshot_is_acknowledged_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 1000)
    rows = FakeRows()

    async def whole() -> None:
        reports = reporter(rows)
        task = asyncio.create_task(reports.run())
        await until(lambda: rows.rows, "the first word")
        reports.published(snapshot(4, A, B, refused=(B,)))
        await until(lambda: len(rows.rows) == 2, "the acknowledgement")
        task.cancel()

    asyncio.run(whole())
    starting, row = rows.rows
    assert (starting.revision, starting.serving, starting.refused) == (STARTING, False, ())
    assert (row.instance, row.pid, row.revision) == ("w-1", 7, 4)
    assert row.started < row.heartbeat
    assert row.refused == (("Provider/b", "no key"),)
    assert row.causes == {"Provider/b": "SecretError"}
    assert row.counters == {"in_flight": 1, "requests": {"chat": 2}}
    assert row.builds == {"Provider/a": 4}


def test_it_beats_and_at_its_end_it_is_not_live_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.001)
    rows = FakeRows()

    async def whole() -> None:
        reports = reporter(rows)
        reports.published(snapshot(4))
        task = asyncio.create_task(reports.run())
        await until(lambda: len(rows.rows) >= 3, "three heartbeats")
        reports.end()
        await task

    asyncio.run(whole())
    beats = [row.heartbeat for row in rows.rows]
    assert beats[:3] == sorted(beats[:3])
    assert rows.rows[-1].heartbeat == ENDED
    assert rows.rows[-1].counters != {}
    assert rows.forgotten == [ENDED + 1]


@pytest.mark.parametrize("failing", [False, True])
def test_it_knows_whether_its_last_word_was_written(failing: bool) -> None:
    rows = FakeRows()
    rows.failing = failing

    async def whole() -> None:
        reports = reporter(rows)
        assert not reports.recorded
        reports.end()
        await reports.run()
        assert reports.recorded is not failing

    asyncio.run(whole())


def test_why_the_head_is_not_served_stands_for_the_whole() -> None:
    rows = FakeRows()

    async def whole() -> None:
        reports = reporter(rows)
        reports.ask(lambda: "the store is damaged")
        reports.published(snapshot(4))
        reports.end()
        await reports.run()

    asyncio.run(whole())
    assert rows.rows[0].refused == ((WHOLE, "the store is damaged"),)


def test_records_that_cannot_be_written_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    rows = FakeRows()

    def until_tried(reports: Reporter, *, failing: bool) -> Awaitable[None]:
        rows.failing, before = failing, rows.tries
        reports.wake()
        return until(lambda: rows.tries > before, "another try")

    async def whole() -> None:
        reports = reporter(rows)
        reports.published(snapshot(4))
        task = asyncio.create_task(reports.run())
        for failing in (True, True, False, True):
            await until_tried(reports, failing=failing)
        rows.failing = False
        reports.end()
        await task

    asyncio.run(whole())
    said = [record.getMessage() for record in caplog.records]
    assert said == ["what this worker serves can't be recorded: no space is left"] * 2


def test_a_build_counts_from_the_snapshot_that_brought_it() -> None:
    builds = Builds()
    builds.note(snapshot(3, A, B))
    assert builds.by_name() == {"Provider/a": 3, "Provider/b": 3}
    again = replace(A)
    builds.note(snapshot(7, again, B))
    assert builds.by_name() == {"Provider/a": 7, "Provider/b": 3}
    builds.note(snapshot(8, again))
    assert builds.by_name() == {"Provider/a": 7}


def test_what_a_refused_provider_goes_on_with_is_no_new_build() -> None:
    builds = Builds()
    builds.note(snapshot(3, A))
    builds.note(snapshot(4, A, replace(B), refused=(A, B)))
    assert builds.by_name() == {"Provider/a": 3}
    builds.note(snapshot(5, A, replace(B)))
    assert builds.by_name() == {"Provider/a": 3, "Provider/b": 5}


def test_a_provider_by_its_namespace() -> None:
    builds = Builds()
    other = replace(A, key=ResourceKey("Provider", "team", "a"))
    builds.note(snapshot(1, other))
    assert builds.by_name() == {"Provider/team/a": 1}


def test_numbers_are_kept_and_the_rest_left_out() -> None:
    assert numbers({"a": 1, "b": {"c": 2, "d": "text"}, "e": None, "f": [1]}) == {"a": 1, "b": {"c": 2}}


def test_what_was_counted_is_asked_for_now_and_then_and_gauges_each_time() -> None:
    rows, asked = FakeRows(), [0]

    def counters() -> JsonObject:
        asked[0] += 1
        return {"requests": asked[0]}

    async def whole() -> None:
        reporting = Reporter(
            rows, SteppingClock(), "w-1", 7, counters, gauges=lambda: {"in_flight": asked[0]}, counted_each=3
        )
        for _ in range(4):
            await reporting._put(1.0)
        await reporting._put(ENDED)

    asyncio.run(whole())
    assert [row.counters["requests"] for row in rows.rows] == [1, 1, 1, 2, 3]
    assert [row.counters["in_flight"] for row in rows.rows] == [0, 1, 1, 1, 2]
