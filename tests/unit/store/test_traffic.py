import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PosixPath

import pytest
from fakes.traffic import NOW, columns, row, write

from reconciler.errors import StoreError
from reconciler.store.traffic import Bodies, TrafficWriter
from reconciler.store.traffic_query import SoughtRequests, TrafficReader

WRITING = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from fakes.traffic import write, row
write(Path(sys.argv[1]), row(id="a"))
os.kill(os.getpid(), signal.SIGKILL)
"""
TESTS = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store-traffic.db"


@pytest.fixture
def writer(path: Path) -> Iterator[TrafficWriter]:
    with closing(TrafficWriter(path)) as made:
        yield made


def ids(path: Path) -> list[str]:
    return [each.id for each in TrafficReader(path).find(SoughtRequests())]


def batches(path: Path) -> list[tuple[int, int, int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT number, first, last, count FROM batch ORDER BY number").fetchall()


def test_what_is_written_is_there(writer: TrafficWriter, path: Path) -> None:
    writer.write(columns(row(id="a", time=NOW), row(id="b", time=NOW - 5)))
    writer.write(columns(row(id="c")))
    assert ids(path) == ["c", "b", "a"]
    assert batches(path)[0][1:] == (NOW - 5, NOW, 2)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_added_becomes_one_batch(writer: TrafficWriter, path: Path) -> None:
    writer.add(columns(row(id="a", time=NOW), row(id="b", time=NOW - 5)))
    writer.add(columns(row(id="c", time=NOW + 7)), [Bodies("c", NOW + 7, b"{}", 2, b"", 0)])
    assert not path.exists()
    writer.commit()
    writer.commit()
    assert ids(path) == ["c", "b", "a"]
    assert [each[1:] for each in batches(path)] == [(NOW - 5, NOW + 7, 3)]
    assert TrafficReader(path).bodies("c") is not None


def test_it_outlives_a_kill(path: Path) -> None:
    command = [sys.executable, "-c", WRITING, str(path), str(TESTS)]
    done = subprocess.run(
        command, check=False, env={**os.environ, "PYTHONPATH": str(TESTS.parent)}, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    assert ids(path) == ["a"]


def test_one_that_was_removed_is_made_anew(writer: TrafficWriter, path: Path) -> None:
    writer.write(columns(row(id="a")))
    for file in path.parent.iterdir():
        file.unlink()
    writer.write(columns(row(id="b")))
    assert ids(path) == ["b"]


class Vanishing(PosixPath):
    """Removed by somebody in the moment in which it is first looked at."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        if not Vanishing.gone and not os.path.isdir(self):  # noqa: PTH112  that asks stat
            Vanishing.gone = True
            self.unlink()
        return super().stat(follow_symlinks=follow_symlinks)

    gone = False


def test_one_that_is_removed_while_it_is_opened_is_made_anew_by_the_next_write(path: Path) -> None:
    with closing(TrafficWriter(Vanishing(path))) as writer:
        writer.write(columns(row(id="a")))
        assert Vanishing.gone
        writer.write(columns(row(id="b")))
    assert ids(path) == ["b"]


def test_a_foreign_file_is_left_as_it_is(writer: TrafficWriter, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="not a store of routerctl"):
        writer.write(columns(row()))


def test_a_file_that_can_not_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        closing(TrafficWriter(tmp_path / "file" / "t.db")) as writer,
        pytest.raises(StoreError, match="can't be made"),
    ):
        writer.write(columns(row()))


def test_after_a_failure_it_is_opened_again(writer: TrafficWriter, path: Path) -> None:
    writer.write(columns(row(id="a")))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE batch RENAME TO gone")
        with pytest.raises(StoreError):
            writer.write(columns(row(id="b")), [Bodies("b", NOW, b"{}", 2, b"", 0)])
        connection.execute("ALTER TABLE gone RENAME TO batch")
    writer.write(columns(row(id="c")))
    assert ids(path) == ["c", "a"]
    assert TrafficReader(path).bodies("b") is None


def test_where_there_is_no_file_nothing_is_done(writer: TrafficWriter, path: Path) -> None:
    writer.prune(NOW, 1)
    assert writer.join(NOW) == 0
    assert not path.exists()


