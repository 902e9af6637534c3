import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.command import Routerctl
from fakes.traffic import row, write
from fakes.workers import live_worker

from reconciler.clock import SystemClock


@pytest.fixture
def traffic(routerctl: Routerctl) -> Path:
    path = routerctl.db.with_name("routerctl-traffic.db")
    now = int(SystemClock().now().timestamp() * 1000)
    write(path, row(id="a", time=now), row(id="old", time=now - 3_600_000, model="gone"))
    live_worker(routerctl.db, revision=3, counters={"in_flight": 2})
    return path


def twice(*_: object, **__: object) -> Iterator[None]:
    yield
    yield


def test_once(routerctl: Routerctl, traffic: Path) -> None:
    text = routerctl.ok("top", "--once")
    assert "1 worker, revision 3   in flight 2   last 60s" in text
    assert [line.split()[:2] for line in text.splitlines()[2:]] == [["MODEL", "PROVIDER"], ["m", "p"]]
    assert "gone" in routerctl.ok("top", "--once", "--window", "2h")


def test_as_data(routerctl: Routerctl, traffic: Path) -> None:
    told = json.loads(routerctl.ok("top", "--once", "-o", "json"))
    assert (told["inFlight"], told["items"][0]["model"]) == (2, "m")


def test_where_it_is_no_terminal_one_table_comes_after_the_other(
    routerctl: Routerctl, traffic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.cli.commands.top.pauses", twice)
    text = routerctl.ok("top")
    assert text.count("in flight") == 2
    assert "\x1b" not in text


def test_a_terminal_shows_one_at_a_time(
    routerctl: Routerctl, traffic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.cli.commands.top.pauses", twice)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert routerctl.ok("top").count("\x1b[2J") == 2


def test_without_a_store_that_is_said(routerctl: Routerctl) -> None:
    assert routerctl("top", "--once").code == 5
