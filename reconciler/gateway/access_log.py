"""One line a request: `key=value`, and the same as fields of the log record. No byte of a body, and no secret.

A share of the requests is written where one is asked for; what failed always is.
"""

import logging
from collections.abc import Sequence

from reconciler.gateway.telemetry import NONE, UNKNOWN, Entry, failure_of, own_seconds

access = logging.getLogger("reconciler.gateway.access")

_QUOTED = frozenset({"model", "asked", "session", "metadata", "failures", "skipped"})


class AccessLog:
    """A destination of the courier. `share` of the lines, evenly: 1.0 is all, 0.01 each hundredth, and failures."""

    def __init__(self, share: float = 1.0) -> None:
        self._share = share
        self._due = 0.0

    def take(self, entries: Sequence[tuple[object, ...]]) -> None:
        for entry in map(Entry._make, entries):
            self._due += self._share
            if self._due >= 1.0:
                self._due -= 1.0
            elif not entry.failed:
                continue
            write(entry)

    def close(self) -> None:
        pass


def write(entry: Entry) -> None:
    """One line, of the time when the request ended."""
    fields = fields_of(entry)
    line = " ".join(
        f'{key}="{_plain(value)}"' if key in _QUOTED else f"{key}={value}" for key, value in fields.items()
    )
    record = access.makeRecord(
        access.name, logging.INFO, "", 0, "%s", (line,), None, extra={"fields": fields}
    )
    record.created = entry.ended
    record.msecs = entry.ended % 1 * 1000
    access.handle(record)


def fields_of(entry: Entry) -> dict[str, str | int]:
    """What a line tells, in its order. Milliseconds; `own_us` are microseconds. What is not known is left out."""
    outcome, usage = entry.outcome, entry.outcome.usage
    own = own_seconds(outcome)
    fields: dict[str, str | int | None] = {
        "request": entry.request_id,
        "endpoint": entry.endpoint,
        "model": entry.model or UNKNOWN,
        "asked": entry.asked if entry.asked != entry.model else None,
        "provider": outcome.provider or NONE,
        "status": outcome.status,
        "ending": outcome.ending.value,
        "attempts": len(outcome.attempts),
        "ms": round(outcome.seconds * 1000),
        "first_byte_ms": None if outcome.first_byte is None else round(outcome.first_byte * 1000),
        "own_us": None if own is None else round(own * 1_000_000),
        "revision": outcome.revision or NONE,
        "stream": "true" if entry.stream else None,
        "session": entry.session,
        "client": str(entry.caller.key).partition("/")[2] if entry.caller is not None else None,
        "trace": f"{entry.trace.trace_id:032x}" if entry.trace is not None else None,
    }
    if usage is not None and (usage.prompt_tokens or usage.completion_tokens):
        fields["tokens_in"], fields["tokens_out"] = usage.prompt_tokens, usage.completion_tokens
        fields["estimated"] = "true" if usage.estimated else None
    if entry.caller is not None and entry.caller.metadata:
        fields["metadata"] = ",".join(f"{name}={value}" for name, value in entry.caller.metadata.items())
    fields["failures"] = _failures(entry) or None
    fields["skipped"] = (
        "; ".join(f"{passed.provider}: {passed.reason.value}" for passed in outcome.skipped) or None
    )
    return {name: value for name, value in fields.items() if value is not None}


def _failures(entry: Entry) -> str:
    return "; ".join(
        f"{attempt.provider}: {failure}" + (f" ({attempt.reason})" if attempt.reason else "")
        for attempt in entry.outcome.attempts
        if (failure := failure_of(attempt))
    )


def _plain(value: str | int) -> str:
    """Clients choose some of these: none may end the line, or the quotes."""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return text if text.isprintable() else text.encode("unicode_escape").decode()
