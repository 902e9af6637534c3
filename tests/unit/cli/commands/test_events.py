import json

import pytest
from fakes.command import Routerctl, served
from fakes.store import provider, put
from fakes.watching import commit, script
from fakes.workers import live_worker


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"))
    live_worker(routerctl.db, revision=1, refused=(("Provider/m", "no key\n  set it"),))
    return routerctl


def lines(text: str) -> list[list[str]]:
    return [line.split()[1:4] for line in text.splitlines()]


def test_what_happened(filled: Routerctl) -> None:
    assert lines(filled.ok("events")) == [
        ["VERSION", "TYPE", "SUBJECT"],
        ["1", "ADDED", "Provider/m"],
        ["2", "ADDED", "Model/m"],
        ["3", "ADDED", "Binding/m"],
        ["-", "Serving", "worker/w1"],
        ["-", "Refused", "Provider/m"],
    ]
    assert filled.ok("events").splitlines()[-1].endswith("worker/w1   no key; set it")


def test_what_is_sought(filled: Routerctl) -> None:
    assert lines(filled.ok("events", "provider/m"))[1:] == [
        ["1", "ADDED", "Provider/m"],
        ["-", "Refused", "Provider/m"],
    ]
    assert lines(filled.ok("events", "--limit", "1"))[1:] == [["-", "Refused", "Provider/m"]]
    assert filled.ok("events", "--since", "2999-01-01") == "No events.\n"
    assert filled.ok("-n", "team", "events", "--all") == "No events.\n"


def test_as_data(filled: Routerctl) -> None:
    listed = json.loads(filled.ok("events", "model/m", "-o", "json"))
    (item,) = listed["items"]
    assert (item["type"], item["resourceVersion"], item["subject"], item["revision"]) == (
        "ADDED",
        "2",
        "Model/m",
        1,
    )


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_it_goes_on(filled: Routerctl, monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    script(
        monkeypatch,
        "events",
        commit(filled.db, put(provider("later"))),
        lambda: live_worker(filled.db, revision=2),
    )
    out = filled.ok("events", "-w", "-o", output)
    assert out.count("ADDED") == 4
    assert out.count("Provider/later") == 1
    assert out.count("Recovered") == 1
    if output == "table":
        assert out.count("SUBJECT") == 1
    if output == "yaml":
        assert out.count("---\n") == 8
