"""Who did what, from where: rows that are only ever added, each signed by its digest together with the one before.

A row stands in the transaction of what it tells of, and its digest covers the digest of the revision that it names, so
that neither chain can be rewritten alone. The tables take no UPDATE and no DELETE (triggers); whoever can write the file
can drop those, and then the chain tells. Both halves of the store write them, so this is SQL of no library.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reconciler.clock import Clock, timestamp
from reconciler.resources.principal import Principal
from reconciler.store import failures
from reconciler.store.canonical import canonical, sha256
from reconciler.store.checksums import with_checksum
from reconciler.store.reader import Reader

DONE = "done"
LAST, SINCE = "audit", "audit_since"
"""Facts of the store: the number of the last row, and the revision from which on each has one."""

TRIGGERS = tuple(
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit BEGIN SELECT raise(ABORT, 'the audit only grows'); END"
    for verb in ("UPDATE", "DELETE")
)

COLUMNS = "number, time, principal, address, acting_as, manager, operation, target, revision, outcome, digest"

Run = Callable[[str, Mapping[str, object]], Sequence[Sequence[Any]]]
"""Carries out a statement with its named values, and returns its rows: of whichever library holds the transaction."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, or was refused. `revision` is the one it made. `target` is in words: a resource, a path, a token."""

    operation: str
    target: str
    manager: str | None = None
    revision: int | None = None
    outcome: str = DONE


@dataclass(frozen=True, slots=True)
class AuditRow:
    """`address` is "" for this machine; `acting_as` is what somebody said to be, beside who they are."""

    number: int
    time: str
    principal: str
    address: str
    acting_as: str | None
    manager: str | None
    operation: str
    target: str
    revision: int | None
    outcome: str
    digest: str


def on(connection: sqlite3.Connection) -> Run:
    """Of the standard library's."""
    return lambda statement, values: connection.execute(statement, dict(values)).fetchall()


def append(run: Run, who: Principal, deed: Deed, time: str) -> AuditRow:
    """Inside a transaction that holds the write lock."""
    last = run("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1", {})
    number, before = last[0] if last else (0, None)
    signed = run("SELECT digest FROM revision WHERE number = :number", {"number": deed.revision})
    unsigned = AuditRow(
        number + 1,
        time,
        who.name,
        who.address,
        who.acting_as,
        deed.manager,
        deed.operation,
        deed.target,
        deed.revision,
        deed.outcome,
        "",
    )
    row = replace(unsigned, digest=digest(unsigned, before, signed[0][0] if signed else None))
    values = {name: getattr(row, name) for name in COLUMNS.split(", ")}
    run(f"INSERT INTO audit ({COLUMNS}) VALUES ({', '.join(f':{name}' for name in values)})", values)  # noqa: S608  constants
    fact = with_checksum("meta", {"key": LAST, "value": str(row.number)})
    run("INSERT OR REPLACE INTO meta (key, value, checksum) VALUES (:key, :value, :checksum)", fact)
    return row


def note(path: Path, who: Principal, deed: Deed, clock: Clock) -> None:
    """In a transaction of its own: for what leaves no other trace in the store, such as a refusal. Raises StoreError."""
    with (
        failures.translated(path),
        closing(sqlite3.connect(path, timeout=failures.BUSY_SECONDS, isolation_level=None)) as connection,
    ):
        connection.execute("BEGIN IMMEDIATE")
        append(on(connection), who, deed, timestamp(clock.now()))
        connection.execute("COMMIT")


def digest(row: AuditRow, before: str | None, revision: str | None) -> str:
    """Over RFC 8785 JSON of the row, the digest of the one before, and that of the revision that it names."""
    return sha256(
        canonical(
            {
                "previous": before,
                "number": row.number,
                "time": row.time,
                "principal": row.principal,
                "address": row.address,
                "as": row.acting_as,
                "manager": row.manager,
                "operation": row.operation,
                "target": row.target,
                "revision": row.revision,
                "revisionDigest": revision,
                "outcome": row.outcome,
            }
        )
    )


def rows(
    reader: Reader, *, after: int = 0, limit: int | None = None, principal: str | None = None
) -> list[AuditRow]:
    """The newest behind row `after`, oldest first; of one principal alone, where one is given."""
    found = reader.select(
        f"SELECT {COLUMNS} FROM audit WHERE number > :after AND (:principal IS NULL OR principal = :principal)"  # noqa: S608  constants
        " ORDER BY number DESC LIMIT :limit",
        {"after": after, "principal": principal, "limit": -1 if limit is None else limit},
    )
    return [AuditRow(*row) for row in reversed(found)]


def problems(
    rows: Sequence[AuditRow], revisions: Mapping[int, str], facts: Mapping[str, int]
) -> list[tuple[int, str]]:
    """(revision or 0, what is wrong). `revisions` are digests by number; `rows` in their order."""
    found: list[tuple[int, str]] = []
    before: str | None = None
    for expected, row in enumerate(rows, 1):
        if row.number != expected:
            found.append((0, f"row {expected} of the audit is missing"))
            break
        if row.revision is not None and row.revision not in revisions:
            found.append((row.revision, f"row {row.number} of the audit tells of it, and it is not there"))
        elif digest(row, before, revisions.get(row.revision or 0)) != row.digest:
            found.append((row.revision or 0, f"row {row.number} of the audit is not what its digest signed"))
        before = row.digest
    if facts.get(LAST, 0) != len(rows):
        found.append((0, f"the audit has {len(rows)} rows, and the store says {facts.get(LAST, 0)}"))
    told = {row.revision for row in rows}
    found += [
        (number, "no row of the audit tells who made it")
        for number in sorted(revisions)
        if number > facts.get(SINCE, 0) and number not in told
    ]
    return found
