from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.taped import traced
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from reconciler.gateway.dispatch.outcome import HEDGE, Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.otlp import Traces
from reconciler.gateway.telemetry import Entry
from reconciler.gateway.trace_context import TraceContext, trace_context
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage

ENDED = 1_790_000_000.5
FAILED = Attempt("a", "ba", Failure.CONNECT, "refused", None, None, 0.25, at=0.25)
ANSWERED = Attempt("b", "bb", status=200, first_byte=0.2, seconds=0.5, at=0.5)
OUTCOME = Outcome(200, Ending.COMPLETE, (FAILED, ANSWERED), "b", 7, 1.0, 0.9, Usage(3, 4, 7))
ENTRY = Entry(ENDED, "req-1", "chat", "m", OUTCOME)


def exported(*entries: Entry) -> Sequence[ReadableSpan]:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter)
    traces.take(entries)
    traces.close()
    return exporter.get_finished_spans()


def test_a_request_is_a_span_and_so_is_each_attempt() -> None:
    skipped = (Skipped("x", "bx", Reason.CIRCUIT_OPEN),)
    entry = ENTRY._replace(outcome=replace(OUTCOME, skipped=skipped), stream=True, session="s-1")
    failed, answered, request = exported(entry)
    assert (request.name, request.kind, request.parent) == ("POST chat", SpanKind.SERVER, None)
    assert (request.start_time, request.end_time) == (1_789_999_999_500_000_000, 1_790_000_000_500_000_000)
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "routerctl.request_id": "req-1",
        "routerctl.endpoint": "chat",
        "routerctl.revision": 7,
        "routerctl.ending": "complete",
        "routerctl.attempts": 2,
        "routerctl.provider": "b",
        "routerctl.skipped": ("x: circuit_open",),
        "gen_ai.conversation.id": "s-1",
    }
    assert (failed.name, failed.kind) == ("chat m", SpanKind.CLIENT)
    assert failed.status.status_code is StatusCode.ERROR
    assert (failed.attributes or {})["error.type"] == "connect"
    assert "gen_ai.usage.input_tokens" not in (failed.attributes or {})
    assert dict(answered.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "b",
        "gen_ai.request.model": "m",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.conversation.id": "s-1",
        "routerctl.binding": "bb",
        "routerctl.time_to_first_byte": 0.2,
    }
    assert answered.parent is not None
    assert request.context is not None
    assert answered.parent.span_id == failed.parent.span_id == request.context.span_id  # type: ignore[union-attr]
    assert (failed.end_time, answered.end_time) == (answered.start_time, request.end_time)


def test_who_was_asked_beside_another_is_shown_beside_it() -> None:
    first = Attempt("a", "ba", seconds=0.9)
    rival = Attempt("b", "bb", status=200, first_byte=0.2, seconds=0.5, beside=HEDGE, at=0.5)
    one, other, request = exported(ENTRY._replace(outcome=replace(OUTCOME, attempts=(first, rival))))
    begun = request.start_time or 0
    times = [((each.start_time or 0) - begun, (each.end_time or 0) - begun) for each in (one, other)]
    assert times == [(0, 900_000_000), (500_000_000, 1_000_000_000)]


def test_a_clients_trace_goes_on_under_the_span_that_its_upstream_knows() -> None:
    trace = trace_context(f"00-{0xABC:032x}-{0xDEF:016x}-01", "vendor=1")
    *_, request = exported(ENTRY._replace(tape=traced(trace)))
    assert request.context is not None
    assert request.parent is not None
    assert (request.context.trace_id, request.context.span_id) == (0xABC, trace.span_id)
    assert (request.parent.span_id, request.parent.is_remote) == (0xDEF, True)
    assert request.context.trace_state.to_header() == "vendor=1"


def test_a_trace_that_begins_here_bears_what_its_upstream_was_told() -> None:
    *_, request = exported(ENTRY._replace(tape=traced(TraceContext(0xABC, 0xDEF))))
    assert request.context is not None
    assert (request.context.trace_id, request.context.span_id) == (0xABC, 0xDEF)
    assert request.parent is None


def test_what_a_client_does_not_sample_is_not_exported() -> None:
    assert exported(ENTRY._replace(tape=traced(TraceContext(0xABC, 1, 2, flags=0)))) == ()


def test_what_broke_is_an_error() -> None:
    refused = Entry(ENDED, "r", "chat", None, Outcome(503, Ending.REFUSED, (), None, 7, 0.1))
    broken = ENTRY._replace(outcome=replace(OUTCOME, ending=Ending.BROKEN))
    requests = [span for span in exported(refused, broken) if span.kind is SpanKind.SERVER]
    assert [span.status.status_code for span in requests] == [StatusCode.ERROR] * 2
    assert (requests[0].attributes or {})["error.type"] == "503"


def test_the_service_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, request = exported(ENTRY)
    assert request.resource.attributes["service.name"] == "routerctl"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "edge")
    *_, request = exported(ENTRY)
    assert request.resource.attributes["service.name"] == "edge"
