"""What the workers saw: the only thing that a gateway process writes, into the records' file.

It can't reach configuration: that is another file, which it never opens. Losing the newest second of observations to
a power cut is no harm, so commits here do not wait for the disk (`synchronous=NORMAL`).

A worker's counters outlive it. `forget` moves them out of the live rows, still under the worker's name, so that one
that was only asleep (a suspended laptop) takes them back when it reports again and nothing is counted twice.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from reconciler.errors import StoreError
from reconciler.store import failures, files, health, kept_answers, leases, transitions, webhook_tables
from reconciler.store.counters import Counters, total
from reconciler.store.transitions import Acknowledged, Refused, Transition

WHOLE = "*"
"""Stands for the provider, among those refused, where a revision as a whole is not served."""

STARTING = -1
"""The revision of a worker that has not acknowledged one yet."""

LIVE_SECONDS = 3.0
"""A worker is live this long after its last heartbeat."""

FINISHING = "finishing"
"""Among a worker's numbers: 1 where it takes nothing new, for it was replaced or is stopped, and ends what it has under way."""

SCHEMA_VERSION = 5
_APPLICATION_ID = 0x7263746F
"""`rcto`, as `files.APPLICATION_ID` for a store."""

_KEPT_APART = 64
"""So many of the newest departed workers keep counters under their own names; older ones are added up."""

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS worker (
    instance TEXT PRIMARY KEY, pid INTEGER NOT NULL, started REAL NOT NULL, heartbeat REAL NOT NULL,
    revision INTEGER NOT NULL, refused TEXT NOT NULL, counters TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS retired (instance TEXT PRIMARY KEY, heartbeat REAL NOT NULL, counters TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS built (
    provider TEXT NOT NULL, instance TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (provider, instance));
CREATE INDEX IF NOT EXISTS built_instance ON built (instance);
CREATE TABLE IF NOT EXISTS source_status (paths TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reload_request (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL);
CREATE TABLE IF NOT EXISTS reload (
    supervisor TEXT PRIMARY KEY, number INTEGER NOT NULL, state TEXT NOT NULL, replaced INTEGER NOT NULL,
    workers INTEGER NOT NULL, problem TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notice (
    holder TEXT NOT NULL, name TEXT NOT NULL, since REAL NOT NULL, said REAL NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (holder, name));
{transitions.SCHEMA}{health.SCHEMA}{leases.SCHEMA}{kept_answers.SCHEMA}{webhook_tables.SCHEMA}PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""

_File: TypeAlias = tuple[int, int]

_SUM = ""
"""The instance under which the oldest departed workers are added up, and their builds kept."""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker's acknowledgement: it serves `revision`, but for the providers it `refused` (key or WHOLE, reason).

    `revision` is STARTING until there is one.
    `started` and `heartbeat` are seconds since the epoch. `counters` only grow during a worker's life. `builds` says
    for each provider (its key as text) at which revision the worker last built it. A reason holds no secret; `causes`
    gives for what is refused the `reason` of the error behind it, as far as that is known.
    """

    instance: str
    pid: int
    started: float
    heartbeat: float
    revision: int
    refused: tuple[tuple[str, str], ...] = ()
    counters: Counters = field(default_factory=dict)
    builds: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)

    @property
    def serving(self) -> bool:
        return self.revision != STARTING

    @property
    def finishing(self) -> bool:
        return self.counters.get(FINISHING) == 1

    @property
    def does(self) -> str:
        """In words."""
        if not self.serving:
            return "is starting"
        what = "is finishing what it has under way, on" if self.finishing else "serves"
        return f"{what} revision {self.revision}"


class Observations:
    """Reads see a file that is not there yet as empty; the first `put_worker` makes it. Threads take turns.

    Every method raises StoreError when the file can't be used. Open it in the process that uses it. A file that was
    damaged, removed or replaced is opened anew by the next call.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: _File | None = None
        self._written_builds: dict[str, Mapping[str, int]] = {}

    def put_worker(self, row: WorkerRow) -> None:
        """Replaces the worker's row. Of its builds, only those that changed since the last call are written."""
        refused = json.dumps([[key, reason, row.causes.get(key, "")] for key, reason in row.refused])
        counters = json.dumps(row.counters)
        values = (row.instance, row.pid, row.started, row.heartbeat, row.revision, refused, counters)
        with self.writing() as connection:
            back = connection.execute("DELETE FROM retired WHERE instance = ?", (row.instance,)).rowcount
            if back:
                self._written_builds.pop(row.instance, None)
            _note_transitions(connection, row)
            connection.execute("INSERT OR REPLACE INTO worker VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self._write_builds(connection, row)
        self._written_builds[row.instance] = dict(row.builds)

    def workers(self, *, counted: bool = True) -> Sequence[WorkerRow]:
        """All that have not been forgotten, by start; not `counted`: without their counters, which may be many."""
        with self.reading() as connection:
            return () if connection is None else _workers(connection, counted=counted)

    def live(self, now: float, within: float = LIVE_SECONDS) -> Sequence[WorkerRow]:
        """Those whose last heartbeat is at most `within` seconds before `now` (seconds since the epoch)."""
        return tuple(worker for worker in self.workers() if worker.heartbeat >= now - within)

    def transitions(self, after: int = 0) -> Sequence[Transition]:
        """What changed, oldest first, as far as it is kept; those behind the place `after`."""
        with self.reading() as connection:
            return () if connection is None else transitions.read(connection, after)

    def counters(self, newer: Mapping[str, Counters] = MappingProxyType({})) -> Counters:
        """The sum over every worker there ever was, each counted once.

        `newer` holds what workers (instances) counted by now; it stands in for their rows, and was read before this.
        """
        with self.reading() as connection:
            if connection is None:
                return {}
            gone = connection.execute("SELECT counters FROM retired").fetchall()
            there = connection.execute("SELECT instance, counters FROM worker").fetchall()
            return total(
                [
                    *(json.loads(text) for (text,) in gone),
                    *(newer.get(instance) or json.loads(text) for instance, text in there),
                ]
            )

    def acknowledged(self, provider: str) -> int | None:
        """The last revision at which a worker, live or not, built this provider; None: none ever did."""
        with self.reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                "SELECT max(revision) FROM built WHERE provider = ?", (provider,)
            ).fetchone()
        return None if row[0] is None else int(row[0])

    def forget(self, before: float) -> int:
        """Drops the rows of workers whose last heartbeat is older than `before`, and returns how many.

        Their counters and acknowledgements stay.
        """
        if not self._path.exists():
            return 0
        with self.writing() as connection:
            gone = connection.execute("SELECT instance FROM worker WHERE heartbeat < ?", (before,)).fetchall()
            for instance in gone:
                connection.execute(
                    "INSERT INTO retired SELECT instance, heartbeat, counters FROM worker WHERE instance = ?",
                    instance,
                )
                connection.execute("DELETE FROM worker WHERE instance = ?", instance)
                _keep_builds(connection, instance)
            _add_up_oldest(connection)
        return len(gone)

    def forget_builds(self, after: int) -> None:
        """Drops what workers built at revisions after this one: those are revisions of another history by now."""
        if not self._path.exists():
            return
        with self.writing() as connection:
            connection.execute("DELETE FROM built WHERE revision > ?", (after,))
            transitions.forget(connection, after)

    def close(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _write_builds(self, connection: sqlite3.Connection, row: WorkerRow) -> None:
        known = self._written_builds.get(row.instance, {})
        if known == row.builds:
            return
        changed = [
            (key, row.instance, number) for key, number in row.builds.items() if known.get(key) != number
        ]
        connection.executemany("INSERT OR REPLACE INTO built VALUES (?, ?, ?)", changed)
        dropped = [(key, row.instance) for key in known if key not in row.builds]
        connection.executemany("DELETE FROM built WHERE provider = ? AND instance = ?", dropped)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, for what other modules keep in this file; none is kept where it raises."""
        with self._using():
            connection = self._opened(make=True)
            assert connection is not None
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                _roll_back(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """None while there is no file. One moment: what is read inside is of one transaction."""
        with self._using():
            connection = self._opened(make=False)
            if connection is None:
                yield None
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                _roll_back(connection)

    @contextmanager
    def _using(self) -> Iterator[None]:
        """What SQLite fails with may be the connection's own, so the next call has another one."""
        with self._turn, translated(self._path):
            try:
                yield
            except sqlite3.Error:
                self.close()
                raise

    def _opened(self, *, make: bool) -> sqlite3.Connection | None:
        if self._connection is not None and file_of(self._path) != self._file:
            self.close()
        if self._connection is None and (make or self._path.exists()):
            self._connection = open_records(self._path)
            self._file = file_of(self._path)
            self._written_builds.clear()
        return self._connection


def file_of(path: Path) -> _File | None:
    """Which file it is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Whoever serves goes on without records, whatever is wrong with them, so all of it is one error."""
    with failures.translated(path):
        try:
            yield
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"the records in {path} can't be read",
                hint="it holds no configuration: remove it, and it is made again; what budgets spent is forgotten then",
            ) from error


def open_records(path: Path) -> sqlite3.Connection:
    """The records' file, made where there is none. Raises StoreError, or sqlite3's own errors.

    Where nothing can be written, it is opened to be read.
    """
    try:
        files.create_private(path)
    except OSError as error:
        raise StoreError(f"the records' file {path} can't be made: {error.strerror}") from error
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=failures.BUSY_SECONDS, check_same_thread=False
    )
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if not failures.is_not_writable(error):
            raise
        return _open_to_read(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _open_to_read(path: Path) -> sqlite3.Connection:
    connection = files.connect_readonly(path)
    try:
        files.schema_of(connection, path, application_id=_APPLICATION_ID, known=SCHEMA_VERSION)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    found = files.schema_of(connection, path, application_id=_APPLICATION_ID, known=SCHEMA_VERSION)
    files.use_write_ahead_log(connection, path)
    connection.execute("PRAGMA synchronous=NORMAL")
    if found < SCHEMA_VERSION:  # it only ever gains tables
        connection.executescript(_SCHEMA)


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _workers(connection: sqlite3.Connection, *, counted: bool) -> tuple[WorkerRow, ...]:
    builds: dict[str, dict[str, int]] = {}
    for provider, instance, revision in connection.execute("SELECT provider, instance, revision FROM built"):
        builds.setdefault(instance, {})[provider] = revision
    counters = "counters" if counted else "'{}'"
    rows = connection.execute(
        f"SELECT instance, pid, started, heartbeat, revision, refused, {counters} FROM worker ORDER BY started, instance"  # noqa: S608  one of two constants
    )
    return tuple(
        WorkerRow(
            instance,
            pid,
            started,
            heartbeat,
            revision,
            tuple((key, each.reason) for key, each in told),
            json.loads(counters),
            builds.get(instance, {}),
            {key: each.cause for key, each in told if each.cause},
        )
        for instance, pid, started, heartbeat, revision, refused, counters in rows
        for told in [_refused(refused)]
    )


def _refused(text: str) -> list[tuple[str, Refused]]:
    return [(key, Refused(*told)) for key, *told in json.loads(text)]


def _note_transitions(connection: sqlite3.Connection, row: WorkerRow) -> None:
    """How `row` differs from the one that it replaces. The last word of a worker, without a time, tells no news."""
    if not row.heartbeat:
        return
    old = connection.execute(
        "SELECT revision, refused FROM worker WHERE instance = ?", (row.instance,)
    ).fetchone()
    before = Acknowledged(old[0], dict(_refused(old[1]))) if old is not None else None
    refused = {key: Refused(reason, row.causes.get(key, "")) for key, reason in row.refused}
    now = Acknowledged(row.revision, refused)
    transitions.note(connection, transitions.between(before, now, observer=row.instance, time=row.heartbeat))


def _keep_builds(connection: sqlite3.Connection, instance: tuple[str]) -> None:
    connection.execute(
        "INSERT INTO built SELECT provider, ?, revision FROM built WHERE instance = ?"
        " ON CONFLICT (provider, instance) DO UPDATE SET revision = max(revision, excluded.revision)",
        (_SUM, *instance),
    )
    connection.execute("DELETE FROM built WHERE instance = ?", instance)


def _add_up_oldest(connection: sqlite3.Connection) -> None:
    old = connection.execute(
        "SELECT instance, heartbeat, counters FROM retired WHERE instance <> ? ORDER BY heartbeat DESC LIMIT -1 OFFSET ?",
        (_SUM, _KEPT_APART),
    ).fetchall()
    if not old:
        return
    added = connection.execute("SELECT counters FROM retired WHERE instance = ?", (_SUM,)).fetchall()
    together = total(json.loads(text) for text in [*(row[0] for row in added), *(row[2] for row in old)])
    connection.execute("INSERT OR REPLACE INTO retired VALUES (?, 0, ?)", (_SUM, json.dumps(together)))
    connection.executemany("DELETE FROM retired WHERE instance = ?", [(row[0],) for row in old])
