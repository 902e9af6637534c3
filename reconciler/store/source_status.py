"""How the last reconcile of each source went, in the records' file: another process's `status` shows it.

Whoever reconciles writes its own row and no other. Nothing of it is configuration; losing it loses a message.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reconciler.store import failures
from reconciler.store.observations import open_records


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One reconcile. `time` is RFC 3339; `revision` the head afterwards, 0 where it was not reached.

    `error` None: it went well. `problems` are lines as people read them, warnings included; none holds a secret.
    `held` is (resource, revision that holds it, whether it differs from what is declared); `waiting` (resource, reason).
    """

    paths: tuple[str, ...]
    source: str
    time: str
    revision: int = 0
    changed: int = 0
    commit: str | None = None
    error: str | None = None
    problems: tuple[str, ...] = ()
    held: tuple[tuple[str, int, bool], ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()
    undeclared: int = 0


def put(records: Path, status: SourceStatus) -> None:
    """Replaces the row of the same paths. Raises StoreError."""
    with failures.translated(records), closing(open_records(records)) as connection:
        values = (json.dumps(status.paths), json.dumps(asdict(status)))
        connection.execute("INSERT OR REPLACE INTO source_status VALUES (?, ?)", values)


def read(records: Path) -> Sequence[SourceStatus]:
    """All of them, by paths; none where there is no file yet. Raises StoreError."""
    if not records.exists():
        return ()
    with failures.translated(records), closing(open_records(records)) as connection:
        rows = connection.execute("SELECT body FROM source_status ORDER BY paths").fetchall()
    return tuple(_status(json.loads(body)) for (body,) in rows)


def _status(row: dict[str, Any]) -> SourceStatus:
    """Lists become the tuples that they were."""
    row["paths"] = tuple(row["paths"])
    row["problems"] = tuple(row["problems"])
    row["held"] = tuple((key, revision, drifts) for key, revision, drifts in row["held"])
    row["waiting"] = tuple((key, reason) for key, reason in row["waiting"])
    return SourceStatus(**row)
