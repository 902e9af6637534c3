"""The read half, through the standard library's sqlite3.

Importing SQLModel takes longer than a whole `get`, so this module never does, nor anything that does.
A read neither waits for a writer nor makes one wait: in WAL mode each sees the last commit before it began.
"""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeAlias

from reconciler.errors import NotFound
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store import failures, files
from reconciler.store.codec import STORED_COLUMNS, Decoder
from reconciler.store.records import Event, Hold, Revision, VaultEntry, VersionRecord

_SELECT = f"SELECT {STORED_COLUMNS} FROM version "  # noqa: S608  made of constants
_ORDER = " ORDER BY kind, namespace, name"
_REVISION = (
    'SELECT number, parent, time, actor, source, "commit", dirty, message, operation, digest FROM revision '
)
_OPEN_AT = "valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)"
_FORWARD = "valid_from > :since AND " + _OPEN_AT
_BACKWARD = "valid_from <= :at AND valid_to > :at AND valid_to <= :since"
_GONE_FORWARD = "valid_from <= :since AND valid_to > :since AND valid_to <= :at"
_GONE_BACKWARD = "valid_from > :at AND valid_from <= :since AND (valid_to IS NULL OR valid_to > :since)"

Row: TypeAlias = Any
"""A tuple, whose types are those that the query names."""

Parameters: TypeAlias = Mapping[str, int | str | None]


