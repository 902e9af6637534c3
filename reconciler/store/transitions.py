"""When what was observed changed: a worker came to a revision, refused a provider, served it again; a source failed.

A bounded log in the records' file, oldest first. It tells since when something is so; nothing is decided by it alone.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

KEPT = 2000
"""So many of the newest are kept, and as many again of those of health, which may be many."""

SERVING, REFUSED, RECOVERED, FAILED = "Serving", "Refused", "Recovered", "Failed"
OPENED, CLOSED, UNHEALTHY, HEALTHY = "CircuitOpened", "CircuitClosed", "Unhealthy", "Healthy"
OF_HEALTH = frozenset({OPENED, CLOSED, UNHEALTHY, HEALTHY})
"""Of a provider that a worker leaves alone, or asks again; and of one that its probe gives up, or finds well."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS transition (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, observer TEXT NOT NULL, reason TEXT NOT NULL,
    subject TEXT NOT NULL, revision INTEGER NOT NULL, cause TEXT NOT NULL, message TEXT NOT NULL);
"""
SINCE_SCHEMA = 2
"""The version of the records' file that brought the table."""

_HEALTH = f"({', '.join(repr(reason) for reason in sorted(OF_HEALTH))})"
_COLUMNS = "time, observer, reason, subject, revision, cause, message, number"


@dataclass(frozen=True, slots=True)
class Refused:
    """`cause` is the `reason` of the error behind it, "" where that is not known."""

    reason: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """`time` is in seconds since the epoch. `observer` is a worker's instance, "" for the reconciles of a source.

    `subject`: the provider that was refused or recovered (its key as text, or observations.WHOLE), or the source; "" of a
    worker as a whole. `revision` is the one that the observer served then. No message holds a secret.
    """

    time: float
    observer: str
    reason: str
    subject: str = ""
    revision: int = 0
    cause: str = ""
    message: str = ""
    number: int = 0
    """Its place in the log; 0 before it has one."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a worker served and refused at one moment."""

    revision: int
    refused: Mapping[str, Refused]


def between(
    before: Acknowledged | None, now: Acknowledged, *, observer: str, time: float
) -> Iterator[Transition]:
    """`before` is None for a worker that said nothing yet. One that serves nothing yet has a revision below zero."""
    if now.revision >= 0 and (before is None or before.revision != now.revision):
        yield Transition(time, observer, SERVING, "", now.revision)
    known = before.refused if before is not None else {}
    for subject, refused in now.refused.items():
        if known.get(subject) != refused:
            yield Transition(time, observer, REFUSED, subject, now.revision, refused.cause, refused.reason)
    for subject, refused in known.items():
        if subject not in now.refused:
            yield Transition(time, observer, RECOVERED, subject, now.revision, refused.cause)


def of_source(
    before: str | None, now: str | None, *, source: str, revision: int, time: float
) -> Iterator[Transition]:
    """`before` and `now` are the errors of two reconciles, None where there was none."""
    if now is not None and now != before:
        yield Transition(time, "", FAILED, source, revision, message=now)
    elif now is None and before is not None:
        yield Transition(time, "", RECOVERED, source, revision)


def note(connection: sqlite3.Connection, found: Iterable[Transition]) -> None:
    """Inside the caller's transaction."""
    rows = [
        (each.time, each.observer, each.reason, each.subject, each.revision, each.cause, each.message)
        for each in found
    ]
    if not rows:
        return
    connection.executemany(
        "INSERT INTO transition (time, observer, reason, subject, revision, cause, message)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    for word in ("IN", "NOT IN"):
        connection.execute(
            f"DELETE FROM transition WHERE reason {word} {_HEALTH} AND number <= (SELECT number FROM transition"  # noqa: S608  constants
            f" WHERE reason {word} {_HEALTH} ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (KEPT,),
        )


def read(connection: sqlite3.Connection, after: int = 0) -> Sequence[Transition]:
    """Those behind the place `after`; none from a file of an older version that can only be read."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < SINCE_SCHEMA:
        return ()
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM transition WHERE number > ? ORDER BY number",  # noqa: S608  a constant
        (after,),
    )
    return tuple(Transition(*row) for row in rows)


def forget(connection: sqlite3.Connection, after: int) -> None:
    """Drops those of revisions after this one."""
    connection.execute("DELETE FROM transition WHERE revision > ?", (after,))
