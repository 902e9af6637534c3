import csv
import json
from pathlib import Path

import pytest
from fakes.command import Routerctl
from fakes.traffic import row, write

from reconciler.store.traffic_sessions import DERIVED, session_id

ADAS, BOBS = session_id("default", "ada", "s"), session_id("default", "bob", "s")


@pytest.fixture
def traffic(routerctl: Routerctl) -> Path:
    path = routerctl.db.with_name("routerctl-traffic.db")
    write(
        path,
        row(id="req-1", client="ada", session="s"),
        row(id="req-2", client="ada", session="s", status=503, ending="refused"),
        row(id="req-3", client="bob", session="s"),
        row(id="req-4"),
    )
    return path


def test_sessions_are_listed(routerctl: Routerctl, traffic: Path) -> None:
    lines = routerctl.ok("sessions").splitlines()
    assert lines[0].split()[:5] == ["LAST", "ID", "CLIENT", "SESSION", "REQUESTS"]
    assert {tuple(line.split()[1:6]) for line in lines[1:]} == {
        (ADAS, "ada", "s", "2", "1"),
        (BOBS, "bob", "s", "1", "0"),
    }
    assert routerctl.ok("sessions", "--client", "bob", "-o", "name") == f"session/{BOBS}\n"
    assert routerctl.ok("sessions", "--limit", "1", "-o", "wide").count("\n") == 2
    assert routerctl.ok("sessions", "--model", "none") == "No sessions.\n"


def test_one_is_shown_with_its_requests(routerctl: Routerctl, traffic: Path) -> None:
    told = routerctl.ok("sessions", ADAS)
    assert "Requests:     2, 1 failed\n" in told
    assert [line.split()[1] for line in told.splitlines()[-3:]] == ["ID", "req-2", "req-1"]
    assert routerctl.ok("sessions", "s").count("Session:") == 2
    assert routerctl.ok("sessions", ADAS, "-o", "jsonpath={.items[*].id}") == f"{ADAS}\n"


def test_one_that_is_not_there(routerctl: Routerctl, traffic: Path) -> None:
    done = routerctl("sessions", "ses-1")
    assert (done.code, done.out) == (3, "")
    assert "no record of a session ses-1" in done.err


def test_all_of_them_for_other_programs(routerctl: Routerctl, traffic: Path) -> None:
    lines = routerctl.ok("sessions", "-o", "jsonl").splitlines()
    assert {json.loads(line)["id"] for line in lines} == {ADAS, BOBS}
    rows = list(csv.DictReader(routerctl.ok("sessions", "-o", "csv").splitlines()))
    assert {each["id"]: each["request_count"] for each in rows} == {ADAS: "2", BOBS: "1"}
    assert json.loads(routerctl.ok("sessions", "-o", "json"))["items"][0]["derived"] is False


def test_what_its_column_shows_finds_one(routerctl: Routerctl) -> None:
    """Also of one that no client named."""
    told = f"{DERIVED}{'0f' * 16}"
    write(
        routerctl.db.with_name("routerctl-traffic.db"),
        row(id="req-1", client="ada", session=told),
        row(id="req-2", client="ada", session="s"),
    )
    assert told in routerctl.ok("sessions")
    for word in (told, session_id("default", "ada", told)):
        assert f"{told} (told by how it begins)" in routerctl.ok("sessions", word)
        assert routerctl.ok("requests", "--session", word, "-o", "name") == "request/req-1\n"
