from dataclasses import replace

import pytest

from reconciler.control.conditions import conditions_of, shown_of
from reconciler.control.healthy import Verdict, circuit_text, healthy
from reconciler.control.observed import Observed
from reconciler.control.serving import Serving
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import WorkerRow
from reconciler.store.transitions import CLOSED, HEALTHY, SERVING, Transition

KEY = ResourceKey("Provider", "default", "p")
W = WorkerRow("w", 1, 0, 0, 5)
X = replace(W, instance="x")
BEHIND = replace(W, revision=4)
REFUSING = replace(W, refused=(("Provider/p", "no key"),))
OPEN = CircuitRow("w", "Provider/p", "m", "open", 30.0, "status 503", 40.0)
GOOD = ProbeRow("Provider/p", True, 20.0, 50.0)
BAD = replace(GOOD, healthy=False, since=25.0, fault="status 500")
PROBED: JsonObject = {"health": {"probe": {}}}
LOG = (Transition(10.0, "w", SERVING, "", 5, number=1),)


def provider(spec: JsonObject) -> StoredResource:
    return StoredResource(Resource(KEY, spec), "uid", 3, 9, "2026-01-01T00:00:00Z", 5)


def found(
    spec: JsonObject,
    *workers: WorkerRow,
    circuits: tuple[CircuitRow, ...] = (),
    probe: ProbeRow | None = None,
    log: tuple[Transition, ...] = LOG,
) -> Verdict:
    rows = HealthRows(circuits, {} if probe is None else {"Provider/p": probe}, "w")
    return healthy(provider(spec), Observed(Serving(workers), log, rows))


@pytest.mark.parametrize(
    ("spec", "workers", "told"),
    [
        ({"enabled": False}, (W,), ("Unknown", "Disabled", "nobody asks a disabled provider")),
        ({}, (), ("Unknown", "NoWorker", "no worker is live")),
        ({}, (BEHIND,), ("Unknown", "Pending", "no live worker serves revision 5 yet")),
        ({}, (REFUSING,), ("Unknown", "NotBuilt", "no live worker could build it, so nobody asks it")),
        (PROBED, (W,), ("Unknown", "NotProbed", "its probe has not come to an end yet")),
    ],
)
def test_what_is_not_known_is_not_guessed(
    spec: JsonObject, workers: tuple[WorkerRow, ...], told: tuple[str, ...]
) -> None:
    verdict = found(spec, *workers)
    assert (verdict.status, verdict.reason, verdict.message, verdict.since) == (*told, None)


def test_it_is_healthy_where_nobody_leaves_it_alone_and_its_probe_is_good() -> None:
    closed = Transition(35.0, "w", CLOSED, "Provider/p", 5, number=2)
    well = replace(closed, reason=HEALTHY, time=15.0)
    other = replace(OPEN, provider="Provider/q")
    idle = replace(OPEN, state="closed")
    limited = replace(OPEN, state="rate-limited")
    verdict = found({}, W, circuits=(other, idle, limited))
    assert verdict == Verdict("True", "NoFailure", "no live worker leaves it alone", 10.0)
    assert found({}, replace(BEHIND, builds={"Provider/p": 2})).status == "True"
    assert found({}, replace(REFUSING, builds={"Provider/p": 2})).status == "True"
    assert found({}, W, probe=BAD).status == "True", "of a probe that is declared no more"
    assert found({}, W, log=(*LOG, closed)).since == 35.0
    verdict = found(PROBED, W, probe=GOOD)
    assert (verdict.status, verdict.reason, verdict.since) == ("True", "ProbeGood", 20.0)
    assert found(PROBED, W, probe=GOOD, log=(*LOG, well)).since == 20.0
    assert found(PROBED, W, probe=GOOD, log=(*LOG, closed)).since == 35.0


def test_it_is_not_where_its_probe_is_bad_or_a_circuit_is_open() -> None:
    whole = replace(OPEN, instance="x", model="", state="half-open", since=28.0, fault="")
    circuits = (whole, OPEN, replace(OPEN, instance="x", fault="status 500"))
    told = "left alone by 1 of 2 live workers\nmodel m: left alone by 2 of 2 live workers (status 503, status 500)"
    assert found({}, W, X, circuits=circuits) == Verdict("False", "CircuitOpen", told, 28.0)
    assert found(PROBED, W, X, circuits=circuits).reason == "CircuitOpen"
    verdict = found(PROBED, W, X, circuits=circuits, probe=BAD)
    assert verdict == Verdict("False", "ProbeFailed", f"its probe says: status 500\n{told}", 25.0)
    assert found(PROBED, W, probe=replace(BAD, fault="")).message == "its probe says: it was bad"


class Around:
    def get(self, key: ResourceKey) -> None: ...

    def bindings_of(self, model: ResourceKey) -> tuple[()]:
        return ()


def test_it_is_a_condition_of_providers_and_stands_in_their_table() -> None:
    observed = Observed(Serving((W,)), LOG, HealthRows((OPEN,)))
    conditions = conditions_of(provider({}), Around(), observed)
    assert [each.type for each in shown_of(provider({}), Around(), observed)] == ["Ready", "Healthy"]
    found = conditions[-1]
    assert (found.type, found.status, found.observed_generation, found.last_transition_time) == (
        "Healthy",
        "False",
        3,
        "1970-01-01T00:00:30Z",
    )
    model = replace(provider({}), resource=Resource(ResourceKey("Model", "default", "m"), {}))
    assert [each.type for each in shown_of(model, Around(), observed)] == ["Ready"]


def test_a_circuit_in_words() -> None:
    assert circuit_text(OPEN) == (
        "open since 1970-01-01T00:00:30Z; last failure: status 503; next try 1970-01-01T00:00:40Z"
    )
    assert (
        circuit_text(replace(OPEN, state="closed", fault="", next_try=None))
        == "closed since 1970-01-01T00:00:30Z"
    )
