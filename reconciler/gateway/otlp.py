"""Traces over OTLP: a span for each request of a client, and below it one for each attempt at a provider.

Made from entries, in the courier's thread, by OpenTelemetry's own SDK, which its own OTEL_* variables configure. Only
loaded where they name a collector; its libraries are the extra `otlp`. No span holds a byte of a body.
"""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from reconciler import __version__
from reconciler.gateway.counting import OPERATIONS
from reconciler.gateway.dispatch.outcome import Attempt, Ending
from reconciler.gateway.telemetry import UNKNOWN, Entry, failure_of
from reconciler.gateway.trace_context import TraceContext

_NANOS = 1_000_000_000


class _Identifiers(RandomIdGenerator):
    """Gives the next span the identifiers that the request was given when it came, because its upstream knows them."""

    def __init__(self) -> None:
        self.next: TraceContext | None = None

    def generate_span_id(self) -> int:
        given, self.next = self.next, None
        return super().generate_span_id() if given is None else given.span_id

    def generate_trace_id(self) -> int:
        return super().generate_trace_id() if self.next is None else self.next.trace_id


class Traces:
    """A destination of the courier."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create({SERVICE_VERSION: __version__})
        if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: "routerctl"}))
        self._identifiers = _Identifiers()
        self._provider = TracerProvider(
            resource=resource, id_generator=self._identifiers, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("routerctl", __version__)

    def take(self, entries: Sequence[tuple[object, ...]]) -> None:
        for entry in map(Entry._make, entries):
            self._trace(entry)

    def close(self) -> None:
        """What waits is exported first."""
        self._provider.shutdown()

    def _trace(self, entry: Entry) -> None:
        started = int((entry.ended - entry.outcome.seconds) * _NANOS)
        self._identifiers.next = entry.trace
        span = self._tracer.start_span(
            f"POST {entry.endpoint}",
            context=_parent(entry.trace),
            kind=SpanKind.SERVER,
            attributes=_of_request(entry),
            start_time=started,
        )
        self._identifiers.next = None  # a span that is not sampled asks for none
        if span.is_recording():
            self._attempts(entry, span, started)
        if entry.outcome.status >= 500 or entry.outcome.ending is Ending.BROKEN:
            span.set_status(Status(StatusCode.ERROR))
        span.end(int(entry.ended * _NANOS))

    def _attempts(self, entry: Entry, request: Span, started: int) -> None:
        """Each at its time, whether it came after another or beside it."""
        operation = OPERATIONS.get(entry.endpoint, entry.endpoint)
        name = f"{operation} {entry.model or UNKNOWN}"
        for number, attempt in enumerate(entry.outcome.attempts, start=1):
            at = started + int(attempt.at * _NANOS)
            span = self._tracer.start_span(
                name,
                context=set_span_in_context(request),
                kind=SpanKind.CLIENT,
                attributes=_of_attempt(entry, attempt, last=number == len(entry.outcome.attempts)),
                start_time=at,
            )
            if failure_of(attempt):
                span.set_status(Status(StatusCode.ERROR, attempt.reason or None))
            span.end(at + int(attempt.seconds * _NANOS))


def _parent(trace: TraceContext | None) -> Context:
    """The client's span, where it named one. Never one that happens to be current."""
    if trace is None or not trace.parent_id:
        return Context()
    state = TraceState.from_header([trace.state]) if trace.state else None
    told = SpanContext(
        trace.trace_id,
        trace.parent_id,
        is_remote=True,
        trace_flags=TraceFlags(trace.flags),
        trace_state=state,
    )
    return set_span_in_context(NonRecordingSpan(told), Context())


def _of_request(entry: Entry) -> dict[str, AttributeValue]:
    outcome = entry.outcome
    attributes: dict[str, AttributeValue | None] = {
        "http.request.method": "POST",
        "http.response.status_code": outcome.status,
        "error.type": str(outcome.status) if outcome.status >= 500 else None,
        "routerctl.request_id": entry.request_id,
        "routerctl.endpoint": entry.endpoint,
        "routerctl.revision": outcome.revision,
        "routerctl.ending": outcome.ending.value,
        "routerctl.attempts": len(outcome.attempts),
        "routerctl.provider": outcome.provider,
        "routerctl.skipped": [f"{each.provider}: {each.reason.value}" for each in outcome.skipped] or None,
        "gen_ai.conversation.id": entry.session,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _of_attempt(entry: Entry, attempt: Attempt, *, last: bool) -> dict[str, AttributeValue]:
    usage = entry.outcome.usage if last else None
    attributes: dict[str, AttributeValue | None] = {
        "gen_ai.operation.name": OPERATIONS.get(entry.endpoint, entry.endpoint),
        "gen_ai.provider.name": attempt.provider,
        "gen_ai.request.model": entry.model,
        "gen_ai.request.stream": True if entry.stream else None,
        "gen_ai.usage.input_tokens": usage.prompt_tokens if usage is not None else None,
        "gen_ai.usage.output_tokens": usage.completion_tokens if usage is not None else None,
        "gen_ai.conversation.id": entry.session,
        "error.type": failure_of(attempt).removeprefix("status_") or None,
        "routerctl.binding": attempt.binding,
        "routerctl.time_to_first_byte": attempt.first_byte,
    }
    return {name: value for name, value in attributes.items() if value is not None}
