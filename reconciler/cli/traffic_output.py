"""Requests and what they come to, for people and programs. Costs are US dollars, exact as text."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import click

from reconciler.api.record_documents import csv_of_requests, finish_reason, session_of
from reconciler.cli.output import Column, fact
from reconciler.clock import precise_timestamp
from reconciler.gateway.cost import dollars
from reconciler.json_types import JsonObject, JsonValue
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import Dimension, Group, percentile

_WIDTH = 13


def started(row: RequestRow) -> str:
    return precise_timestamp(datetime.fromtimestamp(row.time / 1000, UTC))


def duration(micros: int | None) -> str | None:
    """As people read it, three digits: 640us, 12.3ms, 1.52s, 75.0s."""
    if micros is None:
        return None
    if micros < 1000:
        return f"{micros}us"
    number, unit = (micros / 1000, "ms") if micros < 1_000_000 else (micros / 1_000_000, "s")
    return f"{number:.{2 if number < 10 else 1 if number < 100 else 0}f}{unit}"


def money(cost: str | None) -> str | None:
    """Six digits of it: what a request costs begins there."""
    if cost is None:
        return None
    rounded = f"{float(cost):.6f}"
    return rounded if float(rounded) or not float(cost) else "<0.000001"


def tokens(row: RequestRow) -> str | None:
    if row.tokens_in is None and row.tokens_out is None:
        return None
    return f"{'~' if row.estimated else ''}{row.tokens_in or 0}+{row.tokens_out or 0}"


REQUEST_COLUMNS = (
    Column[RequestRow]("TIME", started),
    Column[RequestRow]("ID", lambda row: row.id),
    Column[RequestRow]("ENDPOINT", lambda row: row.endpoint, wide=True),
    Column[RequestRow]("MODEL", lambda row: row.model or row.asked),
    Column[RequestRow]("PROVIDER", lambda row: row.provider),
    Column[RequestRow]("STATUS", lambda row: row.status),
    Column[RequestRow]("ENDING", lambda row: row.ending),
    Column[RequestRow]("FINISH", finish_reason, wide=True),
    Column[RequestRow]("TRIES", lambda row: row.attempts),
    Column[RequestRow]("TOOK", lambda row: duration(row.duration)),
    Column[RequestRow]("FIRST", lambda row: duration(row.first_byte), wide=True),
    Column[RequestRow]("OWN", lambda row: duration(row.own), wide=True),
    Column[RequestRow]("TOKENS", tokens),
    Column[RequestRow]("COST", lambda row: money(row.cost)),
    Column[RequestRow]("REVISION", lambda row: row.revision or None, wide=True),
    Column[RequestRow]("CLIENT", lambda row: row.client, wide=True),
    Column[RequestRow]("SESSION", lambda row: row.session, wide=True),
)

EXPORTS = ("jsonl", "csv")
"""Formats of which nothing is held back: all that fits is written, a record at a time."""


def write_requests(rows: Iterable[RequestRow], output: str) -> None:
    """One of EXPORTS."""
    if output == "csv":
        for piece in csv_of_requests(rows):
            click.echo(piece, nl=False)
        return
    for row in rows:
        click.echo(json.dumps(request_json(row), ensure_ascii=False))


def request_json(row: RequestRow, bodies: Bodies | None = None) -> JsonObject:
    """Durations are integers, in microseconds."""
    trail = json.loads(row.trail) if row.trail else {}
    told: JsonObject = {
        "id": row.id,
        "time": started(row),
        "namespace": row.namespace,
        "revision": row.revision,
        "endpoint": row.endpoint,
        "asked": row.asked,
        "model": row.model,
        "provider": row.provider,
        "binding": row.binding,
        "status": row.status,
        "ending": row.ending,
        "finishReason": finish_reason(row),
        "stream": bool(row.stream),
        "attempts": row.attempts,
        "trail": trail.get("attempts", []),
        "skipped": trail.get("skipped", []),
        "tokens": _tokens_json(row),
        "cost": row.cost,
        "micros": {"total": row.duration, "firstByte": row.first_byte, "own": row.own},
        "client": row.client,
        "metadata": json.loads(row.metadata) if row.metadata else {},
        "session": row.session,
        "sessionId": session_of(row),
        "trace": row.trace,
        "worker": row.instance,
    }
    if bodies is not None:
        told["bodies"] = {
            "request": bodies.request.decode(errors="replace"),
            "requestBytes": bodies.request_bytes,
            "answer": bodies.answer.decode(errors="replace"),
            "answerBytes": bodies.answer_bytes,
        }
    return told


def _tokens_json(row: RequestRow) -> JsonValue:
    if row.tokens_in is None and row.tokens_out is None:
        return None
    return {"input": row.tokens_in, "output": row.tokens_out, "estimated": bool(row.estimated)}


def request_lines(row: RequestRow, bodies: Bodies | None) -> Iterator[str]:
    """All about one."""
    facts = (
        ("ID", row.id),
        ("Time", started(row)),
        ("Endpoint", row.endpoint + (", streamed" if row.stream else "")),
        ("Asked for", row.asked),
        ("Model", row.model),
        ("Provider", row.provider),
        ("Binding", row.binding),
        ("Status", f"{row.status}, {row.ending}"),
        ("Finish", finish_reason(row)),
        ("Revision", row.revision or None),
        ("Took", duration(row.duration)),
        ("First byte", duration(row.first_byte)),
        ("Own time", duration(row.own)),
        ("Tokens", tokens(row)),
        ("Cost", f"{row.cost} US dollars" if row.cost is not None else None),
        ("Client", row.client),
        ("Client's words", row.metadata),
        ("Session", row.session),
        ("Session ID", session_of(row)),
        ("Trace", row.trace),
        ("Worker", row.instance),
    )
    for name, value in facts:
        if value is not None:
            yield fact(name, value, _WIDTH)
    trail = json.loads(row.trail) if row.trail else {}
    for number, tried in enumerate(trail.get("attempts", []), start=1):
        why = ": ".join(str(part) for part in (tried["failure"] or tried["status"], tried["reason"]) if part)
        beside = f", {tried['beside']}" if tried.get("beside") else ""
        told = f"{tried['provider']}, {why or 'not waited for'}, {duration(tried['micros'])}{beside}"
        yield fact(f"Attempt {number}", told, _WIDTH)
    for passed in trail.get("skipped", []):
        yield fact("Skipped", f"{passed['provider']}, {passed['reason']}", _WIDTH)
    if bodies is not None:
        yield from _body_lines("Request", bodies.request, bodies.request_bytes)
        yield from _body_lines("Answer", bodies.answer, bodies.answer_bytes)


def _body_lines(name: str, body: bytes, whole: int) -> Iterator[str]:
    cut = f", the first {len(body)} kept" if len(body) < whole else ""
    yield f"{name} ({whole} bytes{cut}):"
    yield from (f"  {line}" for line in body.decode(errors="replace").splitlines())


def group_columns(by: Sequence[Dimension]) -> tuple[Column[Group], ...]:
    def key(place: int) -> Column[Group]:
        return Column[Group](by[place].upper(), lambda group: group.key[place])

    return (
        *map(key, range(len(by))),
        Column[Group]("REQUESTS", lambda group: group.requests),
        Column[Group]("FAILED", lambda group: _share(group.failed, group.requests)),
        Column[Group]("LEFT", lambda group: group.gone, wide=True),
        Column[Group]("RETRIED", lambda group: group.fallen_over, wide=True),
        Column[Group]("P50", lambda group: duration(percentile(group.durations, 50))),
        Column[Group]("P95", lambda group: duration(percentile(group.durations, 95))),
        Column[Group]("P99", lambda group: duration(percentile(group.durations, 99)), wide=True),
        Column[Group]("FIRST P50", lambda group: duration(percentile(group.first_bytes, 50)), wide=True),
        Column[Group]("FIRST P95", lambda group: duration(percentile(group.first_bytes, 95)), wide=True),
        Column[Group]("TOKENS IN", lambda group: group.tokens_in),
        Column[Group]("TOKENS OUT", lambda group: group.tokens_out),
        Column[Group]("COST", _group_cost),
    )


def group_json(by: Sequence[Dimension], group: Group) -> JsonObject:
    key: JsonObject = dict(zip(by, group.key, strict=True))
    return {
        **key,
        "requests": group.requests,
        "failed": group.failed,
        "left": group.gone,
        "retried": group.fallen_over,
        "tokens": {"input": group.tokens_in, "output": group.tokens_out},
        "estimated": group.estimated,
        "cost": dollars(group.cost),
        "unpriced": group.unpriced,
        "micros": {f"p{percent}": percentile(group.durations, percent) for percent in (50, 95, 99)},
        "firstByteMicros": {
            f"p{percent}": percentile(group.first_bytes, percent) for percent in (50, 95, 99)
        },
    }


def _share(part: int, whole: int) -> str:
    return f"{part} ({part * 100 / whole:.1f}%)" if part else "0"


def _group_cost(group: Group) -> str | None:
    """With a + where some of it is not known."""
    if not group.cost and (group.unpriced or not (group.tokens_in or group.tokens_out)):
        return None
    return f"{money(dollars(group.cost))}{'+' if group.unpriced else ''}"
