"""Letting go of old versions, while everything that is kept can still be proved.

A version goes when no kept revision holds it, and a sealed value when no version that stays names it. Revisions and
events stay: they hold the digests of all contents that ever were, so the chain proves as before, and `history` lists every
revision. Live state, holds and the head do not move. It goes through the standard library's sqlite3, in one
transaction; then the file gives its free space back, which is no part of that: where it fails, nothing is lost.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.clock import Clock, SystemClock, timestamp
from reconciler.resources.principal import UNKNOWN, Principal
from reconciler.store import audit, failures, files, migrations
from reconciler.store.checksums import with_checksum
from reconciler.store.codec import named_seals
from reconciler.store.failpoints import FROM_ENVIRONMENT, Failpoints

_PATIENCE_MS = 500
"""Workers read for a moment only. Who reads for longer is not waited for: nothing but space hangs on it."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Which revisions stay: the newest `revisions`, or those of `since` (a timestamp) and later. The head always does."""

    revisions: int | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Compaction:
    """What went, or would go. `compacted` is the revision from which on states are whole; all above it are kept.

    `freed` are bytes of the file; None where it was not made smaller.
    """

    head: int
    compacted: int
    versions: int
    sealed_values: int
    freed: int | None = None


def preview(path: Path, keep: Keep) -> Compaction:
    """What `compact` would do now. Raises StoreError."""
    with failures.translated(path), closing(files.connect_readonly(path)) as connection:
        files.require_store(connection, path)
        connection.execute("BEGIN")
        return _planned(connection, keep)


def compact(
    path: Path,
    keep: Keep,
    *,
    by: Principal = UNKNOWN,
    clock: Clock | None = None,
    failpoints: Failpoints = FROM_ENVIRONMENT,
) -> Compaction:
    """Removes what `keep` does not keep. Raises StoreError, and then nothing was removed."""
    migrations.migrate(path)
    with _writing(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        planned = _planned(connection, keep)
        connection.execute(
            "DELETE FROM ownership WHERE until <= :to"
            " OR resource_version IN (SELECT resource_version FROM version WHERE valid_to <= :to)",
            {"to": planned.compacted},
        )
        connection.execute("DELETE FROM version WHERE valid_to <= ?", (planned.compacted,))
        connection.execute(
            "DELETE FROM vault WHERE id NOT IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(_named(connection, planned.compacted))),),
        )
        _put_fact(connection, "compacted", planned.compacted)
        _put_fact(connection, "ownership", _one(connection, "SELECT count(*) FROM ownership"))
        deed = audit.Deed("history prune", f"contents up to revision {planned.compacted}")
        audit.append(audit.on(connection), by, deed, timestamp((clock or SystemClock()).now()))
        failpoints.reach("before-compacted")
        connection.execute("COMMIT")
        return replace(planned, freed=_give_back(connection, path))


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with (
        failures.translated(path),
        closing(sqlite3.connect(path, timeout=failures.BUSY_SECONDS, isolation_level=None)) as connection,
    ):
        yield connection


def _planned(connection: sqlite3.Connection, keep: Keep) -> Compaction:
    head = _one(connection, "SELECT coalesce(max(number), 0) FROM revision")
    before = _one(
        connection, "SELECT coalesce(max(cast(value AS INTEGER)), 0) FROM meta WHERE key = 'compacted'"
    )
    wanted = head - keep.revisions if keep.revisions is not None else head - 1
    if keep.since is not None:
        # By number, since clocks may jump: from the first revision of that time on, all are kept.
        first = "SELECT coalesce(min(number), ?) FROM revision WHERE time >= ?"
        wanted = min(wanted, _one(connection, first, head, keep.since) - 1)
    compacted = max(before, wanted)
    versions = _one(connection, "SELECT count(*) FROM version WHERE valid_to <= ?", compacted)
    named = _named(connection, compacted)
    held = [entry for (entry,) in connection.execute("SELECT id FROM vault")]
    return Compaction(head, compacted, versions, sum(entry not in named for entry in held))


def _named(connection: sqlite3.Connection, compacted: int) -> set[str]:
    """The sealed values that the versions name which stay."""
    query = "SELECT body FROM version WHERE (valid_to IS NULL OR valid_to > ?) AND instr(body, '\"sealed\":')"
    return {name for (body,) in connection.execute(query, (compacted,)) for name in named_seals(body)}


def _give_back(connection: sqlite3.Connection, path: Path) -> int | None:
    """None where the disk has no room for a copy, or others read for too long: then the space is used again later."""
    before = path.stat().st_size
    try:
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        connection.execute("VACUUM")
        (blocked, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return None
    # what was in the log is not counted, so that a small file may even grow
    return None if blocked else max(0, before - path.stat().st_size)


def _put_fact(connection: sqlite3.Connection, key: str, value: int) -> None:
    row = with_checksum("meta", {"key": key, "value": str(value)})
    connection.execute(
        "INSERT OR REPLACE INTO meta (key, value, checksum) VALUES (:key, :value, :checksum)", row
    )


def _one(connection: sqlite3.Connection, query: str, *values: int | str) -> int:
    return int(connection.execute(query, values).fetchone()[0])
