"""The read half, through the standard library's sqlite3.

Importing SQLModel takes longer than a whole `get`, so this module never does, nor anything that does.
A read neither waits for a writer nor makes one wait: in WAL mode each sees the last commit before it began.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, TypeAlias

from reconciler.errors import NotFound, StoreError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store import failures, files
from reconciler.store.checksums import UNSIGNED
from reconciler.store.codec import STORED_COLUMNS, Decoder
from reconciler.store.records import Event, Hold, Revision, Sought, UnsignedRow, VaultEntry, VersionRecord

_SELECT = f"SELECT {STORED_COLUMNS} FROM version "  # noqa: S608  made of constants
_PAST = (
    # As `version`, with the ownership that stood at :at. What stands now needs no look at the past.
    "(SELECT v.kind, v.namespace, v.name, v.uid, v.generation, v.resource_version, v.created, v.valid_from, v.valid_to,"
    " v.body, iif(o.until IS NULL, v.managed_fields, o.managed_fields) AS managed_fields,"
    " iif(o.until IS NULL, v.source, o.source) AS source, iif(o.until IS NULL, v.path, o.path) AS path"
    " FROM version v LEFT JOIN ownership o ON o.resource_version = v.resource_version AND o.until ="
    " (SELECT min(until) FROM ownership WHERE resource_version = v.resource_version AND until > :at)) AS version "
)
_SELECT_PAST = f"SELECT {STORED_COLUMNS} FROM {_PAST}"  # noqa: S608  made of constants
_ORDER = " ORDER BY kind, namespace, name"
_REVISION = (
    'SELECT number, parent, time, actor, source, "commit", dirty, message, operation, digest FROM revision '
)
_SOUGHT = (
    _REVISION + "WHERE (:author IS NULL OR actor = :author) AND (:source IS NULL OR source = :source)"  # noqa: S608  constants
    " AND (:operation IS NULL OR operation = :operation) AND (:since IS NULL OR time >= :since)"
    " AND (:namespace IS NULL AND NOT json_array_length(:keys) OR number IN (SELECT revision FROM event"
    " WHERE (:namespace IS NULL OR namespace = :namespace) AND (NOT json_array_length(:keys)"
    " OR json_array(kind, namespace, name) IN (SELECT value FROM json_each(:keys)))))"
    " ORDER BY number DESC LIMIT :limit"
)
_LOGGED = (
    "SELECT resource_version, revision, type, kind, namespace, name, digest_before, digest_after FROM event"
    " WHERE resource_version > :after AND (:namespace IS NULL OR namespace = :namespace)"
    " AND (:since IS NULL OR revision IN (SELECT number FROM revision WHERE time >= :since))"
    " AND (NOT json_array_length(:keys) OR json_array(kind, namespace, name) IN (SELECT value FROM json_each(:keys)))"
    " ORDER BY resource_version DESC LIMIT :limit"
)
_TYPES = {"INTEGER": "integer", "BOOLEAN": "integer", "VARCHAR": "text", "BLOB": "blob"}
_OPEN_AT = "valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)"
_FORWARD = "valid_from > :since AND " + _OPEN_AT
_BACKWARD = "valid_from <= :at AND valid_to > :at AND valid_to <= :since"
_CHANGED_SINCE = (
    # Events outlive compaction, versions don't. With one min() SQLite takes the other columns from its row.
    "SELECT kind, namespace, name, digest_before, min(resource_version) FROM event"
    " WHERE revision > :since AND revision <= :at GROUP BY kind, namespace, name"
)
_GONE_BACKWARD = (
    "SELECT kind, namespace, name FROM version"
    " WHERE valid_from > :at AND valid_from <= :since AND (valid_to IS NULL OR valid_to > :since)"
)

_CACHE_KIB = 256
"""Pages that SQLite keeps. Its own 2 MiB would be half of what a worker holds of 1,000 resources, and nothing is faster for it:
the system has the pages, too.
"""

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
                self._connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
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
        return self._number("claims")

    def guarded(self) -> bool:
        """Whether a management token was ever made: from then on others than this machine's own user may write."""
        return bool(self._rows("SELECT 1 FROM token LIMIT 1"))

    def compacted(self) -> int:
        """The revision from which on states are whole; what ended before it may have been removed. 0: all is there."""
        return self._number("compacted")

    def head_revision(self) -> Revision | None:
        newest = self.revisions(limit=1)
        return newest[0] if newest else None

    def revision(self, number: int) -> Revision:
        found = self.find_revision(number)
        if found is None:
            raise self._no_revision(number)
        return found

    def find_revision(self, number: int) -> Revision | None:
        rows = self._rows(_REVISION + "WHERE number = :number", {"number": number})
        return _revision(rows[0]) if rows else None

    def revisions(self, limit: int | None = None, before: int | None = None) -> Sequence[Revision]:
        """Newest first; `before` leaves out that number and all above it."""
        query = _REVISION + "WHERE number < coalesce(:before, number + 1) ORDER BY number DESC LIMIT :limit"
        rows = self._rows(query, {"before": before, "limit": -1 if limit is None else limit})
        return tuple(_revision(row) for row in rows)

    def find_revisions(self, sought: Sought, limit: int | None = None) -> Sequence[Revision]:
        """Those that fit, newest first."""
        given = {**asdict(sought), "keys": _keys(sought.keys), "limit": -1 if limit is None else limit}
        return tuple(_revision(row) for row in self._rows(_SOUGHT, given))

    def event_counts(self, revisions: Iterable[int]) -> Mapping[int, Counter[str]]:
        """How many events of each type each of these revisions has."""
        counts: dict[int, Counter[str]] = {number: Counter() for number in revisions}
        rows = self._rows(
            "SELECT revision, type, count(*) FROM event WHERE revision IN (SELECT value FROM json_each(:numbers))"
            " GROUP BY revision, type",
            {"numbers": json.dumps([*counts])},
        )
        for number, kind, count in rows:
            counts[number][kind] = count
        return counts

    def events(self, revision: int | None = None, *, after: int = 0) -> Sequence[Event]:
        """What a revision changed, in the order of its resourceVersions; `revision` None: of all behind `after`."""
        where = "WHERE revision > :after" if revision is None else "WHERE revision = :revision"
        rows = self._rows(
            "SELECT resource_version, revision, type, kind, namespace, name, digest_before, digest_after"  # noqa: S608  constants
            f" FROM event {where} ORDER BY resource_version",
            {"revision": revision, "after": after},
        )
        return tuple(_event(row) for row in rows)

    def logged(
        self, sought: Sought, *, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[Event, Revision]]:
        """The newest events behind the resourceVersion `after`, oldest first, each with its revision.

        Of what is sought, keys, namespace and since count.
        """
        with self.consistent():
            rows = self._rows(
                _LOGGED,
                {
                    "after": after,
                    "namespace": sought.namespace,
                    "since": sought.since,
                    "keys": _keys(sought.keys),
                    "limit": -1 if limit is None else limit,
                },
            )
            found = [_event(row) for row in reversed(rows)]
            query = _REVISION + "WHERE number IN (SELECT value FROM json_each(:numbers))"  # noqa: S608  constants
            numbers = json.dumps(sorted({event.revision for event in found}))
            revisions = {row[0]: _revision(row) for row in self._rows(query, {"numbers": numbers})}
        return tuple((event, revisions[event.revision]) for event in found)

    def versions(self) -> Sequence[VersionRecord]:
        """Every version that compaction left, as the rows stand."""
        rows = self._rows(
            "SELECT resource_version, kind, namespace, name, valid_from, valid_to, digest, body"
            " FROM version ORDER BY resource_version"
        )
        return tuple(
            VersionRecord(number, ResourceKey(*key), start, end, digest, body)
            for number, *key, start, end, digest, body in rows
        )

    def unsigned(self, table: str) -> Sequence[UnsignedRow]:
        """What no revision's digest signs of a table of `checksums.UNSIGNED`, as the rows stand."""
        columns = UNSIGNED[table]
        rows = self._rows(f"SELECT {', '.join(columns)}, checksum FROM {table} ORDER BY rowid")  # noqa: S608  constants
        return tuple(UnsignedRow(dict(zip(columns, row, strict=False)), row[-1]) for row in rows)

    def mistyped(self) -> Sequence[str]:
        """Values that are not of their column's type, each as `table, row, column`. SQLite itself minds none."""
        found: list[str] = []
        for table in (
            "revision",
            "version",
            "event",
            "audit",
            *(name for name in UNSIGNED if name != "version"),
        ):
            columns = self._rows(f"SELECT name, type, \"notnull\" FROM pragma_table_info('{table}')")  # noqa: S608  constants
            for name, declared, required in columns:
                fits = [_TYPES[declared], *([] if required else ["null"])]
                query = f'SELECT rowid FROM {table} WHERE typeof("{name}") NOT IN (SELECT value FROM json_each(:fits))'  # noqa: S608  constants
                rows = self._rows(query, {"fits": json.dumps(fits)})
                found += [f"{table}, row {rowid}, column {name}" for (rowid,) in rows]
        return found

    def state(self) -> State:
        with self.consistent():
            return State(self._stored("valid_to IS NULL"), revision=self.head())

    def state_at(self, number: int) -> State:
        """The state that revision `number` left; 0 is the empty store.

        Raises NotFound for one that is not there, and for one that compaction took apart.
        """
        with self.consistent():
            if number:
                self.revision(number)
            self._require_whole(number)
            return State(self._stored(_OPEN_AT, {"at": number}), revision=number)

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None:
        """The resource as revision `at` left it; `at` None: as it is now. None as well where that was compacted away."""
        valid = "valid_to IS NULL" if at is None else _OPEN_AT
        where = f"kind = :kind AND namespace = :namespace AND name = :name AND {valid}"
        found = self._stored(where, {**key._asdict(), "at": at})
        return found[0] if found else None

    def revisions_of(self, key: ResourceKey) -> Sequence[int]:
        """The revisions that changed a resource, its end included, newest first; as far as compaction left them."""
        of = "FROM version WHERE kind = :kind AND namespace = :namespace AND name = :name"
        query = f"SELECT valid_from AS number {of} UNION SELECT valid_to {of} AND valid_to IS NOT NULL"
        return tuple(row[0] for row in self._rows(query + " ORDER BY number DESC", key._asdict()))

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]:
        """The live resources of a kind, by namespace and name; `namespace` None: of all."""
        where = "valid_to IS NULL AND kind = :kind AND (:namespace IS NULL OR namespace = :namespace)"
        return self._stored(where, {"kind": kind, "namespace": namespace})

    def require_contents(self, number: int) -> None:
        """Raises NotFound where compaction took what a revision changed: its fields before and after."""
        floor = self.compacted()
        if number <= floor:
            raise failures.compacted(number, floor)

    def changes_between(self, a: int, b: int) -> Sequence[tuple[ResourceKey, StoredResource | None]]:
        """What turns state `a` into state `b`, either way round, by key: as it is at `b`, or None where it is gone.

        Raises NotFound where `b` was compacted away; `a` may have been.
        """
        span: Parameters = {"since": a, "at": b}
        with self.consistent():
            self._require_whole(b)
            there = {stored.key: stored for stored in self._stored(_FORWARD if a <= b else _BACKWARD, span)}
            touched = self._rows(_CHANGED_SINCE if a <= b else _GONE_BACKWARD, span)
        was_there = [row for row in touched if a > b or row[3] is not None]
        result: dict[ResourceKey, StoredResource | None] = {ResourceKey(*row[:3]): None for row in was_there}
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

    def vault_entries(self) -> Sequence[VaultEntry]:
        rows = self._rows("SELECT id, place, ciphertext, fingerprint, key_id FROM vault ORDER BY rowid")
        return tuple(VaultEntry(*row) for row in rows)

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

    def holds_sealed(self) -> bool:
        """Whether anything here needs a key: in the vault, or in a version, sealed to a public key."""
        sealed_here = 'SELECT 1 FROM version WHERE instr(body, \'"sealed":"s1-\') LIMIT 1'
        return bool(self.key_ids()) or bool(self._rows(sealed_here))

    def select(self, query: str, parameters: Parameters | None = None) -> Sequence[Row]:
        """For those of the store who read tables of their own."""
        return self._rows(query, parameters)

    def _number(self, fact: str) -> int:
        """0 where it is not there. Raises StoreError for what is no number."""
        rows = self._rows("SELECT value FROM meta WHERE key = :fact", {"fact": fact})
        if rows and not str(rows[0][0]).isdecimal():
            raise StoreError(
                f'the fact "{fact}" of the store is no number',
                hint="what was changed is shown by",
                command="history verify",
            )
        return int(rows[0][0]) if rows else 0

    def _require_whole(self, number: int) -> None:
        floor = self.compacted()
        if 0 < number < floor:
            raise failures.compacted(number, floor)

    def _stored(self, where: str, parameters: Parameters | None = None) -> Sequence[StoredResource]:
        """As they stand; where the parameters name a revision `at`, as they stood when the next one was made."""
        select = _SELECT if (parameters or {}).get("at") is None else _SELECT_PAST
        query = select + "WHERE " + where + _ORDER
        with (
            self._turn,
            failures.translated(self._path),
        ):  # row by row: their texts are larger than what they say
            return tuple(Decoder().stored_resources(self._connection.execute(query, parameters or {})))

    def _rows(self, query: str, parameters: Parameters | None = None) -> Sequence[Row]:
        with self._turn, failures.translated(self._path):
            return self._connection.execute(query, parameters or {}).fetchall()

    def _no_revision(self, number: int) -> NotFound:
        return NotFound(
            f"no revision {number}; the newest is {self.head()}", hint="they are listed by", command="history"
        )


def _keys(keys: Iterable[ResourceKey]) -> str:
    """As a query compares them: a JSON array of each key's own JSON."""
    return json.dumps([json.dumps([*key], separators=(",", ":"), ensure_ascii=False) for key in keys])


def _event(row: Row) -> Event:
    number, of, what, *key, before, after = row
    return Event(number, of, what, ResourceKey(*key), before, after)


def _revision(row: Row) -> Revision:
    number, parent, time, actor, source, commit, dirty, message, operation, digest = row
    return Revision(number, parent, time, actor, source, commit, bool(dirty), message, operation, digest)
