"""`sync` and `up --git` as real processes: what holds, what a kill leaves, and what is served."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes.command import Routerctl
from fakes.repository import Repository
from fakes.running import ROOT, Running, running, simulator, started

from reconciler.store.reader import Reader
from reconciler.store.verify import verify

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit("One", {"m/sim.yaml": simulator("sim", text="one"), "m/b.yaml": simulator("b", text="b one")})
    return made


def source(process: Running) -> dict[str, Any]:
    (only,) = process.status()["sources"]
    found: dict[str, Any] = only
    return found


def stored(process: Running) -> int:
    return int(process.status()["store"]["revision"])


def see_resyncs(process: Running, count: int) -> None:
    times = {source(process)["time"]}

    def enough() -> bool:
        times.add(source(process)["time"])
        return len(times) > count

    process.wait(enough, f"{count} resyncs")


def test_a_rollback_under_a_running_sync_holds_until_it_is_resumed(
    routerctl: Routerctl, repository: Repository
) -> None:
    db = routerctl.db
    db.parent.mkdir()
    arguments = ("sync", "--git", str(repository.folder), "--path", "m", "--interval", "100ms")
    with started(*arguments, db=db) as process:
        process.wait(lambda: "management on" in process.errors(), "the start")
        process.wait(process.ready, "the first look")
        second = repository.commit("Two", {"m/sim.yaml": simulator("sim", text="two")})
        process.wait(lambda: stored(process) == 2, "the push")
        routerctl.ok("rollback", "1", "-m", "two is bad")
        see_resyncs(process, 4)
        assert stored(process) == 3
        shown = source(process)
        assert (shown["ok"], shown["commit"], shown["git"]["behind"]) == (True, second, 0)
        assert shown["held"] == [{"resource": "Provider/sim", "revision": 3, "drifts": True}]
        routerctl.ok("resume", str(repository.folder))
        process.wait(lambda: stored(process) == 4, "the end of the hold")
        process.wait(lambda: source(process)["held"] == [], "a status without holds")
        assert process.stop() == 0
    assert "two" in routerctl.ok("show", "4")


@pytest.mark.parametrize("failpoint", ["after-events", "after-commit"])
def test_a_sync_that_is_killed_leaves_before_or_after(
    routerctl: Routerctl, repository: Repository, failpoint: str
) -> None:
    db = routerctl.db
    arguments = ("sync", "--git", str(repository.folder), "--path", "m", "--once")
    killed = subprocess.run(
        [sys.executable, "-m", "reconciler", "--db", str(db), *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ROUTERCTL_FAILPOINT": failpoint},
        timeout=120,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with Reader(db) as reader:
        assert reader.head() == (1 if failpoint == "after-commit" else 0)
    routerctl.ok(*arguments)
    with Reader(db) as reader:
        assert (reader.head(), len(reader.state()), verify(reader)) == (1, 6, [])


def test_up_serves_what_a_branch_says(tmp_path: Path, repository: Repository) -> None:
    arguments = ("up", "--git", str(repository.folder), "--path", "m", "--interval", "100ms")
    with running(*arguments, db=tmp_path / "store.db") as gateway:
        assert gateway.text("sim") == "one"
        repository.commit("Two", {"m/sim.yaml": simulator("sim", text="two")})
        gateway.wait(lambda: gateway.serves(2), "the push")
        assert gateway.text("sim") == "two"
        bad = repository.commit("Break it", {"m/sim.yaml": "kind: Nothing"})
        gateway.wait(lambda: source(gateway)["git"]["tip"] == bad, "the bad commit")
        assert (source(gateway)["ok"], gateway.text("sim"), gateway.text("b")) == (False, "two", "b one")
        assert gateway.stop() == 0
