"""How the last reconcile of each source went, in the records' file: another process's `status` shows it.

Whoever reconciles writes its own row and no other. Nothing of it is configuration; losing it loses a message.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reconciler.store import transitions
from reconciler.store.observations import open_records, translated


@dataclass(frozen=True, slots=True)
class GitStatus:
    """The branch that a sync follows. `address` holds no credentials; `path` is "" for the whole repository.

    `tip` is its newest commit that is known; `behind` by how many commits the applied one is behind it, None where none
    was applied. `trouble`: why the last fetch failed. `fetched` and `next_fetch` are times, as SourceStatus has them.
    """

    address: str
    branch: str
    path: str = ""
    tip: str | None = None
    behind: int | None = None
    fetched: str | None = None
    next_fetch: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one resource, from what its source declares: `what` in words, without a secret; "" where nothing is known.

    `manager` changed it by hand at `since`, where anybody did. `revision` took it back; None: it is left as it is.
    """

    resource: str
    what: str = ""
    manager: str | None = None
    since: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One reconcile. `time` is RFC 3339, to the millisecond; `revision` the head afterwards, 0 where it was not reached.

    `error` None: it went well. `problems` are lines as people read them, warnings included; none holds a secret.
    `held` is (resource, revision that holds it, whether it differs from what is declared); `waiting` (resource, reason).
    `drift`: what differs from what is declared, and was left so; `healed`: what was taken back last. `git`: of a source that comes from a branch; `commit` is
    then the one that was applied last.
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
    drift: tuple[Difference, ...] = ()
    healed: tuple[Difference, ...] = ()
    git: GitStatus | None = None

    @property
    def never_applied(self) -> bool:
        """Whether it failed, and no commit of its branch was ever applied; False for what comes from no branch."""
        git = self.git
        return self.error is not None and git is not None and self.commit is None and git.behind is None


def difference_text(item: Difference) -> str:
    """In one line, for people."""
    what = f": {item.what}" if item.what else ""
    who = f"; by {item.manager} at {item.since}" if item.manager is not None else ""
    return f"{item.resource}{what}{who}"


def put(records: Path, status: SourceStatus) -> None:
    """Replaces the row of the same paths, and notes an error that came or went. Raises StoreError.

    A success also replaces what the same source never applied from another place of the same repository.
    """
    paths = json.dumps(status.paths)
    with translated(records), closing(open_records(records)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        old = connection.execute("SELECT body FROM source_status WHERE paths = ?", (paths,)).fetchone()
        connection.execute(
            "INSERT OR REPLACE INTO source_status VALUES (?, ?)", (paths, json.dumps(asdict(status)))
        )
        found = transitions.of_source(
            json.loads(old[0])["error"] if old is not None else None,
            status.error,
            source=status.source,
            revision=status.revision,
            time=datetime.fromisoformat(status.time).timestamp(),
        )
        transitions.note(connection, found)
        if status.error is None:
            _replace_others(connection, status)
        connection.execute("COMMIT")


def _replace_others(connection: sqlite3.Connection, status: SourceStatus) -> None:
    rows = connection.execute("SELECT paths, body FROM source_status").fetchall()
    others = ((paths, _status(json.loads(body))) for paths, body in rows)
    connection.executemany(
        "DELETE FROM source_status WHERE paths = ?",
        [
            (paths,)
            for paths, other in others
            if other.never_applied and (other.source, _address(other)) == (status.source, _address(status))
        ],
    )


def _address(status: SourceStatus) -> str | None:
    return status.git.address if status.git is not None else None


def forget(records: Path, paths: Sequence[str]) -> None:
    """Deletes the row of these paths, where there is one. Raises StoreError."""
    with translated(records), closing(open_records(records)) as connection:
        connection.execute("DELETE FROM source_status WHERE paths = ?", (json.dumps(tuple(paths)),))


def read(records: Path) -> Sequence[SourceStatus]:
    """All of them, by paths; none where there is no file yet. Raises StoreError."""
    if not records.exists():
        return ()
    with translated(records), closing(open_records(records)) as connection:
        rows = connection.execute("SELECT body FROM source_status ORDER BY paths").fetchall()
        return tuple(_status(json.loads(body)) for (body,) in rows)


def _status(row: dict[str, Any]) -> SourceStatus:
    """Lists become the tuples that they were."""
    row["paths"] = tuple(row["paths"])
    row["problems"] = tuple(row["problems"])
    row["held"] = tuple((key, revision, drifts) for key, revision, drifts in row["held"])
    row["waiting"] = tuple((key, reason) for key, reason in row["waiting"])
    for name in ("drift", "healed"):
        row[name] = tuple(Difference(**item) for item in row.get(name, ()) if isinstance(item, dict))
    row["git"] = GitStatus(**row["git"]) if row.get("git") is not None else None
    return SourceStatus(**row)
