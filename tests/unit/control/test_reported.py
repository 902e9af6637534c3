from dataclasses import replace

from reconciler.control.observed import Observed
from reconciler.control.reported import Full, Reported, reported
from reconciler.control.serving import Serving
from reconciler.resources.resource import ResourceKey
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import WorkerRow

A = ResourceKey("Provider", "default", "a")
B = ResourceKey("Provider", "default", "b")
W = WorkerRow("w", 1, 0.0, 99.5, 5)
X = replace(W, instance="x", heartbeat=98.8)
OPEN = CircuitRow("w", "Provider/a", "m", "open", 90.0, "status 503", 104.0)
NOW = 100.0


def told(*circuits: CircuitRow, probe: ProbeRow | None = None, full: tuple[Full, ...] = ()) -> list[str]:
    rows = HealthRows(circuits, {} if probe is None else {probe.provider: probe}, "w")
    observed = Observed(Serving((W, X)), health=rows)
    found = reported([(A, "m"), (B, "m")], observed, {"Provider/a": full}, NOW)
    assert (found.workers, found.age) == (2, NOW - X.heartbeat)
    return [f"{word.provider} {word.model or '*'} {word.what}: {word.text}" for word in found.words]


def test_without_a_live_worker_nobody_says_anything() -> None:
    assert reported([(A, "m")], Observed(Serving(())), {}, NOW) == Reported(0, None)


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    assert told(replace(OPEN, state="closed"), probe=ProbeRow("Provider/a", True, 1, 2)) == []


def test_circuits_are_told_by_scope_and_state_with_how_many_workers_and_the_soonest_try() -> None:
    other = replace(OPEN, instance="x", fault="did not answer in time", next_try=102.0)
    whole = CircuitRow("x", "Provider/a", "", "half-open", 90.0, "could not be reached", 99.0)
    assert told(OPEN, other, whole, replace(OPEN, model="another")) == [
        "a * half-open: in 1 of 2 workers; last failure: could not be reached; next try now",
        "a m open: in 2 of 2 workers; last failure: status 503, did not answer in time; next try in 2 s",
    ]


def test_a_slow_start_and_a_rate_limit_are_told() -> None:
    limited = replace(OPEN, provider="Provider/b", state="rate-limited", fault="")
    assert told(replace(OPEN, state="slow-start", next_try=None), limited) == [
        "a m slow-start: in 1 of 2 workers; last failure: status 503",
        "b m rate-limited: in 1 of 2 workers; next try in 4 s",
    ]


def test_who_is_unhealthy_and_who_is_full_is_told() -> None:
    probe = ProbeRow("Provider/a", False, 1, 2, "status 500")
    full = (Full("maxConcurrent", 8, 3), Full("requestsPerMinute", 60))
    assert told(probe=probe, full=full) == [
        "a * unhealthy: its probe is bad: status 500; asked after all others",
        "a * saturated: maxConcurrent reached: 8, 3 waiting",
        "a * saturated: requestsPerMinute reached: 60",
    ]
    assert "unhealthy: its probe is bad; asked" in told(probe=replace(probe, fault=""))[0]


def test_one_that_is_asked_for_two_models_is_told_once() -> None:
    probe = ProbeRow("Provider/a", False, 1, 2, "status 500")
    observed = Observed(Serving((W,)), health=HealthRows((OPEN,), {"Provider/a": probe}, "w"))
    found = reported([(A, "m"), (A, "n")], observed, {}, NOW)
    assert [word.what for word in found.words] == ["unhealthy", "open"]
    assert found.words[1].as_json() == {
        "provider": "a",
        "model": "m",
        "state": "open",
        "workers": 1,
        "message": "in 1 of 1 worker; last failure: status 503; next try in 4 s",
    }


def test_who_is_refused_is_told_once_for_all_workers_that_say_the_same() -> None:
    gone, keyless = ("Provider/a", "it is gone\n  bring it back"), ("Provider/b", "no key")
    workers = replace(W, refused=(gone, keyless)), replace(X, refused=(gone,))
    found = reported([(A, "m"), (B, "m")], Observed(Serving(workers)), {}, NOW)
    assert [(word.provider, word.what, word.text, word.workers) for word in found.words] == [
        ("a", "refused", "it is gone; bring it back", 2),
        ("b", "refused", "no key", 1),
    ]
