import json
from dataclasses import replace

import pytest
from fakes.taped import ReplyRecorder
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway import telemetry as module
from reconciler.gateway.dispatch.outcome import HEDGE, Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.telemetry import (
    MAX_LABELS,
    OTHER,
    Entry,
    Telemetry,
    failure_of,
    own_seconds,
    session_of,
)
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.store.counters import total

ANSWERED = Attempt("c", "bc", status=200, first_byte=0.003, seconds=0.019)
FALLEN_OVER = (
    Attempt("a", "ba", Failure.CONNECT, "refused"),
    Attempt("b", "bb", status=503),
    ANSWERED,
)
OUTCOME = Outcome(200, Ending.COMPLETE, FALLEN_OVER, "c", 7, 0.02, 0.003, Usage(3, 4, 7))


def counted(*outcomes: Outcome, model: str | None = "m", stream: bool = False) -> dict[str, object]:
    telemetry = Telemetry()
    for outcome in outcomes:
        telemetry.over("req-1", "chat", model, outcome, stream=stream)
    return dict(telemetry.snapshot())


def test_a_request_is_counted_in_every_respect() -> None:
    def histogram(sum_: int, bucket: str) -> dict[str, object]:
        return {"count": 1, "sum": sum_, "buckets": {bucket: 1}}

    assert counted(OUTCOME) == {
        "in_flight": 0,
        "requests": {"chat": {"m": {"c": {"2xx": 1}}}},
        "endings": {"chat": {"complete": 1}},
        "attempts": {"a": 1, "b": 1, "c": 1},
        "failures": {"a": {"connect": 1}, "b": {"status_503": 1}},
        "fallbacks": {"a": {"b": 1}, "b": {"c": 1}},
        "tokens": {"m": {"c": {"input": 3, "output": 4}}},
        "duration": {"chat": {"c": histogram(20_000, "20000")}},
        "first_byte": {"chat": {"c": histogram(3000, "5000")}},
        "overhead": {"chat": histogram(1000, "1600")},
        "operation": {"chat": {"c": {"m": {"": histogram(20_000, "20000")}}}},
        "token_usage": {"chat": {"c": {"m": {"input": histogram(3, "4"), "output": histogram(4, "4")}}}},
    }


def test_an_attempt_that_was_answered_is_counted_without_being_looked_at() -> None:
    plain = replace(OUTCOME, attempts=(ANSWERED,))
    assert counted(plain, plain)["attempts"] == {"c": 2}
    assert "fallbacks" not in counted(plain)
    made = replace(plain, attempts=(replace(ANSWERED, status=201),))
    assert counted(made)["attempts"] == {"c": 1}
    assert "failures" not in counted(made)


def test_a_second_try_at_the_same_provider_is_no_fallback() -> None:
    again = replace(OUTCOME, attempts=(replace(ANSWERED, status=400), ANSWERED))
    books = counted(again)
    assert books["retries"] == {"c": 1}
    assert "fallbacks" not in books


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, "10000"), (0.01, "10000"), (0.0101, "20000"), (81.92, "81920000"), (82, "+Inf")],
)
def test_a_duration_falls_into_the_first_bucket_that_holds_it(seconds: float, bucket: str) -> None:
    books = counted(replace(OUTCOME, seconds=seconds, first_byte=None))
    assert books["duration"] == {
        "chat": {"c": {"count": 1, "sum": int(seconds * 1e6), "buckets": {bucket: 1}}}
    }
    assert "first_byte" not in books


def test_the_own_time_is_what_no_upstream_was_waited_for() -> None:
    assert own_seconds(replace(OUTCOME, attempts=())) is None
    assert own_seconds(OUTCOME) == pytest.approx(0.001)
    longer = replace(OUTCOME, attempts=(replace(ANSWERED, seconds=1.0),))
    assert own_seconds(longer) == 0
    assert counted(longer)["overhead"] == {"chat": {"count": 1, "sum": 0, "buckets": {"25": 1}}}


def test_a_pause_before_the_same_provider_is_asked_again_is_nobodys_own_time() -> None:
    failed = replace(ANSWERED, status=503, seconds=0.01)
    assert own_seconds(replace(OUTCOME, seconds=3.0, attempts=(failed, ANSWERED))) is None
    assert own_seconds(replace(OUTCOME, attempts=(replace(failed, binding="other"), ANSWERED))) is not None


def test_names_that_clients_chose_are_no_labels() -> None:
    refused = Outcome(404, Ending.REFUSED, (), None, 7, 0.001)
    assert counted(refused, model=None)["requests"] == {"chat": {"unknown": {"none": {"4xx": 1}}}}