class Reader:
    """Every method reads one consistent state; `consistent()` spans several. Threads may share it: they take turns.

    Open it in the process that uses it, never before a fork. Raises StoreMissing where there is no store yet, and
    StoreError where it can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.RLock()
        self._depth = 0
        with failures.translated(path):
            self._connection = files.connect_readonly(path)
            try:
                files.require_store(self._connection, path)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        with self._turn:
            self._connection.close()

    @contextmanager
    def consistent(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever is committed meanwhile."""
        with self._turn, failures.translated(self._path):
            if self._depth == 0:
                self._connection.execute("BEGIN")
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if (
                    self._depth == 0 and self._connection.in_transaction
                ):  # some failures have ended it already
                    self._connection.execute("ROLLBACK")

    def head(self) -> int:
        """The number of the newest revision; 0 before the first."""
        return int(self._rows("SELECT coalesce(max(number), 0) FROM revision")[0][0])

    def claims(self) -> int:
        """How often ownership alone was changed; see store/writer."""
        rows = self._rows("SELECT value FROM meta WHERE key = 'claims'")
        return int(rows[0][0]) if rows else 0

    def head_revision(self) -> Revision | None:
        newest = self.revisions(limit=1)
        return newest[0] if newest else None

    def revision(self, number: int) -> Revision:
        rows = self._rows(_REVISION + "WHERE number = :number", {"number": number})
        if not rows:
            raise self._no_revision(number)
        return _revision(rows[0])

    def revisions(self, limit: int | None = None, before: int | None = None) -> Sequence[Revision]:
        """Newest first; `before` leaves out that number and all above it."""
        query = _REVISION + "WHERE number < coalesce(:before, number + 1) ORDER BY number DESC LIMIT :limit"
        rows = self._rows(query, {"before": before, "limit": -1 if limit is None else limit})
        return tuple(_revision(row) for row in rows)

    def events(self, revision: int | None = None) -> Sequence[Event]:
        """What a revision changed, in the order of its resourceVersions; `revision` None: of all."""
        where = "" if revision is None else "WHERE revision = :revision"
        rows = self._rows(
            "SELECT resource_version, revision, type, kind, namespace, name, digest_before, digest_after"  # noqa: S608  constants
            f" FROM event {where} ORDER BY resource_version",
            {"revision": revision},
        )
        return tuple(
            Event(number, of, what, ResourceKey(*key), before, after)
            for number, of, what, *key, before, after in rows
        )

    def versions(self) -> Sequence[VersionRecord]:
        """Every version ever, as the rows stand."""
        rows = self._rows(
            "SELECT resource_version, kind, namespace, name, valid_from, valid_to, digest, body"
            " FROM version ORDER BY resource_version"
        )
        return tuple(
            VersionRecord(number, ResourceKey(*key), start, end, digest, body)
            for number, *key, start, end, digest, body in rows
        )

    def state(self) -> State:
        with self.consistent():
            return State(self._stored("valid_to IS NULL"), revision=self.head())

    def state_at(self, number: int) -> State:
        """The state that revision `number` left; 0 is the empty store. Raises NotFound for one that is not there."""
        with self.consistent():
            if number:
                self.revision(number)
            return State(self._stored(_OPEN_AT, {"at": number}), revision=number)

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None:
        """The resource as revision `at` left it; `at` None: as it is now."""
        valid = "valid_to IS NULL" if at is None else _OPEN_AT
        where = f"kind = :kind AND namespace = :namespace AND name = :name AND {valid}"
        found = self._stored(where, {**key._asdict(), "at": at})
        return found[0] if found else None

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]:
        """The live resources of a kind, by namespace and name; `namespace` None: of all."""
        where = "valid_to IS NULL AND kind = :kind AND (:namespace IS NULL OR namespace = :namespace)"
        return self._stored(where, {"kind": kind, "namespace": namespace})

    def changes_between(self, a: int, b: int) -> Sequence[tuple[ResourceKey, StoredResource | None]]:
        """What turns state `a` into state `b`, either way round, by key: as it is at `b`, or None where it is gone."""
        changed, gone = (_FORWARD, _GONE_FORWARD) if a <= b else (_BACKWARD, _GONE_BACKWARD)
        span: Parameters = {"since": a, "at": b}
        with self.consistent():
            there = {stored.key: stored for stored in self._stored(changed, span)}
            left = self._rows(f"SELECT kind, namespace, name FROM version WHERE {gone}", span)  # noqa: S608  constants
        result: dict[ResourceKey, StoredResource | None] = {ResourceKey(*row): None for row in left}
        result.update(there)
        return sorted(result.items())

    def sources(self) -> frozenset[str]:
        """Every source that ever made a revision or declared a resource."""
        rows = self._rows(
            "SELECT source FROM revision WHERE source IS NOT NULL"
            " UNION SELECT source FROM version WHERE source IS NOT NULL"
        )
        return frozenset(row[0] for row in rows)

    def holds(self) -> Sequence[Hold]:
        rows = self._rows(
            "SELECT kind, namespace, name, source, declared, revision FROM hold"
            " ORDER BY kind, namespace, name, source"
        )
        return tuple(Hold(ResourceKey(*row[:3]), *row[3:]) for row in rows)

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        query = "SELECT id, place, ciphertext, fingerprint, key_id FROM vault WHERE id = :id"
        rows = self._rows(query, {"id": entry_id})
        return VaultEntry(*rows[0]) if rows else None

    def vault_fingerprints(self, places: Iterable[str]) -> Mapping[tuple[str, str], str]:
        """(place, fingerprint) to the id of the entry that holds this value there already."""
        rows = self._rows(
            "SELECT place, fingerprint, id FROM vault WHERE place IN (SELECT value FROM json_each(:places))"
            " ORDER BY rowid",
            {"places": json.dumps([*places])},
        )
        return {(place, fingerprint): entry_id for place, fingerprint, entry_id in rows}

    def key_ids(self) -> frozenset[str]:
        """The ids of the keys that the store's sealed values need; empty when it holds nothing sealed."""
        return frozenset(row[0] for row in self._rows("SELECT DISTINCT key_id FROM vault"))

    def _stored(self, where: str, parameters: Parameters | None = None) -> Sequence[StoredResource]:
        decode = Decoder().stored_resource
        return tuple(decode(row) for row in self._rows(_SELECT + "WHERE " + where + _ORDER, parameters))

    def _rows(self, query: str, parameters: Parameters | None = None) -> Sequence[Row]:
        with self._turn, failures.translated(self._path):
            return self._connection.execute(query, parameters or {}).fetchall()

    def _no_revision(self, number: int) -> NotFound:
        return NotFound(
            f"no revision {number}; the newest is {self.head()}", hint="`routerctl history` lists them"
        )


def _revision(row: Row) -> Revision:
    number, parent, time, actor, source, commit, dirty, message, operation, digest = row
    return Revision(number, parent, time, actor, source, commit, bool(dirty), message, operation, digest)
