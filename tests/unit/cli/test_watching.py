from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fakes.store import commit_all, provider, put
from fakes.watching import commit
from fakes.workers import live_health, live_worker

from reconciler.cli.resource_output import Row
from reconciler.cli.resource_rows import Rows, rows_of
from reconciler.cli.session import Session
from reconciler.cli.watching import Watching
from reconciler.control.resource_watch import ResourceWatch
from reconciler.resources.resource import StoredResource
from reconciler.store.health import CircuitRow
from reconciler.store.reader import Reader


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    path = tmp_path / "r.db"
    commit_all(path, [put(provider("a"))])
    with Reader(path) as reader, rows_of(Session({}, str(path)), reader) as opened:
        yield opened


def watching(rows: Rows, *, ready_only: bool = True, status: bool = True) -> Watching:
    changes = ResourceWatch(rows.reader, rows.reader.list("Provider"), lambda _: True)
    return Watching(rows, changes, ready_only=ready_only, status=status)


def told(watch: Watching) -> list[tuple[str, str, str]]:
    return [(what, row.stored.key.name, row.conditions[-1].status) for what, row in watch.next()]


def test_a_status_that_becomes_another_is_told_once(rows: Rows) -> None:
    db = rows.session.location.config_path
    watch = watching(rows)
    assert [row.conditions[0].status for row in watch.begin()] == ["Unknown"]
    assert told(watch) == []
    live_worker(db, revision=0)  # it is behind: a table shows no difference
    assert told(watch) == []
    live_worker(db, revision=1)
    assert told(watch) == [("MODIFIED", "a", "True")]
    commit(db, put(provider("b")))()
    assert told(watch) == [("ADDED", "b", "Unknown")]
    live_worker(db, revision=2)
    assert told(watch) == [("MODIFIED", "b", "True")]
    assert told(watch) == []


def test_a_provider_that_falls_ill_and_is_well_again_is_told(rows: Rows) -> None:
    db = rows.session.location.config_path
    live_worker(db, revision=1)
    watch = watching(rows)
    watch.begin()
    told(watch)
    live_health(db, CircuitRow("w1", "Provider/a", "m", "open", 0.0, "status 503"))
    ((_, row),) = watch.next()
    assert [each.status for each in row.conditions] == ["True", "False"]
    live_health(db, CircuitRow("w1", "Provider/a", "m", "closed", 0.0, "status 503"))
    ((_, row),) = watch.next()
    assert [each.status for each in row.conditions] == ["True", "True"]
    assert watch.next() == []


def test_an_object_tells_more_of_its_status(rows: Rows) -> None:
    watch = watching(rows, ready_only=False)
    assert len(watch.begin()[0].conditions) == 5
    live_worker(rows.session.location.config_path, revision=0)
    assert told(watch) == [("MODIFIED", "a", "Unknown")]


def test_without_status_only_commits_are_told(rows: Rows) -> None:
    watch = watching(rows, status=False)
    watch.begin()
    live_worker(rows.session.location.config_path, revision=1)
    assert told(watch) == []


def test_a_heartbeat_alone_makes_no_work(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    db = rows.session.location.config_path
    watch = watching(rows)
    live_worker(db, revision=1)
    assert told(watch) == [("MODIFIED", "a", "True")]
    made: list[int] = []
    of = Rows.of

    def counted(self: Rows, found: Sequence[StoredResource], *, ready_only: bool = False) -> list[Row]:
        made.append(len(found))
        return of(self, found, ready_only=ready_only)

    monkeypatch.setattr(Rows, "of", counted)
    live_worker(db, revision=1, lives=4000)
    assert told(watch) == []
    assert sum(made) == 0
