from pathlib import Path

import pytest
from fakes.command import Routerctl, served
from fakes.store import commit_all
from fakes.workers import live_health, live_worker

from reconciler.store import source_status
from reconciler.store.health import CircuitRow, ProbeRow
from reconciler.store.observations import STARTING
from reconciler.store.source_status import Difference, GitStatus, SourceStatus
from reconciler.store.url import parse

GOOD = SourceStatus(("/m",), "acme", "2026-11-22T01:00:00Z", revision=3)


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    """At revision 1."""
    routerctl.apply(served("m", priority=1))
    return routerctl


def records(routerctl: Routerctl) -> Path:
    return parse(str(routerctl.db)).records_path


def lines(routerctl: Routerctl) -> list[str]:
    """Without the store and its head, which every status begins with."""
    return routerctl.ok("status").splitlines()[2:]


def source_lines(routerctl: Routerctl, source: SourceStatus) -> list[str]:
    source_status.put(records(routerctl), source)
    return lines(routerctl)[1:]


def test_without_a_store(routerctl: Routerctl) -> None:
    done = routerctl("status")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith(f"error: no store at {routerctl.db}\n")
    assert not routerctl.db.parent.exists()


def test_an_empty_store_says_what_comes_next_with_the_store_that_was_named(routerctl: Routerctl) -> None:
    commit_all(routerctl.db)
    assert routerctl.ok("status").splitlines() == [
        f"Store      sqlite:///{routerctl.db}",
        f"Head       empty; make a revision with: routerctl --db {routerctl.db} apply -f DIR",
        f"Serving    nothing; start it with: routerctl --db {routerctl.db} up",
    ]
    empty = routerctl("status", "-o", "json").json()
    assert empty["store"] == {
        "url": f"sqlite:///{routerctl.db}", "revision": 0, "digest": None, "time": None
    }  # fmt: skip


def test_a_store_that_the_environment_names_is_not_repeated(filled: Routerctl) -> None:
    filled.monkeypatch.setenv("ROUTERCTL_DB", str(filled.db))
    done = filled.plain("status")
    assert done.out.splitlines()[2] == "Serving    nothing; start it with: routerctl up"


def test_the_head_is_told(filled: Routerctl) -> None:
    (revision,) = filled("history", "-o", "json").json()["items"]
    head = filled.ok("status").splitlines()[1]
    assert head == f"Head       revision 1 of {revision['time']}, {revision['digest']}"


def test_workers_that_serve_the_head(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1)
    assert lines(filled) == [
        "Serving    revision 1 by 1 worker",
        "  worker   w1 (pid 7) serves revision 1",
    ]
    live_worker(filled.db, revision=1, instance="w2")
    assert lines(filled)[0] == "Serving    revision 1 by 2 workers"


def test_a_worker_whose_heart_stopped_serves_nothing(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1, lives=-60)
    assert lines(filled) == [f"Serving    nothing; start it with: routerctl --db {filled.db} up"]


def test_workers_that_are_behind(filled: Routerctl) -> None:
    filled.apply(served("m", priority=2))
    live_worker(filled.db, revision=1)
    assert lines(filled)[0] == "Serving    revision 1 by 1 worker, behind the head (2)"
    live_worker(filled.db, revision=2, instance="w2")
    assert lines(filled) == [
        "Serving    revisions 1 to 2 by 2 workers",
        "  worker   w1 (pid 7) serves revision 1",
        "  worker   w2 (pid 7) serves revision 2",
    ]


def test_a_worker_that_was_replaced_is_finishing(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1, counters={"finishing": 1})
    live_worker(filled.db, revision=1, instance="w2", counters={"finishing": 0})
    assert lines(filled) == [
        "Serving    revision 1 by 1 worker",
        "  worker   w1 (pid 7) is finishing what it has under way, on revision 1",
        "  worker   w2 (pid 7) serves revision 1",
    ]
    shown = filled("status", "-o", "json").json()["workers"]
    assert [each["finishing"] for each in shown] == [True, False]


def test_workers_that_are_starting(filled: Routerctl) -> None:
    live_worker(filled.db, revision=STARTING, refused=(("*", "the store is damaged\n  restore it"),))
    assert lines(filled) == [
        "Serving    nothing yet; workers are starting",
        "  worker   w1 (pid 7) is starting",
        "  refused  the newest revision: the store is damaged; restore it",
    ]
    assert filled("status", "-o", "json").json()["workers"][0]["revision"] is None
    live_worker(filled.db, revision=1, instance="w2")
    assert lines(filled)[0] == "Serving    revision 1 by 1 worker"


def test_how_providers_do_is_told(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1)
    live_health(
        filled.db,
        CircuitRow("w1", "Provider/m", "x", "open", 0.0, "status 503", 5.0),
        CircuitRow("w1", "Provider/m", "", "closed", 0.0),
        probe=ProbeRow("Provider/n", False, 0.0, 1.0, "status 500"),
    )
    assert lines(filled)[2:] == [
        "  circuit  Provider/m, model x, w1: open since 1970-01-01T00:00:00Z; last failure: status 503; next try 1970-01-01T00:00:05Z",
        "  unhealthy  Provider/n since 1970-01-01T00:00:00Z, its probe says: status 500",
    ]
    assert filled("status", "-o", "json").json()["workers"][0]["circuitsOpen"] == ["Provider/m"]


