import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import FakeEdit, commit_all, drop, provider, put
from fakes.watching import commit

from reconciler.control.resource_watch import ResourceWatch
from reconciler.errors import NotFound
from reconciler.resources.resource import StoredResource
from reconciler.store.compaction import Keep, compact
from reconciler.store.reader import Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a", labels={"on": "1"})), put(provider("b"))])
    return path


@pytest.fixture
def watch(path: Path) -> Iterator[ResourceWatch]:
    """Of what has the label `on`."""
    with Reader(path) as reader:
        yield ResourceWatch(reader, [stored for stored in reader.list("Provider") if _on(stored)], _on)


def _on(stored: StoredResource) -> bool:
    return "on" in stored.resource.labels


def on(name: str, *, latency: int = 1) -> FakeEdit:
    return put(provider(name, labels={"on": "1"}, latency=latency))


def told(watch: ResourceWatch) -> list[tuple[str, str, int]]:
    return [(each.type, each.stored.key.name, each.stored.resource_version) for each in watch.read()]


def test_each_change_is_told_once_and_in_its_order(path: Path, watch: ResourceWatch) -> None:
    assert told(watch) == []
    commit(path, on("c"), on("a"))()
    commit(path, on("c", latency=2))()
    commit(path, drop(provider("a")), put(provider("b", latency=3)))()
    assert told(watch) == [("ADDED", "c", 3), ("MODIFIED", "a", 4), ("MODIFIED", "c", 5), ("DELETED", "a", 6)]
    assert told(watch) == []
    assert [stored.key.name for stored in watch.known] == ["c"]


def test_what_begins_or_ceases_to_match_comes_or_goes(path: Path, watch: ResourceWatch) -> None:
    commit(path, put(provider("a")), on("b"))()
    assert [each[:2] for each in told(watch)] == [("DELETED", "a"), ("ADDED", "b")]
    commit(path, drop(provider("a")))()
    assert told(watch) == []


def test_what_was_deleted_is_told_as_it_was(path: Path, watch: ResourceWatch) -> None:
    commit(path, drop(provider("a")))()
    (gone,) = watch.read()
    assert (gone.stored.resource.labels, gone.stored.revision) == ({"on": "1"}, 2)


def test_a_gap_ends_the_watch_in_words(path: Path, watch: ResourceWatch) -> None:
    for latency in (2, 3, 4):
        commit(path, on("a", latency=latency))()
    compact(path, Keep(revisions=1))
    with pytest.raises(
        NotFound, match=r"revision 2 made of Provider/a was removed \(history prune\)\n  begin again"
    ):
        watch.read()


@pytest.mark.parametrize("change", ["UPDATE revision SET digest = 'other'", "DELETE FROM revision"])
def test_another_history_ends_the_watch_in_words(path: Path, watch: ResourceWatch, change: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)
    with pytest.raises(NotFound, match="revision 1 is another one by now: the store was restored"):
        watch.read()


def test_an_empty_store_is_watched_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    commit_all(path)
    with closing(Reader(path)) as reader:
        watch = ResourceWatch(reader, (), _on)
        commit(path, on("a"))()
        assert told(watch) == [("ADDED", "a", 1)]
