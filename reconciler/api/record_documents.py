"""Records of requests as documents: what the management API answers, and rows for spreadsheets.

A request and its response are one record, told from two sides by the names that such gateways give them; times are
milliseconds since the epoch. Costs are US dollars, as text.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from reconciler.clock import precise_timestamp
from reconciler.gateway.cost import dollars
from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import failed, reason_of
from reconciler.store.traffic_sessions import SessionRow, session_id

_PATHS = {row.label: row.path for row in ENDPOINTS.values()}
_FORMULA = re.compile(
    r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?=[\s\x00\u200b\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20])"
)
"""Where a text begins that a spreadsheet would carry out: blanks before it count for nothing, and where commas are decimal
points a semicolon ends a cell."""

REQUEST_FIELDS = (
    "request_id", "time", "namespace", "revision", "session_id", "session", "client", "endpoint", "asked", "model",
    "provider", "binding", "status", "ending", "finish_reason", "error", "stream", "attempts", "prompt_tokens", "completion_tokens",
    "total_tokens", "estimated", "cost", "duration_us", "first_byte_us", "own_us", "trace", "worker",
)  # fmt: skip
SESSION_FIELDS = (
    "id", "namespace", "client", "session", "derived", "created", "last_accessed", "request_count", "failed_count",
    "prompt_tokens", "completion_tokens", "total_tokens", "cost", "unpriced_count", "duration_us", "models", "providers",
)  # fmt: skip


def request_document(row: RequestRow, bodies: Bodies | None = None) -> JsonObject:
    """`bodies` where they are kept and may be shown."""
    asked = {} if bodies is None else {"openai_request": _parsed(bodies.request, bodies.request_bytes)}
    return {
        "id": row.id,
        "request_id": row.id,
        "session_id": session_of(row),
        "timestamp": row.time,
        "created_at": row.time,
        "method": "POST",
        "path": _PATHS.get(row.endpoint, row.endpoint),
        "model": row.asked or row.model,
        "stream": bool(row.stream),
        **asked,
        "response_summary": {
            "response_id": row.id,
            "finish_reason": finish_reason(row),
            "total_tokens": total_tokens(row),
            "duration_ms": row.duration // 1000,
            "error": error_of(row),
        },
        "namespace": row.namespace,
        "client": row.client,
        "session": row.session,
        "served_model": row.model,
        "metadata": json.loads(row.metadata) if row.metadata else {},
        **_served(row),
    }


def response_document(row: RequestRow, bodies: Bodies | None = None) -> JsonObject:
    answered = {} if bodies is None else {"openai_response": _parsed(bodies.answer, bodies.answer_bytes)}
    ended = row.time + row.duration // 1000
    return {
        "id": row.id,
        "response_id": row.id,
        "request_id": row.id,
        "session_id": session_of(row),
        "timestamp": ended,
        "created_at": ended,
        **answered,
        "prompt_tokens": row.tokens_in,
        "completion_tokens": row.tokens_out,
        "total_tokens": total_tokens(row),
        "finish_reason": finish_reason(row),
        "error": error_of(row),
        "duration_ms": row.duration // 1000,
        **_served(row),
    }


def session_document(row: SessionRow, expires: int | None = None) -> JsonObject:
    """`expires`: when its last record goes."""
    return {
        "id": row.id,
        "namespace": row.namespace,
        "client": row.client,
        "session": row.name,
        "derived": row.derived,
        "created_at": row.first,
        "last_accessed": row.last,
        "expires_at": expires,
        "request_count": row.requests,
        "failed_count": row.failed,
        "prompt_tokens": row.tokens_in,
        "completion_tokens": row.tokens_out,
        "total_tokens": row.tokens_in + row.tokens_out,
        "cost": dollars(row.cost),
        "unpriced_count": row.unpriced,
        "duration_ms": row.micros // 1000,
        "models": list(row.models),
        "providers": list(row.providers),
    }


def _served(row: RequestRow) -> JsonObject:
    trail = json.loads(row.trail) if row.trail else {}
    return {
        "revision": row.revision,
        "endpoint": row.endpoint,
        "provider": row.provider,
        "binding": row.binding,
        "status": row.status,
        "ending": row.ending,
        "attempts": row.attempts,
        "trail": trail.get("attempts", []),
        "skipped": trail.get("skipped", []),
        "usage": {
            "prompt_tokens": row.tokens_in,
            "completion_tokens": row.tokens_out,
            "total_tokens": total_tokens(row),
            "estimated": bool(row.estimated),
        },
        "cost": row.cost,
        "first_byte_us": row.first_byte,
        "own_us": row.own,
        "trace": row.trace,
        "worker": row.instance,
    }


def session_of(row: RequestRow) -> str | None:
    return None if row.session is None else session_id(row.namespace, row.client, row.session)


def total_tokens(row: RequestRow) -> int | None:
    if row.tokens_in is None and row.tokens_out is None:
        return None
    return (row.tokens_in or 0) + (row.tokens_out or 0)


def finish_reason(row: RequestRow) -> str | None:
    """None where nobody knows."""
    return reason_of(row.status, row.ending, row.finish_reason)


def error_of(row: RequestRow) -> str | None:
    """Why it failed, in the gateway's words; None where it did not."""
    if not failed(row.status, row.ending):
        return None
    tried = (json.loads(row.trail) if row.trail else {}).get("attempts", [])
    last = tried[-1] if tried else {}
    parts = [str(part) for part in (last.get("failure"), last.get("reason")) if part]
    return ": ".join(parts) if parts else f"{row.ending} with status {row.status}"


