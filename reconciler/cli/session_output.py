"""Sessions of clients, for people and programs."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import click

from reconciler.api.record_documents import csv_of_sessions
from reconciler.cli.output import Column, fact
from reconciler.cli.traffic_output import duration, money
from reconciler.clock import precise_timestamp
from reconciler.gateway.cost import dollars
from reconciler.json_types import JsonObject
from reconciler.store.traffic_sessions import SessionRow

_WIDTH = 14


def _time(milliseconds: int) -> str:
    return precise_timestamp(datetime.fromtimestamp(milliseconds / 1000, UTC))


def _cost(row: SessionRow) -> str | None:
    """With a + where some of it is not known."""
    if not row.cost and (row.unpriced or not (row.tokens_in or row.tokens_out)):
        return None
    return f"{money(dollars(row.cost))}{'+' if row.unpriced else ''}"


SESSION_COLUMNS = (
    Column[SessionRow]("LAST", lambda row: _time(row.last)),
    Column[SessionRow]("ID", lambda row: row.id),
    Column[SessionRow]("CLIENT", lambda row: row.client),
    Column[SessionRow]("SESSION", lambda row: row.name),
    Column[SessionRow]("REQUESTS", lambda row: row.requests),
    Column[SessionRow]("FAILED", lambda row: row.failed),
    Column[SessionRow]("TOKENS IN", lambda row: row.tokens_in),
    Column[SessionRow]("TOKENS OUT", lambda row: row.tokens_out),
    Column[SessionRow]("COST", _cost),
    Column[SessionRow]("FIRST", lambda row: _time(row.first), wide=True),
    Column[SessionRow]("MODELS", lambda row: ",".join(row.models) or None, wide=True),
    Column[SessionRow]("PROVIDERS", lambda row: ",".join(row.providers) or None, wide=True),
)


def session_json(row: SessionRow) -> JsonObject:
    return {
        "id": row.id,
        "namespace": row.namespace,
        "client": row.client,
        "session": row.name,
        "derived": row.derived,
        "first": _time(row.first),
        "last": _time(row.last),
        "requests": row.requests,
        "failed": row.failed,
        "tokens": {"input": row.tokens_in, "output": row.tokens_out},
        "cost": dollars(row.cost),
        "unpriced": row.unpriced,
        "micros": row.micros,
        "models": list(row.models),
        "providers": list(row.providers),
    }


def session_lines(row: SessionRow) -> Iterator[str]:
    """All about one."""
    how = " (told by how it begins)" if row.derived else ""
    facts = (
        ("ID", row.id),
        ("Session", f"{row.name}{how}"),
        ("Client", row.client),
        ("Namespace", row.namespace),
        ("First", _time(row.first)),
        ("Last", _time(row.last)),
        ("Requests", f"{row.requests}, {row.failed} failed" if row.failed else str(row.requests)),
        ("Took", duration(row.micros)),
        ("Tokens", f"{row.tokens_in}+{row.tokens_out}"),
        ("Cost", _cost(row)),
        ("Models", ", ".join(row.models) or None),
        ("Providers", ", ".join(row.providers) or None),
    )
    for name, value in facts:
        if value is not None:
            yield fact(name, value, _WIDTH)


def write_sessions(rows: Iterable[SessionRow], output: str) -> None:
    """As jsonl or csv."""
    pieces = csv_of_sessions(rows) if output == "csv" else _json_lines(rows)
    for piece in pieces:
        click.echo(piece, nl=False)


def _json_lines(rows: Iterable[SessionRow]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(session_json(row), ensure_ascii=False) + "\n"
