from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from reconciler.gateway.dispatch.outcome import Attempt, Ending, Outcome
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.base import Failure
from reconciler.management.metrics import exposition
from reconciler.management.status import Status, status
from reconciler.protocol.usage import Usage
from reconciler.store.counters import Counters, total
from reconciler.store.notices import Notice
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


def counted(*outcomes: Outcome) -> Counters:
    telemetry = Telemetry()
    for outcome in outcomes:
        telemetry.over("r", "chat", "m", outcome)
    return telemetry.snapshot()  # type: ignore[return-value]  # integers and objects of them


FAILED = Attempt("p", "b", failure=Failure.CONNECT)
DONE = Attempt("q", "b", status=200)
CHAT = Outcome(200, Ending.COMPLETE, (FAILED, DONE), "q", 3, 0.2, 0.003, Usage(5, 7, 12))


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
    found = samples(of(), total([counted(CHAT, replace(CHAT, usage=Usage(5, 7, 12, estimated=True)))]))
    assert found["routerctl_tokens_total direction=input model=m provider=q"] == 5
    assert found["routerctl_tokens_estimated_total direction=input model=m provider=q"] == 5


def test_histograms_are_cumulative_and_in_seconds() -> None:
    long = replace(CHAT, seconds=1000.0, first_byte=None)
    found = samples(of(), total([counted(CHAT, CHAT), counted(long)]))
    name = "routerctl_request_duration_seconds"
    assert found[f"{name}_bucket endpoint=chat le=0.16 provider=q"] == 0
    assert found[f"{name}_bucket endpoint=chat le=0.32 provider=q"] == 2
    assert found[f"{name}_bucket endpoint=chat le=81.92 provider=q"] == 2
    assert found[f"{name}_bucket endpoint=chat le=+Inf provider=q"] == 3
    assert found[f"{name}_count endpoint=chat provider=q"] == 3
    assert found[f"{name}_sum endpoint=chat provider=q"] == 1000.4
    assert found["routerctl_time_to_first_byte_seconds_count endpoint=chat provider=q"] == 2


def test_opentelemetrys_names_stand_beside_ours() -> None:
    found = samples(of(), counted(CHAT, replace(CHAT, status=502, usage=None)))
    labels = "gen_ai_operation_name=chat gen_ai_provider_name=q gen_ai_request_model=m"
    name = "gen_ai_client_operation_duration_seconds"
    assert found[f"{name}_count error_type= {labels}"] == 1
    assert found[f"{name}_count error_type=502 {labels}"] == 1
    name = "gen_ai_client_token_usage"
    assert found[f"{name}_sum {labels} gen_ai_token_type=output"] == 7
    assert found[f"{name}_bucket {labels} gen_ai_token_type=output le=4.0"] == 0
    assert found[f"{name}_bucket {labels} gen_ai_token_type=output le=16.0"] == 1


def test_the_gateways_own_time_and_what_it_did_about_failures() -> None:
    found = samples(of(), counted(replace(CHAT, attempts=(FAILED, replace(DONE, seconds=0.1999)))))
    assert found["routerctl_gateway_overhead_seconds_count endpoint=chat"] == 1
    assert found["routerctl_gateway_overhead_seconds_bucket endpoint=chat le=5e-05"] == 0
    assert found["routerctl_gateway_overhead_seconds_bucket endpoint=chat le=0.0002"] == 1
    assert found["routerctl_fallbacks_total from=p to=q"] == 1
    again = samples(of(), counted(replace(CHAT, attempts=(DONE, DONE))))
    assert again["routerctl_retries_total provider=q"] == 1


def test_what_was_asked_beside_and_what_shadows_were_sent() -> None:
    telemetry = Telemetry()
    telemetry.shadowed("s", replace(CHAT, attempts=(DONE,)))
    telemetry.shadow_skipped("s")
    beside = counted(replace(CHAT, attempts=(DONE, replace(DONE, beside="hedge"))))
    found = samples(of(), total([beside, telemetry.snapshot()]))  # type: ignore[list-item]  # as above
    assert found["routerctl_parallel_attempts_total provider=q reason=hedge"] == 1
    assert found["routerctl_shadow_requests_total outcome=2xx provider=s"] == 1
    assert found["routerctl_shadow_requests_total outcome=not_sent provider=s"] == 1
    assert found["routerctl_shadow_tokens_total direction=output provider=s"] == 7
    assert found["routerctl_shadow_duration_seconds_count provider=s"] == 1
    assert found["routerctl_shadow_duration_seconds_bucket le=0.32 provider=s"] == 1
    assert found["routerctl_requests_total endpoint=chat model=m provider=q status=2xx"] == 1


def test_what_became_of_records() -> None:
    found = samples(of(), {"records": {"written": 5, "queue_full": 2}})
    assert found["routerctl_traffic_records_total outcome=written"] == 5
    assert found["routerctl_traffic_records_total outcome=queue_full"] == 2


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
    assert {name for name in found if "refused" in name} == {
        "routerctl_provider_refused namespace=default provider=p"
    }


def test_what_who_serves_finds_wrong_with_itself_is_among_them() -> None:
    told = (Notice("tls", NOW, "no key"), Notice("tls", NOW, "no certificate"), Notice("issuer", NOW, "gone"))
    found = samples(replace(of(), notices=told), {})
    assert {name for name in found if "notice" in name} == {
        "routerctl_notice notice=tls",
        "routerctl_notice notice=issuer",
    }


def test_how_providers_do_is_among_them() -> None:
    name = "routerctl_provider_circuit_state namespace=default provider=p"
    built = replace(worker("a", NOW, 0), builds={"Provider/p": 1})
    assert samples(of(built), total([{"skipped": {"p": {"circuit_open": 3}}}])).items() >= {
        (name, 0),
        ("routerctl_candidates_skipped_total provider=p reason=circuit_open", 3),
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