def test_what_has_several_lines_is_told_on_one(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1, refused=(("Provider/m", "no key\n  set it"),))
    assert lines(filled)[2:] == ["  refused  Provider/m: no key; set it"]
    failed = SourceStatus(
        ("/m",), "acme", GOOD.time, error="busy\n  wait", waiting=(("Model/m", "held\n  resume it"),)
    )
    assert source_lines(filled, failed)[-2:] == [
        "  error    busy; wait",
        "  waits    Model/m: held; resume it",
    ]


def test_what_workers_refuse(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1, refused=(("Provider/m", "no key"),))
    assert lines(filled)[2:] == ["  refused  Provider/m: no key"]


def test_a_source_that_is_well(filled: Routerctl) -> None:
    assert source_lines(filled, GOOD) == ["Source     acme: ok at revision 3, 2026-11-22T01:00:00Z"]


def test_a_source_that_failed(filled: Routerctl) -> None:
    failed = SourceStatus(("/m",), "acme", GOOD.time, error="1 problem in the manifests")
    assert source_lines(filled, failed) == [
        "Source     acme: failed, 2026-11-22T01:00:00Z",
        "  error    1 problem in the manifests",
    ]
    problems = ("a.yaml:1:1: wrong", "a.yaml:2:1: wrong too")
    explained = SourceStatus(("/m",), "acme", GOOD.time, error=failed.error, problems=problems)
    assert source_lines(filled, explained) == [
        "Source     acme: failed, 2026-11-22T01:00:00Z",
        "  problem  a.yaml:1:1: wrong",
        "  problem  a.yaml:2:1: wrong too",
    ]


def test_what_of_a_source_did_not_come_into_force(filled: Routerctl) -> None:
    partial = SourceStatus(
        ("/m",),
        "acme",
        GOOD.time,
        3,
        problems=("a.yaml:2:1: warning: a secret in plain text",),
        held=(("Provider/p", 2, True), ("Provider/q", 2, False)),
        waiting=(("Binding/b", "Provider/p is held"),),
        undeclared=2,
    )
    assert source_lines(filled, partial) == [
        "Source     acme: ok at revision 3, 2026-11-22T01:00:00Z",
        "  problem  a.yaml:2:1: warning: a secret in plain text",
        "  held     Provider/p by the rollback that made revision 2; the source differs",
        "  held     Provider/q by the rollback that made revision 2",
        "  waits    Binding/b: Provider/p is held",
        "  undeclared  2 resources no longer declared; --prune deletes what is gone",
    ]
    one = SourceStatus(("/m",), "acme", GOOD.time, 3, undeclared=1)
    assert source_lines(filled, one)[1:] == [
        "  undeclared  1 resource no longer declared; --prune deletes what is gone"
    ]


def test_a_branch_that_is_followed(filled: Routerctl) -> None:
    git = GitStatus("https://h/x", "main", "m", "4d5e6f7a8b9c", 2, None, "2026-11-22T01:00:30.000Z", "away")
    behind = SourceStatus(
        ("x",),
        "acme",
        GOOD.time,
        3,
        commit="1a2b3c4d5e6f",
        error="commit 4d5e is bad",
        drift=(Difference("Provider/p"),),
        healed=(Difference("Provider/q", "deleted", "cli:bob", "2026-11-21T01:00:00Z", 3),),
        git=git,
    )
    assert source_lines(filled, behind) == [
        "Source     acme: failed, 2026-11-22T01:00:00Z",
        "  git      main of https://h/x, m: at 1a2b3c4d5e, 2 commits behind 4d5e6f7a8b",
        "  fetch    away",
        "  fetched  not since it began; next try 2026-11-22T01:00:30.000Z",
        "  error    commit 4d5e is bad",
        "  drift    Provider/p; left as it is",
        "  healed   Provider/q: deleted; by cli:bob at 2026-11-21T01:00:00Z; taken back by revision 3",
    ]
    fresh = SourceStatus(("x",), "acme", GOOD.time, git=GitStatus("https://h/x", "main"))
    assert source_lines(filled, fresh)[1:] == ["  git      main of https://h/x: nothing applied yet"]
    told = filled("status", "-o", "json").json()["sources"][0]
    assert (told["drift"], told["git"]["address"], told["git"]["nextFetch"]) == ([], "https://h/x", None)


def test_what_a_rollback_holds(filled: Routerctl) -> None:
    filled.apply(served("m", priority=2))
    filled.ok("rollback", "1")
    assert lines(filled)[1:] == [
        f"Held       Provider/m by the rollback that made revision 3, against {filled.manifests}"
    ]
    assert filled("status", "-o", "json").json()["held"] == [
        {"resource": "Provider/m", "source": str(filled.manifests), "revision": 3}
    ]


def test_for_programs(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1, refused=(("Provider/m", "no key"),))
    source_status.put(records(filled), GOOD)
    told = filled("status", "-o", "json").json()
    assert told["served"] == {"lowest": 1, "highest": 1}
    assert [(worker["instance"], worker["live"]) for worker in told["workers"]] == [("w1", True)]
    assert [(source["source"], source["ok"]) for source in told["sources"]] == [("acme", True)]
    assert {each["type"]: each["status"] for each in told["conditions"]} == {
        "Current": "True", "Degraded": "True"
    }  # fmt: skip
    assert filled.ok("status", "-o", "jsonpath={.store.revision}") == "1\n"
    assert filled.ok("status", "-o", "yaml").startswith(f"store:\n  url: sqlite:///{filled.db}\n")
    assert filled("status", "-o", "wide").code == 2
