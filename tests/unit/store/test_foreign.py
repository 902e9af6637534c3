import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.errors import InvalidInput
from reconciler.store import foreign
from reconciler.store.foreign import is_database, read_tables


def made(path: Path, *, journal: str = "delete") -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.executescript(
        'CREATE TABLE "a" (x TEXT, y REAL); CREATE TABLE "odd ""name" (z); INSERT INTO a VALUES (\'1\', 1.5);'
    )
    connection.execute("INSERT INTO a VALUES (CAST(X'ff41' AS TEXT), NULL)")
    connection.commit()
    return connection


def inside(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_rows_of_what_is_asked_for_and_counts_of_the_rest(tmp_path: Path) -> None:
    made(tmp_path / "x.db").close()
    before = inside(tmp_path)
    tables = read_tables(tmp_path / "x.db", ["a", "missing"])
    assert tables.rows == {"a": [{"x": "1", "y": 1.5}, {"x": "\ufffdA", "y": None}]}
    assert tables.counts == {'odd "name': 0}
    assert tables.names == {"a", 'odd "name'}
    assert inside(tmp_path) == before
    assert "ufffd" not in repr(tables)


def test_what_is_only_in_the_log_counts_and_nothing_is_written(tmp_path: Path) -> None:
    with closing(made(tmp_path / "x.db", journal="wal")) as connection:
        connection.execute("INSERT INTO a VALUES ('in the log', 1)")
        connection.commit()
        before = inside(tmp_path)
        assert before["x.db-wal"][1]
        rows = read_tables(tmp_path / "x.db", ["a"]).rows["a"]
        assert [row["x"] for row in rows] == ["1", "\ufffdA", "in the log"]
        assert inside(tmp_path) == before


def test_what_is_damaged_or_gone_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    bad.write_bytes(foreign.MAGIC + b"\0" * 5000)
    with pytest.raises(InvalidInput, match="damaged"):
        read_tables(bad, ["a"])
    assert is_database(bad)
    assert not is_database(tmp_path / "gone")
    assert not is_database(tmp_path)
    folder = tmp_path / "folder.db"
    folder.mkdir()
    (tmp_path / "folder.db-wal").write_bytes(b"x")
    with pytest.raises(InvalidInput, match="can't be read"):
        read_tables(folder, ["a"])


def test_one_that_changes_all_the_time_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "x.db").close()
    stamps = iter(range(100))
    monkeypatch.setattr(foreign, "_state", lambda _: (next(stamps),))
    with pytest.raises(InvalidInput, match="changes while it is read"):
        read_tables(tmp_path / "x.db", ["a"])