def test_labels_are_bounded() -> None:
    telemetry = Telemetry()
    for number in range(MAX_LABELS + 5):
        telemetry.over("req-1", "chat", f"m{number}", replace(OUTCOME, usage=None))
    requests = telemetry.snapshot()["requests"]
    assert isinstance(requests, dict)
    models = requests["chat"]
    assert isinstance(models, dict)
    assert len(models) == MAX_LABELS + 1
    assert models[OTHER] == {"c": {"2xx": 5}}


def test_series_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SERIES", 2)
    telemetry = Telemetry()
    for name in ("m", "n", "o", "m", "o", "p"):
        telemetry.over("req-1", "chat", name, OUTCOME)
    assert telemetry.snapshot()["requests"] == {
        "chat": {"m": {"c": {"2xx": 2}}, "n": {"c": {"2xx": 1}}, OTHER: {OTHER: {"2xx": 3}}}
    }


def test_requests_under_way_are_a_gauge() -> None:
    telemetry = Telemetry()
    telemetry.began()
    telemetry.began()
    telemetry.ended()
    assert telemetry.snapshot()["in_flight"] == 1


def test_estimated_tokens_are_counted_apart() -> None:
    books = counted(replace(OUTCOME, usage=Usage(3, 4, 7, estimated=True)))
    assert books["tokens_estimated"] == {"m": {"c": {"input": 3, "output": 4}}}
    assert "tokens" not in books
    assert "token_usage" not in books


def test_a_usage_of_nothing_is_none() -> None:
    assert "tokens" not in counted(replace(OUTCOME, usage=Usage(0, 0, 0)))


def test_the_first_chunk_is_that_of_a_stream() -> None:
    assert "first_chunk" not in counted(OUTCOME)
    assert counted(OUTCOME, stream=True)["first_chunk"] == {
        "chat": {"c": {"m": {"count": 1, "sum": 3000, "buckets": {"5000": 1}}}}
    }


def test_who_was_passed_over_is_counted() -> None:
    skipped = (Skipped("x", "bx", Reason.CIRCUIT_OPEN), Skipped("y", "by", Reason.RATE_LIMITED))
    books = counted(Outcome(503, Ending.REFUSED, (), None, 7, 0.1, skipped=skipped))
    assert books["skipped"] == {"x": {"circuit_open": 1}, "y": {"rate_limited": 1}}
    assert "overhead" not in books


def test_entries_are_left_where_somebody_takes_them() -> None:
    telemetry = Telemetry()
    telemetry.over("req-1", "chat", "m", OUTCOME)
    assert not telemetry.outbox
    telemetry.keeps_entries = True
    telemetry.over("req-2", "chat", "m", OUTCOME, "alias", stream=True, session=b" s ")
    entry = Entry(*telemetry.outbox.popleft())  # type: ignore[arg-type]  # its fields
    assert entry._replace(ended=1.0) == Entry(1.0, "req-2", "chat", "m", OUTCOME, "alias", True, "s")
    assert entry.ended > 1_700_000_000
    assert not entry.failed


@pytest.mark.parametrize(
    ("said", "session"),
    [(b"s-1", "s-1"), (b"", None), (b"x" * 256, "x" * 256), (b"x" * 257, None), (b"a\x00b", None)],
)
def test_a_session_is_what_the_client_says(said: bytes, session: str | None) -> None:
    assert session_of(said) == session


def test_nothing_stands_between_unless_bodies_or_traces_are_wanted() -> None:
    telemetry, client = Telemetry(), ReplyRecorder()
    assert telemetry.attend(client, b"{}", {}, 0) is None
    tape = telemetry.attend(client, b"12345", {}, 4)
    assert tape is not None
    assert (tape.request, tape.trace) == (b"1234", None)
    telemetry.traces = True
    tape = telemetry.attend(
        client, b"12345", {b"traceparent": f"00-{0xABC:032x}-{0xDEF:016x}-01".encode()}, 0
    )
    assert tape is not None
    assert tape.trace is not None
    assert (tape.request, tape.trace.trace_id) == (b"", 0xABC)
    telemetry.keeps_entries = True
    telemetry.over("r", "chat", "m", OUTCOME, tape=tape)
    assert Entry(*telemetry.outbox[0]).trace is tape.trace  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [
        (replace(OUTCOME, status=404), True),
        (replace(OUTCOME, ending=Ending.BROKEN), True),
        (replace(OUTCOME, ending=Ending.GONE), True),
        (OUTCOME, False),
    ],
)
def test_what_failed_is_known_of_an_entry(outcome: Outcome, failed: bool) -> None:
    assert Entry(0.0, "r", "chat", "m", outcome).failed is failed


