import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.dispatch.actions import Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.telemetry import MAX_LABELS, OTHER, Served, Telemetry, served
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.store.counters import total

FALLEN_OVER = (
    Attempt("a", "ba", Failure.CONNECT, "refused"),
    Attempt("b", "bb", status=503),
    Attempt("c", "bc", status=200),
)


def done(**changes: object) -> Served:
    given: dict[str, object] = {
        "request_id": "req-1",
        "endpoint": "chat",
        "model": "m",
        "provider": "c",
        "status": 200,
        "ending": "complete",
        "revision": 7,
        "seconds": 0.02,
        "first_byte": 0.003,
        "attempts": FALLEN_OVER,
        "tokens_in": 3,
        "tokens_out": 4,
        **changes,
    }
    return Served(**given)  # type: ignore[arg-type]  # a dict of fields


def test_a_request_is_counted_in_every_respect() -> None:
    telemetry = Telemetry()
    telemetry.count(done())
    assert telemetry.snapshot() == {
        "in_flight": 0,
        "requests": {"chat": {"m": {"c": {"2xx": 1}}}},
        "endings": {"chat": {"complete": 1}},
        "attempts": {"a": 1, "b": 1, "c": 1},
        "failures": {"a": {"connect": 1}, "b": {"status_503": 1}},
        "tokens": {"m": {"c": {"input": 3, "output": 4}}},
        "duration": {"chat": {"c": {"count": 1, "sum": 20_000, "buckets": {"25000": 1}}}},
        "first_byte": {"chat": {"c": {"count": 1, "sum": 3000, "buckets": {"5000": 1}}}},
    }


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, "5000"), (0.005, "5000"), (0.0051, "10000"), (300.0, "300000000"), (301, "+Inf")],
)
def test_a_duration_falls_into_the_first_bucket_that_holds_it(seconds: float, bucket: str) -> None:
    telemetry = Telemetry()
    telemetry.count(done(seconds=seconds, first_byte=None))
    counted = telemetry.snapshot()["duration"]
    assert counted == {"chat": {"c": {"count": 1, "sum": round(seconds * 1e6), "buckets": {bucket: 1}}}}
    assert "first_byte" not in telemetry.snapshot()


def test_names_that_clients_chose_are_no_labels() -> None:
    telemetry = Telemetry()
    telemetry.count(done(model=None, provider=None, status=404, attempts=()))
    assert telemetry.snapshot()["requests"] == {"chat": {"unknown": {"none": {"4xx": 1}}}}


def test_labels_are_bounded() -> None:
    telemetry = Telemetry()
    for number in range(MAX_LABELS + 5):
        telemetry.count(done(model=f"m{number}", tokens_in=0, tokens_out=0))
    requests = telemetry.snapshot()["requests"]
    assert isinstance(requests, dict)
    models = requests["chat"]
    assert isinstance(models, dict)
    assert len(models) == MAX_LABELS + 1
    assert models[OTHER] == {"c": {"2xx": 5}}


def test_requests_under_way_are_a_gauge() -> None:
    telemetry = Telemetry()
    telemetry.began()
    telemetry.began()
    telemetry.ended()
    assert telemetry.snapshot()["in_flight"] == 1


def test_an_outcome_becomes_an_entry() -> None:
    outcome = Outcome(200, Ending.BROKEN, FALLEN_OVER, "c", 9, 1.5, 0.5, Usage(3, 4, 7))
    assert served("req-1", "chat", "m", outcome) == done(
        ending="broken", revision=9, seconds=1.5, first_byte=0.5
    )
    assert served("r", "chat", "m", Outcome(499, Ending.GONE, (), None, 9, 1.0)).tokens_in == 0


def test_one_line_a_request_goes_to_the_access_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "reconciler.gateway.access"):
        Telemetry().count(done())
        Telemetry().count(
            done(model=None, provider=None, revision=None, attempts=(), tokens_in=0, tokens_out=0)
        )
    first, second = (record.getMessage() for record in caplog.records)
    fields = caplog.records[0].__dict__["fields"]
    assert (fields["model"], fields["status"], fields["ms"]) == ("m", 200, 20)
    assert first == (
        'request=req-1 endpoint=chat model="m" provider=c status=200 ending=complete attempts=3 ms=20 revision=7'
        ' tokens_in=3 tokens_out=4 failures="a: connect (refused); b: status_503"'
    )
    assert second.endswith(
        'model="unknown" provider=none status=200 ending=complete attempts=0 ms=20 revision=none'
    )


def test_estimated_tokens_are_counted_apart_and_marked(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    outcome = Outcome(200, Ending.GONE, (), "c", 7, 1.0, 0.5, Usage(3, 4, 7, estimated=True))
    with caplog.at_level(logging.INFO, "reconciler.gateway.access"):
        telemetry.count(served("req-1", "chat", "m", outcome))
    assert caplog.records[0].getMessage().endswith("tokens_in=3 tokens_out=4 estimated=true")
    counted = telemetry.snapshot()
    assert counted["tokens_estimated"] == {"m": {"c": {"input": 3, "output": 4}}}
    assert "tokens" not in counted


def test_nothing_is_formatted_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "reconciler.gateway.access"):
        Telemetry().count(done())
    assert caplog.records == []


entries = st.builds(
    done,
    model=st.sampled_from(["m", "n", None]),
    provider=st.sampled_from(["a", "b"]),
    status=st.sampled_from([200, 404, 502]),
    seconds=st.sampled_from([0.001, 1.0, 999.0]),
)


@given(st.lists(st.tuples(st.integers(0, 2), entries), max_size=20))
def test_workers_together_count_what_one_would(requests: list[tuple[int, Served]]) -> None:
    workers, alone = [Telemetry(), Telemetry(), Telemetry()], Telemetry()
    for number, request in requests:
        workers[number].count(request)
        alone.count(request)
    # through JSON, as it travels
    assert total(json.loads(json.dumps(worker.snapshot())) for worker in workers) == alone.snapshot()


def test_who_was_passed_over_is_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    skipped = (Skipped("x", "bx", Reason.CIRCUIT_OPEN), Skipped("y", "by", Reason.RATE_LIMITED))
    outcome = Outcome(503, Ending.REFUSED, (), None, 7, 0.1, skipped=skipped)
    with caplog.at_level(logging.INFO, "reconciler.gateway.access"):
        telemetry.count(served("req-1", "chat", "m", outcome))
    assert telemetry.snapshot()["skipped"] == {"x": {"circuit_open": 1}, "y": {"rate_limited": 1}}
    assert caplog.messages[0].endswith(' skipped="x: circuit_open; y: rate_limited"')
