from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from reconciler.gateway.dispatch.actions import Attempt
from reconciler.gateway.telemetry import Served, Telemetry
from reconciler.gateway.transport.base import Failure
from reconciler.management.metrics import exposition
from reconciler.management.status import Status, status
from reconciler.store.counters import Counters, total
from reconciler.store.observations import STARTING, WorkerRow
from reconciler.store.records import EMPTY_STORE

NOW = 1_000_000.0
HEAD = replace(EMPTY_STORE, number=3)


def worker(name: str, heartbeat: float, in_flight: int, *refused: tuple[str, str]) -> WorkerRow:
    return WorkerRow(name, 1, NOW - 60, heartbeat, 2, refused, {"in_flight": in_flight})


def of(*workers: WorkerRow) -> Status:
    return status("sqlite:///s.db", HEAD, workers, (), (), NOW)


def samples(shown: Status, counters: Counters) -> dict[str, float]:
    """By name and labels, as Prometheus' own parser reads them."""
    text = exposition(shown, counters).decode()
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(*requests: Served) -> Counters:
    telemetry = Telemetry()
    for request in requests:
        telemetry.count(request)
    return telemetry.snapshot()  # type: ignore[return-value]  # integers and objects of them


FAILED = Attempt("p", "b", failure=Failure.CONNECT)
DONE = Attempt("q", "b", status=200)
CHAT = Served(
    "r", "chat", "m", "q", 200, "complete", 3, 0.2, 0.003, (FAILED, DONE), tokens_in=5, tokens_out=7
)


def test_what_the_telemetry_counts_is_exposed() -> None:
    found = samples(of(), total([counted(CHAT, CHAT), counted(CHAT)]))
    assert found["routerctl_requests_total endpoint=chat model=m provider=q status=2xx"] == 3
    assert found["routerctl_request_endings_total ending=complete endpoint=chat"] == 3
    assert found["routerctl_attempts_total provider=p"] == 3
    assert found["routerctl_attempt_failures_total failure=connect provider=p"] == 3
    assert found["routerctl_tokens_total direction=input model=m provider=q"] == 15
    assert found["routerctl_tokens_total direction=output model=m provider=q"] == 21
    assert not any(name.startswith("routerctl_tokens_estimated_total") for name in found)


def test_estimated_tokens_stand_apart() -> None:
    found = samples(of(), total([counted(CHAT, CHAT._replace(estimated=True))]))
    assert found["routerctl_tokens_total direction=input model=m provider=q"] == 5
    assert found["routerctl_tokens_estimated_total direction=input model=m provider=q"] == 5


def test_histograms_are_cumulative_and_in_seconds() -> None:
    long = CHAT._replace(seconds=1000.0, first_byte=None)
    found = samples(of(), total([counted(CHAT, CHAT), counted(long)]))
    name = "routerctl_request_duration_seconds"
    assert found[f"{name}_bucket endpoint=chat le=0.1 provider=q"] == 0
    assert found[f"{name}_bucket endpoint=chat le=0.25 provider=q"] == 2
    assert found[f"{name}_bucket endpoint=chat le=300.0 provider=q"] == 2
    assert found[f"{name}_bucket endpoint=chat le=+Inf provider=q"] == 3
    assert found[f"{name}_count endpoint=chat provider=q"] == 3
    assert found[f"{name}_sum endpoint=chat provider=q"] == 1000.4
    assert found["routerctl_time_to_first_byte_seconds_count endpoint=chat provider=q"] == 2


def test_gauges_are_of_live_workers_alone() -> None:
    found = samples(
        of(
            worker("a", NOW, 2, ("Provider/p", "no key")),
            worker("b", NOW - 1, 1, ("Provider/p", "no key")),
            worker("dead", NOW - 10, 40, ("Provider/q", "no key")),
        ),
        {"in_flight": 43},
    )
    assert found["routerctl_requests_in_flight"] == 3
    assert found["routerctl_workers_live"] == 2
    assert found["routerctl_revision_head"] == 3
    assert {name: value for name, value in found.items() if "revision_served" in name} == {
        "routerctl_revision_served worker=a": 2,
        "routerctl_revision_served worker=b": 2,
    }
    assert {name for name in found if "refused" in name} == {"routerctl_provider_refused provider=Provider/p"}


def test_open_circuits_are_of_live_workers_and_each_provider_stands_once() -> None:
    rows = [worker("a", NOW, 0), worker("b", NOW, 0), worker("dead", NOW - 10, 0)]
    names = (("Provider/p",), ("Provider/p", "Provider/q"), ("Provider/r",))
    of_them = [
        replace(row, counters={"circuits_open": dict.fromkeys(given, 1)})
        for row, given in zip(rows, names, strict=True)
    ]
    found = samples(of(*of_them), total([{"skipped": {"p": {"circuit_open": 3}}}]))
    assert {name: value for name, value in found.items() if "circuit_open" in name} == {
        "routerctl_provider_circuit_open provider=Provider/p": 1,
        "routerctl_provider_circuit_open provider=Provider/q": 1,
        "routerctl_candidates_skipped_total provider=p reason=circuit_open": 3,
    }


def test_what_another_version_counted_otherwise_is_left_out() -> None:
    odd: Counters = {
        "requests": 5,
        "attempts": {"p": {"q": 1}, "r": 2},
        "duration": {"chat": 4, "embeddings": {"p": 3, "q": {"sum": 2_000_000}}},
        "first_byte": 9,
    }
    found = samples(of(), odd)
    assert not any(name.startswith("routerctl_requests_total") for name in found)
    assert found["routerctl_attempts_total provider=r"] == 2
    assert "routerctl_attempts_total provider=p" not in found
    assert found["routerctl_request_duration_seconds_sum endpoint=embeddings provider=q"] == 2
    assert not any("first_byte" in name for name in found)


def test_a_worker_that_is_starting_serves_no_revision() -> None:
    found = samples(of(replace(worker("a", NOW, 0), revision=STARTING), worker("b", NOW, 0)), {})
    assert [name for name in found if name.startswith("routerctl_revision_served")] == [
        "routerctl_revision_served worker=b"
    ]
