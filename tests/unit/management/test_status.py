import json
from dataclasses import replace

from reconciler.management.status import Status, as_json, not_ready, status
from reconciler.resources.resource import ResourceKey
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import FINISHING, STARTING, WorkerRow
from reconciler.store.records import EMPTY_STORE, Hold
from reconciler.store.source_status import Difference, SourceStatus

NOW = 1_000_000.0
HEAD = replace(EMPTY_STORE, number=3, digest="sha256:ab", time="2026-11-22T01:00:00Z")
A = WorkerRow("a", 1, NOW - 60, NOW - 1, 3)
BEHIND = WorkerRow("b", 2, NOW - 60, NOW - 2.9, 2, (("Provider/p", "no key"),))
DEAD = WorkerRow("c", 3, NOW - 60, NOW - 3.1, 1, (("Provider/q", "no key"),))


def of(*workers: WorkerRow) -> Status:
    return status("sqlite:///s.db", HEAD, workers, (), (), NOW)


def conditions(shown: Status) -> dict[str, tuple[str, str, str]]:
    """Through JSON, so that what is no JSON is found."""
    told = json.loads(json.dumps(as_json(shown)))["conditions"]
    return {each["type"]: (each["status"], each["reason"], each["message"]) for each in told}


def test_a_worker_is_live_for_three_seconds_after_its_heartbeat() -> None:
    assert of(A, BEHIND, DEAD).live == (A, BEHIND)
    assert of(A, BEHIND, DEAD).served == (2, 3)


def test_all_is_well_where_every_live_worker_serves_the_head() -> None:
    assert conditions(of(A, DEAD)) == {
        "Current": ("True", "HeadServed", "every live worker serves the head"),
        "Degraded": ("False", "AllBuilt", "no provider is refused"),
    }


def test_a_worker_behind_and_a_refused_provider_are_told() -> None:
    assert conditions(of(A, BEHIND)) == {
        "Current": ("False", "Behind", "1 of 2 workers do not serve the head"),
        "Degraded": ("True", "ProviderRefused", "Provider/p: no key"),
    }


def test_a_refusal_of_several_workers_is_told_once() -> None:
    assert of(BEHIND, replace(BEHIND, instance="d")).refused == (("Provider/p", "no key"),)


def test_a_worker_that_was_replaced_does_not_count_as_one_that_serves() -> None:
    old = replace(BEHIND, counters={FINISHING: 1})
    assert (of(A, old).live, of(A, old).serving, of(A, old).served) == ((A, old), (A,), (3, 3))
    assert (of(old).serving, of(old).served) == ((old,), (2, 2)), "where all are stopped"
    assert [each.does for each in (A, old, replace(A, revision=STARTING))] == [
        "serves revision 3",
        "is finishing what it has under way, on revision 2",
        "is starting",
    ]


def test_nobody_serves() -> None:
    shown = of(DEAD)
    assert shown.served is None
    assert as_json(shown)["served"] is None
    assert conditions(shown)["Current"] == ("False", "NoWorker", "no worker is live")


def test_an_empty_store_has_no_digest() -> None:
    empty = status("sqlite:///s.db", None, (), (), (), NOW)
    assert as_json(empty)["store"] == {"url": "sqlite:///s.db", "revision": 0, "digest": None, "time": None}