def test_what_is_old_goes_and_its_bodies_with_it(writer: TrafficWriter, path: Path) -> None:
    for age, name in ((100, "old"), (0, "new")):
        said = Bodies(name, NOW - age, b"{}", 2, b"{}", 2)
        writer.write(columns(row(id=name, time=NOW - age)), [said])
    writer.prune(NOW - 50, 2**30)
    assert ids(path) == ["new"]
    reader = TrafficReader(path)
    assert reader.bodies("old") is None
    assert reader.bodies("new") == Bodies("new", NOW, b"{}", 2, b"{}", 2)


def test_beyond_its_size_the_oldest_go(writer: TrafficWriter, path: Path) -> None:
    for number in range(40):
        name = f"req-{number:02}"
        said = Bodies(name, NOW + number, os.urandom(20_000), 20_000, b"", 0)
        writer.write(columns(row(id=name, time=NOW + number)), [said])
    before = path.stat().st_size + path.with_name(f"{path.name}-wal").stat().st_size
    writer.prune(0, 300_000)
    left = ids(path)
    assert 0 < len(left) < 15
    assert left[0] == "req-39"
    assert TrafficReader(path).bodies(left[-1]) is not None
    assert TrafficReader(path).bodies("req-00") is None
    writer.close()
    assert path.stat().st_size < 350_000 < before
    assert ids(path) == left


def test_bodies_that_are_too_many_by_themselves_go_as_well(writer: TrafficWriter, path: Path) -> None:
    writer.write(columns(row(id="a")), [Bodies("a", NOW, os.urandom(200_000), 200_000, b"", 0)])
    writer.prune(0, 100_000)
    assert ids(path) == []
    assert TrafficReader(path).bodies("a") is None


def test_small_batches_that_have_settled_are_joined(writer: TrafficWriter, path: Path) -> None:
    for number in range(5):
        writer.write(columns(row(id=f"req-{number}", time=NOW + number * 1000)))
    writer.write(columns(row(id="later", time=NOW + 3_600_000)))
    writer.write(columns(row(id="now", time=NOW + 3_700_000)))
    assert writer.join(NOW + 3_700_000) == 4
    assert [(number, count) for number, _, _, count in batches(path)] == [(5, 5), (6, 1), (7, 1)]
    assert ids(path) == ["now", "later", "req-4", "req-3", "req-2", "req-1", "req-0"]
    assert writer.join(NOW + 3_700_000) == 0


def test_joined_batches_do_not_grow_without_end(writer: TrafficWriter, path: Path) -> None:
    for number in range(8):
        writer.write(columns(*[row(id=f"{number}-{each}") for each in range(200)]))
    assert writer.join(NOW + 3_600_000) == 5
    assert [count for *_, count in batches(path)] == [600, 600, 400]


def test_two_writers_take_turns(writer: TrafficWriter, path: Path) -> None:
    writer.write(columns(row(id="a")))
    write(path, row(id="b"))
    writer.write(columns(row(id="c")))
    assert ids(path) == ["c", "b", "a"]


def test_the_key_of_sessions_is_the_files_own(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with closing(TrafficWriter(path)) as writer, closing(TrafficWriter(path)) as other:
        key = writer.session_key()
        assert len(key) == 32
        assert (writer.session_key(), other.session_key()) == (key, key)
        path.unlink()
        assert writer.session_key() != key


def test_a_file_of_the_first_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    write(path, row(id="a"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE session_key; PRAGMA user_version = 1")
    write(path, row(id="b"))
    with closing(TrafficWriter(path)) as writer:
        assert writer.session_key()
    assert TrafficReader(path).count(SoughtRequests(), 9) == (2, True)


def test_batches_of_former_versions_are_joined_to_others(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    write(path, row(id="a"))
    with closing(sqlite3.connect(path)) as connection:
        former = json.dumps({name: values[0] for name, values in columns(row(id="a")).items()})
        connection.execute("UPDATE batch SET columns = ?", (f"j{former}".encode(),))
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    assert TrafficReader(path).get("a") == row(id="a")
    write(path, row(id="b"))
    with closing(TrafficWriter(path)) as writer:
        assert writer.join(NOW + 3_600_000) == 1
    assert TrafficReader(path).find(SoughtRequests()) == [row(id="b"), row(id="a")]
    assert len(batches(path)) == 1
