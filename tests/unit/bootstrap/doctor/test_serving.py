import os
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.states import stored

from reconciler.bootstrap.doctor import serving
from reconciler.bootstrap.doctor.serving import (
    clock_findings,
    listener_findings,
    notice_findings,
    worker_findings,
)
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.store.notices import Notice
from reconciler.store.observations import STARTING, WHOLE, WorkerRow
from reconciler.store.records import EMPTY_STORE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT = NOW.timestamp()
ROW = WorkerRow("w-1", os.getpid(), AT - 60, AT - 1, 3)
SETTINGS = Resource(ResourceKey("Settings", "default", "default"), {"auth": {"dataPlane": "keys"}})


def levels(*rows: WorkerRow, head: int = 3) -> list[tuple[str, str]]:
    return [(each.level, each.message) for each in worker_findings(rows, head, AT, "routerctl")]


def test_workers_serve_the_newest_or_say_why_not() -> None:
    assert levels(ROW) == [("ok", "1 live, serving revision 3")]
    assert levels() == levels(replace(ROW, heartbeat=AT - 60)) == [("warning", "nothing serves this store")]
    assert levels(ROW, head=4) == [("warning", "worker w-1 serves revision 3 of 4")]
    assert levels(replace(ROW, revision=STARTING), head=4) == [("ok", "1 live, serving revision 4")]
    refusing = replace(ROW, refused=(("Provider/a", "no key\n  give it"), (WHOLE, "unreadable")))
    assert levels(refusing) == [
        ("error", "the newest revision is refused: unreadable"),
        ("error", "Provider/a is refused: no key; give it"),
    ]


def test_clocks_agree_or_not() -> None:
    now = replace(EMPTY_STORE, time="2026-11-22T12:00:00Z")
    assert [each.level for each in clock_findings(now, [ROW], NOW)] == ["ok"]
    assert [each.level for each in clock_findings(None, [], NOW)] == ["ok"]
    late = replace(EMPTY_STORE, time="2026-11-22T13:00:00Z")
    (found,) = clock_findings(late, [ROW], NOW)
    assert (found.level, "was made at 2026-11-22T13:00:00Z" in found.message) == ("warning", True)
    (found,) = clock_findings(now, [replace(ROW, heartbeat=AT + 90)], NOW)
    assert (found.level, "90 s in the future" in found.message) == ("warning", True)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
def test_ports_are_found_by_who_has_them() -> None:
    with socket.create_server(("127.0.0.1", 0)) as here:
        assert ("127.0.0.1", here.getsockname()[1]) in {
            (str(host), port) for host, port in serving._listening({os.getpid()}, Path("/proc"))
        }


def process(proc: Path, pid: int, parent: int, *inodes: int) -> None:
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} (a) b) S {parent} 1 1")
    for number, inode in enumerate(inodes):
        (folder / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
    (folder / "fd" / "9").symlink_to("/dev/null")


def table(*rows: tuple[str, str, int]) -> str:
    return "  sl  local_address\n" + "".join(
        f"   0: {address} 00000000:0000 {state} 0:0 0:0 0 0 0 {inode} 1 0\n" for address, state, inode in rows
    )


def test_what_others_reach_wants_keys(tmp_path: Path) -> None:
    process(tmp_path, 7, 6, 100)
    process(tmp_path, 6, 1, 101, 102)
    (tmp_path / "net").mkdir()
    local = table(("0100007F:2125", "0A", 101), ("00000000:2124", "01", 100), ("00000000:1F90", "0A", 999))
    (tmp_path / "net" / "tcp").write_text(local)
    row = [replace(ROW, pid=7)]
    (found,) = listener_findings(row, State([]), tmp_path)
    assert (found.level, found.message) == ("ok", "reached from this machine alone")
    (tmp_path / "net" / "tcp6").write_text(
        table(
            ("00000000000000000000000000000000:2124", "0A", 100),
            ("0000000000000000FFFF00000100007F:2126", "0A", 102),
        )
    )
    (found,) = listener_findings(row, State([]), tmp_path)
    assert (found.level, found.message.split(" may")[0]) == ("warning", ":::8484")
    (found,) = listener_findings(row, State([stored(SETTINGS)]), tmp_path)
    assert found.level == "ok"
    assert list(listener_findings(row, State([]), tmp_path / "none")) == []


def test_who_serves_may_find_something_wrong_with_itself() -> None:
    (found,) = notice_findings([Notice("tls", AT, "the key can't be read\n  name another")])
    assert (found.level, found.message) == ("error", "tls: the key can't be read; name another")
    assert found.why.startswith("so since 2026-11-22T12:00:00Z")
