"""What `route explain` tells: the decision, and beside it what live workers report."""

from collections.abc import Iterator

from reconciler.bootstrap.explaining import Explanation
from reconciler.cli.output import Column, fact, table
from reconciler.cli.reported_output import Reported, reported_json, reported_lines, retry_lines
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.snapshot.model import RoutedCandidate

_ALIVE = frozenset({"weighted", "least-busy", "lowest-latency", "sticky"})


def explanation_lines(found: Explanation, asked: str | None, said: Reported) -> Iterator[str]:
    trace = found.trace
    yield _fact("Revision", found.revision)
    if found.namespace != DEFAULT_NAMESPACE:
        yield _fact(
            "Namespace", f"{found.namespace}; requests without a key are served in {DEFAULT_NAMESPACE}"
        )
    yield _fact("Asked", asked if asked is not None else "(no model)")
    yield _fact("Model", trace.model or "-")
    yield _fact("Route", f"{trace.route}, strategy {trace.strategy}" if trace.route else "none matches")
    if found.refused is not None:
        yield _fact("Client", f"401 for now, whatever follows: {found.refused}")
    if found.policy:
        yield _fact("Policy", "; ".join(found.policy))
    if found.error is not None:
        yield _fact("Answer", f"{found.error.status} {found.error.code}: {found.error.message}")
    if trace.order:
        yield ""
        yield table(_COLUMNS, [*enumerate(trace.order, 1)])
        if trace.strategy in _ALIVE and len(trace.order) > 1:
            yield ""
            yield _BY_CLIENT if trace.strategy == "sticky" and trace.by_client else _NOTES[trace.strategy]
        yield from retry_lines(trace.order)
    for title, pairs in (("Passed over:", trace.skipped), ("Routes that don't match:", trace.missed)):
        if pairs:
            yield ""
            yield title
            yield from (f"  {name}: {reason}" for name, reason in pairs)
    if trace.order:
        yield from reported_lines(said)


def explanation_json(found: Explanation, asked: str | None, said: Reported) -> JsonObject:
    trace, error = found.trace, found.error
    return {
        "revision": found.revision,
        "namespace": found.namespace,
        "asked": asked,
        "model": trace.model,
        "route": trace.route,
        "strategy": trace.strategy or None,
        "policy": [*found.policy],
        "clientRefused": found.refused,
        "candidates": [_candidate(each) for each in trace.order],
        "skipped": [{"target": name, "reason": reason} for name, reason in trace.skipped],
        "missed": [{"route": name, "reason": reason} for name, reason in trace.missed],
        "error": None
        if error is None
        else {"status": error.status, "code": error.code, "message": error.message},
        "reported": reported_json(said),
    }


def _candidate(routed: RoutedCandidate) -> JsonObject:
    candidate = routed.candidate
    return {
        "provider": candidate.provider,
        "binding": candidate.binding or None,
        "upstreamModel": routed.upstream_model,
        "timeoutMilliseconds": round(candidate.timeouts.total * 1000),
        "attempts": 1 if candidate.retry is None else candidate.retry.attempts,
    }


def _fact(name: str, value: object) -> str:
    return fact(name, value, 11)


_NOTES = {
    "weighted": "A worker spreads requests by weight; this is the order of its first one.",
    "least-busy": "A worker goes by the requests under way there; this is the order of its first one.",
    "lowest-latency": "A worker goes by the answers of late; this is the order of its first request.",
    "sticky": "Requests with the same value of the header get the same order in every worker.",
}
_BY_CLIENT = (
    "All requests of a client get the same order in every worker; those without a key are spread by weight."
)
_COLUMNS = (
    Column[tuple[int, RoutedCandidate]]("TRY", lambda row: row[0]),
    Column[tuple[int, RoutedCandidate]]("PROVIDER", lambda row: row[1].candidate.provider),
    Column[tuple[int, RoutedCandidate]]("MODEL THERE", lambda row: row[1].upstream_model),
    Column[tuple[int, RoutedCandidate]]("BINDING", lambda row: row[1].candidate.binding or None),
    Column[tuple[int, RoutedCandidate]]("TIMEOUT", lambda row: f"{row[1].candidate.timeouts.total:g}s"),
)