def test_where_nobody_keeps_up_entries_are_lost_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OUTBOX", 2)
    telemetry = Telemetry()
    telemetry.keeps_entries = True
    for _ in range(5):
        telemetry.over("req-1", "chat", "m", OUTCOME)
    assert len(telemetry.outbox) == 2
    assert telemetry.snapshot()["records"] == {"queue_full": 3}


def test_of_those_that_wait_the_first_bear_how_they_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPENINGS", 2)
    telemetry = Telemetry()
    telemetry.keeps_entries = True
    for _ in range(3):
        telemetry.over("req-1", "chat", "m", OUTCOME, opening=b"{}")
    entries = [Entry(*each) for each in telemetry.outbox]  # type: ignore[arg-type]  # its fields
    assert [each.opening for each in entries] == [b"{}", b"{}", None]


@pytest.mark.parametrize(
    ("attempt", "failure"),
    [
        (ANSWERED, ""),
        (Attempt("p", "b"), ""),
        (Attempt("p", "b", status=404), "status_404"),
        (Attempt("p", "b", Failure.TIMEOUT, status=200), "timeout"),
    ],
)
def test_why_an_attempt_failed(attempt: Attempt, failure: str) -> None:
    assert failure_of(attempt) == failure


outcomes = st.builds(
    lambda provider, status, seconds: replace(
        OUTCOME,
        provider=provider,
        status=status,
        seconds=seconds,
        attempts=(replace(ANSWERED, provider=provider),),
    ),
    st.sampled_from(["a", "b"]),
    st.sampled_from([200, 404, 502]),
    st.sampled_from([0.001, 1.0, 999.0]),
)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["m", "n", None]), outcomes), max_size=20))
def test_workers_together_count_what_one_would(requests: list[tuple[int, str | None, Outcome]]) -> None:
    workers, alone = [Telemetry(), Telemetry(), Telemetry()], Telemetry()
    for number, model, outcome in requests:
        workers[number].over("req-1", "chat", model, outcome)
        alone.over("req-1", "chat", model, outcome)
    # through JSON, as it travels
    assert total(json.loads(json.dumps(worker.snapshot())) for worker in workers) == alone.snapshot()


def test_what_began_beside_others_is_neither_a_retry_nor_a_fallback() -> None:
    one, other = Attempt("a", "ba", seconds=0.02), replace(ANSWERED, beside=HEDGE)
    outcome = replace(OUTCOME, attempts=(one, other, replace(ANSWERED, provider="d")))
    books = counted(outcome)
    assert books["beside"] == {"c": {"hedge": 1}}
    assert books["fallbacks"] == {"c": {"d": 1}}
    assert "retries" not in books
    assert "overhead" not in books, "the times of attempts at once can't be taken from the whole"
    assert own_seconds(outcome) is None


def test_shadows_are_counted_apart() -> None:
    telemetry = Telemetry()
    telemetry.shadowed("s", replace(OUTCOME, attempts=(ANSWERED,)))
    telemetry.shadowed(
        "s", Outcome(504, Ending.REFUSED, (Attempt("s", "b", Failure.TIMEOUT),), "s", 7, 100.0)
    )
    telemetry.shadowed("s", Outcome(429, Ending.REFUSED, (Attempt("s", "b", status=429),), "s", 7, 0.02))
    skipped = (Skipped("s", "b", Reason.CIRCUIT_OPEN),)
    telemetry.shadowed("s", Outcome(503, Ending.REFUSED, (), None, 7, 0.0, skipped=skipped))
    telemetry.shadowed("s", Outcome(499, Ending.GONE, (Attempt("s", "b"),), "s", 7, 0.0))
    telemetry.shadowed("s", Outcome(503, Ending.REFUSED, (), None, 7, 0.0))
    telemetry.shadow_skipped("s")
    assert dict(telemetry.snapshot()) == {
        "in_flight": 0,
        "shadows": {
            "s": {"2xx": 1, "timeout": 1, "4xx": 1, "circuit_open": 1, "gone": 1, "none": 1, "not_sent": 1}
        },
        "shadow_tokens": {"s": {"input": 3, "output": 4}},
        "shadow_duration": {
            "s": {"count": 6, "sum": 100_040_000, "buckets": {"10000": 3, "20000": 2, "+Inf": 1}}
        },
    }
