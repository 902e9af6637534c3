import json
from pathlib import Path

import pytest
from fakes.command import Routerctl
from fakes.traffic import NOW, row, write
from fakes.watching import script

from reconciler.store.traffic import Bodies


@pytest.fixture
def traffic(routerctl: Routerctl) -> Path:
    path = routerctl.db.with_name("routerctl-traffic.db")
    failed = row(id="req-2", status=503, provider="q", ending="refused")
    write(path, row(id="req-1"), failed, bodies=(Bodies("req-1", NOW, b"asked", 5, b"told", 4),))
    return path


def names(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines()]


def test_the_newest_come_first(routerctl: Routerctl, traffic: Path) -> None:
    assert names(routerctl.ok("requests")) == ["ID", "req-2", "req-1"]
    assert names(routerctl.ok("requests", "--limit", "1", "-o", "wide")) == ["ID", "req-2"]
    assert names(routerctl.ok("requests", "--all", "--provider", "p")) == ["ID", "req-1"]
    assert routerctl.ok("requests", "--status", "failed", "-o", "name") == "request/req-2\n"
    assert routerctl.ok("requests", "--model", "none") == "No requests.\n"


def test_as_data(routerctl: Routerctl, traffic: Path) -> None:
    listed = json.loads(routerctl.ok("requests", "-o", "json"))
    assert [item["status"] for item in listed["items"]] == [503, 200]
    assert routerctl.ok("requests", "-o", "jsonpath={.items[*].id}") == "req-2 req-1\n"


def test_one_is_shown_whole(routerctl: Routerctl, traffic: Path) -> None:
    assert "Request (5 bytes):\n  asked\n" in routerctl.ok("requests", "req-1")
    assert routerctl.ok("requests", "req-1", "-o", "name") == "request/req-1\n"
    assert json.loads(routerctl.ok("requests", "req-1", "-o", "json"))["bodies"]["answer"] == "told"


def test_one_that_is_not_there(routerctl: Routerctl, traffic: Path) -> None:
    done = routerctl("requests", "req-9")
    assert (done.code, done.out) == (3, "")
    assert "no record of a request req-9" in done.err


def test_a_list_alone_can_be_followed(routerctl: Routerctl, traffic: Path) -> None:
    assert routerctl("requests", "req-1", "--follow").code == 2


def test_without_a_store_that_is_said(routerctl: Routerctl) -> None:
    assert routerctl("requests").code == 5


@pytest.mark.parametrize("output", ["table", "json", "yaml", "name"])
def test_it_goes_on(
    routerctl: Routerctl, traffic: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    script(
        monkeypatch,
        "requests",
        lambda: None,
        lambda: write(traffic, row(id="req-3"), row(id="req-4", status=503)),
        lambda: write(traffic, row(id="req-5")),
    )
    text = routerctl.ok("requests", "--follow", "--status", "ok", "-o", output)
    assert [text.count(f"req-{number}") for number in range(1, 6)] == [1, 0, 1, 0, 1]
    assert text.index("req-1") < text.index("req-3") < text.index("req-5")
    if output == "table":
        assert text.count("PROVIDER") == 1


def test_it_waits_for_the_first(routerctl: Routerctl, traffic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "requests")
    assert routerctl.ok("requests", "--follow", "--model", "none") == ""


def test_all_of_them_for_other_programs(routerctl: Routerctl, traffic: Path) -> None:
    write(traffic, *(row(id=f"more-{number}", asked="=1+1") for number in range(30)))
    lines = [json.loads(line) for line in routerctl.ok("requests", "-o", "jsonl").splitlines()]
    assert [each["id"] for each in lines[:3]] == ["req-1", "req-2", "more-0"]
    assert len(lines) == 32
    rows = routerctl.ok("requests", "-o", "csv", "--limit", "2").splitlines()
    assert rows[0].startswith("request_id,time,")
    assert [each.split(",")[0] for each in rows[1:]] == ["more-28", "more-29"]
    assert ",'=1+1," in rows[1]
    assert json.loads(routerctl.ok("requests", "req-1", "-o", "jsonl"))["id"] == "req-1"


def test_they_are_of_a_client_a_session_and_a_time(routerctl: Routerctl, traffic: Path) -> None:
    write(traffic, row(id="req-3", client="ada", session="s", time=NOW + 5))
    assert routerctl.ok("requests", "--client", "ada", "-o", "name") == "request/req-3\n"
    told = json.loads(routerctl.ok("requests", "req-3", "-o", "json"))
    assert routerctl.ok("requests", "--session", told["sessionId"], "-o", "name") == "request/req-3\n"
    assert routerctl.ok("requests", "--until", "2026-09-21T14:13:20Z") == "No requests.\n"


def test_an_export_can_be_followed(
    routerctl: Routerctl, traffic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for output, lines in (("csv", 4), ("jsonl", 3)):
        write(traffic, row(id=f"first-{output}"))
        script(monkeypatch, "requests", lambda: None, lambda: write(traffic, row(id="last")))
        told = routerctl.ok("requests", "--follow", "--limit", "2", "-o", output).splitlines()
        assert len(told) == lines
        assert "last" in told[-1]