def test_workers_sources_and_holds_are_shown() -> None:
    source = SourceStatus(
        ("/m",),
        "acme",
        "2026-11-22T01:00:00Z",
        3,
        held=(("Provider/p", 2, True),),
        waiting=(("Binding/b", "Model/m is held"),),
        undeclared=1,
        drift=(Difference("Provider/c", "deleted", "cli:ada", "2026-11-22T01:00:00Z"),),
        healed=(Difference("Provider/d", revision=3),),
    )
    hold = Hold(ResourceKey("Provider", "team-a", "p"), "acme", None, 2)
    shown = as_json(status("sqlite:///s.db", HEAD, (BEHIND,), (source,), (hold,), NOW))
    assert shown["workers"] == [
        {
            "instance": "b",
            "pid": 2,
            "live": True,
            "started": "1970-01-12T13:45:40Z",
            "heartbeat": "1970-01-12T13:46:37Z",
            "revision": 2,
            "finishing": False,
            "refused": [{"provider": "Provider/p", "reason": "no key"}],
            "circuitsOpen": [],
            "probes": False,
        }
    ]
    assert shown["held"] == [{"resource": "Provider/team-a/p", "source": "acme", "revision": 2}]
    (told,) = json.loads(json.dumps(shown["sources"]))
    assert told["ok"] is True
    assert told["held"] == [{"resource": "Provider/p", "revision": 2, "drifts": True}]
    assert told["waiting"] == [{"resource": "Binding/b", "reason": "Model/m is held"}]
    assert told["drift"] == [
        {"resource": "Provider/c", "what": "deleted", "manager": "cli:ada", "since": "2026-11-22T01:00:00Z"}
    ]
    assert told["healed"] == [
        {"resource": "Provider/d", "what": "", "manager": None, "since": None, "revision": 3}
    ]


def test_ready_is_when_every_started_worker_serves() -> None:
    assert not_ready((A, BEHIND), ("a", "b"), NOW) is None
    assert not_ready((A, DEAD), ("a", "c"), NOW) == "1 of 2 workers serve"
    assert not_ready((A,), ("a", "(worker 1)"), NOW) == "1 of 2 workers serve"
    assert not_ready((A,), (), NOW) == "no worker runs"


def test_a_worker_that_is_starting_serves_nothing() -> None:
    starting = replace(A, revision=STARTING)
    assert of(starting).served is None
    assert of(A, replace(starting, instance="d")).served == (3, 3)
    assert not_ready((starting,), ("a",), NOW) == "0 of 1 workers serve"
    assert conditions(of(starting))["Current"][1] == "Behind"


def test_a_reason_of_several_lines_is_one_in_a_condition() -> None:
    refused = replace(A, refused=(("Provider/p", "no key\n  set it"),))
    assert conditions(of(refused))["Degraded"][2] == "Provider/p: no key; set it"


def test_circuits_and_probes_are_told_as_the_rows_have_them() -> None:
    rows = (
        CircuitRow("a", "Provider/p", "", "open", NOW - 9, "could not be reached", NOW + 1),
        CircuitRow("a", "Provider/q", "m", "closed", NOW - 8, "status 503"),
        CircuitRow("b", "Provider/q", "m", "rate-limited", NOW - 8, "status 429", NOW + 2),
    )
    probes = {
        "Provider/p": ProbeRow("Provider/p", False, NOW - 5, NOW - 1, "status 500"),
        "Provider/q": ProbeRow("Provider/q", True, NOW - 5, NOW - 1),
    }
    shown = status("sqlite:///s.db", HEAD, (A, BEHIND), (), (), NOW, HealthRows(rows, probes, "b"))
    assert shown.circuits == (rows[0], rows[2])
    assert shown.unhealthy == (probes["Provider/p"],)
    told = json.loads(json.dumps(as_json(shown)))
    assert [(each["circuitsOpen"], each["probes"]) for each in told["workers"]] == [
        (["Provider/p"], False),
        (["Provider/q"], True),
    ]
    assert told["circuits"][0] == {
        "provider": "Provider/p",
        "model": None,
        "worker": "a",
        "state": "open",
        "since": "1970-01-12T13:46:31Z",
        "lastFailure": "could not be reached",
        "nextTry": "1970-01-12T13:46:41Z",
    }
    assert [each["model"] for each in told["circuits"]] == [None, "m"]
    assert told["probes"] == [
        {
            "provider": "Provider/p",
            "healthy": False,
            "since": "1970-01-12T13:46:35Z",
            "probed": "1970-01-12T13:46:39Z",
            "lastFailure": "status 500",
        },
        {
            "provider": "Provider/q",
            "healthy": True,
            "since": "1970-01-12T13:46:35Z",
            "probed": "1970-01-12T13:46:39Z",
            "lastFailure": None,
        },
    ]