def _parsed(body: bytes, whole: int) -> JsonValue:
    """A body as JSON; as text where it is none, or is cut off."""
    text = body.decode(errors="replace")
    if len(body) < whole:
        return text
    try:
        parsed: JsonValue = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return text
    return parsed


def _no_number(word: str) -> None:
    raise ValueError(word)


# --- rows of spreadsheets ---------------------------------------------------------------------------------------


def csv_of_requests(rows: Iterable[RequestRow]) -> Iterator[str]:
    """RFC 4180, the names of the columns first; one piece a row."""
    yield from _csv(REQUEST_FIELDS, map(_request_cells, rows))


def csv_of_sessions(rows: Iterable[SessionRow]) -> Iterator[str]:
    yield from _csv(SESSION_FIELDS, map(_session_cells, rows))


def _request_cells(row: RequestRow) -> Sequence[JsonValue]:
    return (
        row.id,
        _time(row.time),
        row.namespace,
        row.revision,
        session_of(row),
        row.session,
        row.client,
        row.endpoint,
        row.asked,
        row.model,
        row.provider,
        row.binding,
        row.status,
        row.ending,
        finish_reason(row),
        error_of(row),
        row.stream,
        row.attempts,
        row.tokens_in,
        row.tokens_out,
        total_tokens(row),
        row.estimated,
        row.cost,
        row.duration,
        row.first_byte,
        row.own,
        row.trace,
        row.instance,
    )


def _session_cells(row: SessionRow) -> Sequence[JsonValue]:
    return (
        row.id,
        row.namespace,
        row.client,
        row.name,
        int(row.derived),
        _time(row.first),
        _time(row.last),
        row.requests,
        row.failed,
        row.tokens_in,
        row.tokens_out,
        row.tokens_in + row.tokens_out,
        dollars(row.cost),
        row.unpriced,
        row.micros,
        " ".join(row.models),
        " ".join(row.providers),
    )


def _time(milliseconds: int) -> str:
    return precise_timestamp(datetime.fromtimestamp(milliseconds / 1000, UTC))


def _csv(names: Sequence[str], rows: Iterable[Sequence[JsonValue]]) -> Iterator[str]:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(names)
    yield written.getvalue()
    for row in rows:
        written.seek(0)
        written.truncate()
        writer.writerow([_harmless(cell) for cell in row])
        yield written.getvalue()


def _harmless(cell: JsonValue) -> JsonValue:
    """Names that clients chose are shown by a spreadsheet, and not computed."""
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell
