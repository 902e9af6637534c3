import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import commit_all, provider, put

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor import storage
from reconciler.bootstrap.doctor.storage import folder_findings, open_store, store_findings
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation, parse

P = "routerctl"
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024  as shutil has it


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    found = parse(str(folder / "r.db"))
    commit_all(found.config_path, [put(provider("a"))], [put(provider("b"))])
    with closing(Observations(found.records_path)) as rows, rows.writing():
        pass
    return found


def of_store(location: StoreLocation) -> list[Finding]:
    reader, _ = open_store(location, P)
    assert reader is not None
    with reader:
        return list(store_findings(location, reader, P))


def levels(found: list[Finding]) -> set[tuple[str, str]]:
    return {(each.check, each.level) for each in found}


def test_a_store_that_is_well(location: StoreLocation) -> None:
    reader, found = open_store(location, P)
    assert reader is not None
    reader.close()
    assert (found.level, found.message.endswith("revision 2")) == ("ok", True)
    assert levels(of_store(location)) == {("file", "ok"), ("record", "ok")}
    assert levels(list(folder_findings(location))) == {("permissions", "ok"), ("disk", "ok")}


def test_no_store_yet_is_no_error(tmp_path: Path) -> None:
    location = parse(str(tmp_path / "none" / "r.db"))
    reader, found = open_store(location, P)
    assert (reader, found.level, found.todo) == (None, "warning", "routerctl apply -f DIR makes one")
    assert levels(list(folder_findings(location))) == {("permissions", "ok"), ("disk", "ok")}


def test_what_is_no_store_is_told_and_left_alone(location: StoreLocation) -> None:
    location.config_path.write_text("not a database, but long enough to be looked at")
    reader, found = open_store(location, P)
    assert (reader, found.check, found.level) == (None, "store", "error")


def test_a_record_that_was_edited(location: StoreLocation) -> None:
    connection = sqlite3.connect(location.config_path)
    connection.execute("UPDATE revision SET message = 'x'")
    connection.commit()
    connection.close()
    (found,) = [each for each in of_store(location) if each.level == "error"]
    assert (found.check, "(and 1 more)" in found.message) == ("record", True)
    assert "routerctl history verify" in found.todo


def test_a_file_that_is_damaged(location: StoreLocation) -> None:
    location.traffic_path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    (found,) = [each for each in of_store(location) if each.level == "error"]
    assert found.check == "file"
    connection = sqlite3.connect(location.traffic_path.with_name("whole.db"))
    connection.executescript("CREATE TABLE a (b); CREATE INDEX c ON a (b); INSERT INTO a VALUES (1), (2);")
    connection.executescript(
        "PRAGMA writable_schema=ON; UPDATE sqlite_master SET rootpage = 2 WHERE name = 'c';"
    )
    connection.close()
    shutil.move(location.traffic_path.with_name("whole.db"), location.traffic_path)
    (found,) = [each for each in of_store(location) if each.level == "error"]
    assert str(location.traffic_path) in found.message


def test_a_log_that_is_never_taken_in(location: StoreLocation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LARGE_LOG", -1)
    assert {each.level for each in of_store(location) if each.check == "file"} == {"warning"}


def test_who_else_may_read(location: StoreLocation) -> None:
    key = location.config_path.with_suffix(".key")
    key.write_text("")
    key.chmod(0o640)
    location.config_path.chmod(0o644)
    location.config_path.parent.chmod(0o777)
    found = {each.todo: each.level for each in folder_findings(location) if each.check == "permissions"}
    assert found == {
        f"chmod 600 {key}": "error",
        f"chmod 600 {location.config_path}": "warning",
        f"chmod go-w {location.config_path.parent}": "warning",
    }
    assert not storage._shared(location.config_path.with_name("gone"))


def test_a_disk_without_room(location: StoreLocation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 2**20))
    (found,) = [each for each in folder_findings(location) if each.check == "disk"]
    assert (found.level, "has 1 MiB left" in found.message) == ("warning", True)


def test_a_disk_beyond_a_network(
    location: StoreLocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"a / ext4 rw 0 0\nb {tmp_path} nfs4 rw 0 0\nodd\nc /elsewhere tmpfs rw 0 0\n")
    assert storage._kind_of_disk(location.config_path, mounts) == "nfs4"
    assert storage._kind_of_disk(Path("/"), mounts) == "ext4"
    assert storage._kind_of_disk(location.config_path, tmp_path / "none") is None
    monkeypatch.setattr(storage, "_kind_of_disk", lambda _: "nfs4")
    assert "error" in [each.level for each in folder_findings(location) if each.check == "disk"]
