from contextlib import closing
from pathlib import Path

import pytest
from fakes.traffic import NOW, row, write

from reconciler.errors import StoreError
from reconciler.store.traffic import Bodies, TrafficWriter
from reconciler.store.traffic_deleting import Deleted, delete
from reconciler.store.traffic_query import SoughtRequests, TrafficReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "t.db"
    write(
        file,
        row(id="a", client="ada", asked="needle-in-a-record"),
        row(id="b", client="bob"),
        bodies=(Bodies("a", NOW, b"needle-in-a-body", 16, b"", 0), Bodies("b", NOW, b"kept", 4, b"", 0)),
    )
    write(file, row(id="c", client="ada"))
    write(file, row(id="d", client="bob", time=NOW - 10))
    return file


def left(path: Path) -> str:
    return "".join(sorted(each.id for each in TrafficReader(path).find(SoughtRequests())))


def test_what_fits_goes_with_its_bodies_and_the_rest_stays(path: Path) -> None:
    before = TrafficReader(path).get("b")
    assert delete(path, SoughtRequests(client="ada")) == Deleted(2, 1)
    reader = TrafficReader(path)
    assert (left(path), reader.get("b"), reader.bodies("a")) == ("bd", before, None)
    assert reader.bodies("b") is not None


def test_nothing_of_it_is_left_in_the_file(path: Path) -> None:
    delete(path, SoughtRequests(id="a"))
    with closing(TrafficWriter(path)) as writer:
        writer.prune(0, 10**9)
    assert b"needle" not in path.read_bytes()


def test_what_is_joined_meanwhile_is_met_later(path: Path) -> None:
    with closing(TrafficWriter(path)) as writer:
        assert writer.join(NOW + 120_000) == 2
    assert delete(path, SoughtRequests(client="ada")).requests == 2
    assert left(path) == "bd"


def test_where_nothing_fits_nothing_is_written(path: Path) -> None:
    assert delete(path, SoughtRequests(client="eve")) == Deleted(0, 0)
    assert delete(path, SoughtRequests(since=NOW + 1)) == Deleted(0, 0)
    assert delete(path.with_name("none.db"), SoughtRequests()) == Deleted(0, 0)
    assert not path.with_name("none.db").exists()
    assert left(path) == "abcd"


def test_a_file_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "t.db"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError):
        delete(file, SoughtRequests())
