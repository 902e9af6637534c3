import json
from pathlib import Path

import pytest
from fakes.command import Routerctl
from fakes.traffic import row, write

from reconciler.clock import SystemClock


@pytest.fixture
def traffic(routerctl: Routerctl) -> Path:
    path = routerctl.db.with_name("routerctl-traffic.db")
    now = int(SystemClock().now().timestamp() * 1000)
    failed = row(id="c", status=503, provider="q", ending="refused", time=now)
    write(path, row(id="a", time=now), row(id="b", time=now), failed, row(id="old", time=now - 90_000_000))
    return path


def cells(text: str) -> list[list[str]]:
    return [line.split()[:3] for line in text.splitlines()]


def test_requests_are_summed_up_by_model_and_provider(routerctl: Routerctl, traffic: Path) -> None:
    assert cells(routerctl.ok("stats")) == [
        ["MODEL", "PROVIDER", "REQUESTS"],
        ["m", "p", "2"],
        ["m", "q", "1"],
    ]
    assert cells(routerctl.ok("stats", "--since", "7d", "-o", "wide"))[1] == ["m", "p", "3"]
    assert cells(routerctl.ok("stats", "--status", "failed", "--by", "provider"))[1:] == [["q", "1", "1"]]
    assert routerctl.ok("stats", "--model", "none") == "No requests.\n"


def test_as_data(routerctl: Routerctl, traffic: Path) -> None:
    items = json.loads(routerctl.ok("stats", "--by", "status", "-o", "json"))["items"]
    assert [(item["status"], item["requests"], item["failed"]) for item in items] == [
        (200, 2, 0),
        (503, 1, 1),
    ]
    assert items[0]["cost"] == "0.00006"


@pytest.mark.parametrize("by", ["colour", "model,", ""])
def test_what_is_no_dimension(routerctl: Routerctl, by: str) -> None:
    done = routerctl("stats", "--by", by)
    assert done.code == 2
    assert "is none of provider, model, client, status" in done.err
