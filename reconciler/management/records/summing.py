"""What requests come to, and the activity that a dashboard shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from reconciler.api.record_documents import error_of, session_of
from reconciler.gateway.cost import dollars
from reconciler.json_types import JsonObject
from reconciler.management.problems import BadRequest
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import DIMENSIONS, Dimension, Group, failed, percentile

ACTIVE = timedelta(minutes=30)
"""A session that was asked less long ago is active."""
_PERCENTS = (50, 95, 99)
_AGES = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def dimensions(text: str) -> tuple[Dimension, ...]:
    """Raises BadRequest."""
    words = text.split(",")
    for word in words:
        if word not in DIMENSIONS:
            raise BadRequest(f"by is one of {', '.join(DIMENSIONS)}, or several with commas")
    return cast("tuple[Dimension, ...]", tuple(dict.fromkeys(words)))


def group_document(by: Sequence[Dimension], group: Group) -> JsonObject:
    return {
        **dict(zip(by, group.key, strict=True)),
        "requests": group.requests,
        "failed": group.failed,
        "left": group.gone,
        "retried": group.fallen_over,
        "prompt_tokens": group.tokens_in,
        "completion_tokens": group.tokens_out,
        "total_tokens": group.tokens_in + group.tokens_out,
        "estimated": group.estimated,
        "cost": dollars(group.cost),
        "unpriced": group.unpriced,
        "duration_us": {f"p{percent}": percentile(group.durations, percent) for percent in _PERCENTS},
        "first_byte_us": {f"p{percent}": percentile(group.first_bytes, percent) for percent in _PERCENTS},
    }


def whole(groups: Sequence[Group]) -> Group:
    """Of a statistic that tells nothing apart; of nothing an empty one."""
    return groups[0] if groups else Group(())


def usage_document(group: Group) -> JsonObject:
    """What all of them used."""
    good = group.requests - group.failed
    return {
        "total_responses": group.requests,
        "total_prompt_tokens": group.tokens_in,
        "total_completion_tokens": group.tokens_out,
        "total_tokens": group.tokens_in + group.tokens_out,
        "avg_duration_ms": mean_ms(group),
        "success_rate": round(good * 100 / group.requests) if group.requests else 0,
    }


def mean_ms(group: Group) -> int:
    return sum(group.durations) // len(group.durations) // 1000 if group.durations else 0


def activity_document(row: RequestRow, now: datetime) -> JsonObject:
    bad = failed(row.status, row.ending)
    named = f" (model: {row.asked or row.model})" if row.asked or row.model else ""
    error: JsonObject = {"error": error_of(row)} if bad else {}
    return {
        "id": row.id,
        "type": "api_request",
        "action": "failed" if bad else "completed",
        "description": f"{row.endpoint} request{named}",
        "timestamp": ago(row.time, now),
        "timestamp_ms": row.time,
        "metadata": {
            "status": "error" if bad else "success",
            "status_code": row.status,
            "provider": row.provider,
            "client": row.client,
            "duration_ms": row.duration // 1000,
            "session_id": session_of(row),
            "request_id": row.id,
            **error,
        },
    }


def ago(milliseconds: int, now: datetime) -> str:
    seconds = max(0, int(now.timestamp() - milliseconds / 1000))
    for size, unit in _AGES:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "0 seconds ago"
