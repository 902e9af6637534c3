import gzip
import os
import sqlite3
import zlib
from pathlib import Path

import pytest

from reconciler.control.secret_search import files_below, finds, look
from reconciler.errors import InvalidInput, StoreError
from reconciler.secrets.search import Search
from reconciler.secrets.value import SecretValue

SECRET = "sk-Zq7LitWv9rKe+/h3TxNb6PsYd2Jm"


def test_files_are_found_once_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/1", "a/b/2", "key"):
        (tmp_path / name).write_text("x")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "key")
    (tmp_path / "named").symlink_to(tmp_path / "a" / "1")
    found = files_below([tmp_path / "named", tmp_path / "a", tmp_path / "a"], [tmp_path / "key"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["named", "a/b/2"]
    with pytest.raises(InvalidInput, match="there is no"):
        list(files_below([tmp_path / "none"], []))


def test_what_is_packed_is_unpacked(tmp_path: Path) -> None:
    search = Search({"it": SecretValue(SECRET)})

    def forms(name: str) -> list[tuple[str, int, int, bool]]:
        return [(each.form, each.at, each.places, each.packed) for each in finds(search, tmp_path / name)]

    (tmp_path / "plain").write_text(f"-{SECRET[:12]}-{SECRET[:12]}")
    assert forms("plain") == [("its beginning", 1, 2, False)]
    (tmp_path / "log.gz").write_bytes(gzip.compress(f"--{SECRET[-12:]}".encode()))
    assert forms("log.gz") == [("its end", 2, 1, True)]
    (tmp_path / "cut.gz").write_bytes(gzip.compress(os.urandom(4000) + SECRET.encode())[:2000])
    assert forms("cut.gz") == []
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE a (b)")
    connection.execute("INSERT INTO a VALUES (?)", (b"z" + zlib.compress(f"{SECRET[-12:]} ".encode() * 99),))
    connection.commit()
    connection.close()
    assert forms("a.db") == [("its end", 0, 99, True)]
    (tmp_path / "damaged.db").write_bytes((tmp_path / "a.db").read_bytes()[:100] + b"\xff" * 100)
    with pytest.raises(StoreError):
        forms("damaged.db")


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert list(finds(Search({"it": SecretValue(SECRET)}), tmp_path / "pipe")) == []


def test_what_can_not_be_read_is_told_and_the_rest_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text(SECRET)
    (tmp_path / "damaged.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    looked = look(
        {"it": SecretValue(SECRET), "x": SecretValue("x")},
        [tmp_path / "gone", tmp_path / "damaged.db", tmp_path / "a", tmp_path],
    )
    assert {each.secret for each in looked.found} == {"it"}
    assert looked.too_short == ["x"]
    assert [line.partition(": ")[0] for line in looked.unread] == [
        str(tmp_path / "damaged.db"),
        str(tmp_path),
    ]
