"""The one way that configuration is written: one transaction, one revision, whole or not at all."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from reconciler.clock import Clock, timestamp
from reconciler.resources.resource import ResourceKey
from reconciler.store import codec, failures, files, versioning
from reconciler.store.checksums import with_checksum
from reconciler.store.engine import path_of, translated
from reconciler.store.failpoints import FROM_ENVIRONMENT, Failpoints
from reconciler.store.records import (
    EMPTY_STORE,
    Edit,
    Event,
    Hold,
    Revision,
    RevisionMeta,
    StaleBase,
    VaultEntry,
)
from reconciler.store.tables import (
    EventRow,
    HoldRow,
    MetaRow,
    OwnershipRow,
    RevisionRow,
    VaultRow,
    VersionRow,
    table,
)

_REVISION = table(RevisionRow)
_VERSION = table(VersionRow)
_OWNERSHIP = table(OwnershipRow)
_EVENT = table(EventRow)
_VAULT = table(VaultRow)
_HOLD = table(HoldRow)
_META = table(MetaRow)

_LAST_NUMBER = "resource_version"
_CLAIMS = "claims"
_HOLDS = "holds"
_DISOWNED = "ownership"
_FEW = 300
"""Up to this many edits are looked up by key; for more, reading all that is live is as quick."""


class Writer:
    """Owned by one thread at a time. Every method is one transaction, and waits up to 30 s for its turn."""

    def __init__(self, engine: Engine, clock: Clock, *, failpoints: Failpoints = FROM_ENVIRONMENT) -> None:
        self._engine = engine
        self._path = path_of(engine)
        self._clock = clock
        self._reach = failpoints.reach

    def commit(
        self,
        edits: Sequence[Edit],
        *,
        base: int,
        meta: RevisionMeta,
        seals: Sequence[VaultEntry] = (),
        holds: Sequence[Hold] = (),
        releases: Collection[tuple[ResourceKey, str]] = (),
    ) -> Revision:
        """Writes all of it, and returns the new head.

        `base` is the head that the edits were planned against; raises StaleBase when it no longer is. Edits that
        change no content take no number; when none does, no revision is made and the head is returned as it is, while
        ownership, seals, holds and releases (resource and source of a hold) are written all the same.
        Raises StoreError, and then nothing was written; ValueError for two edits of one resource.
        """
        self._reach("before-begin")
        with self._transaction(base) as connection:
            self._reach("after-begin")
            head = _head(connection)
            if head.number != base:
                raise StaleBase(base=base, head=head.number)
            revision = self._write_revision(connection, edits, head, meta)
            _insert(connection, _VAULT, [with_checksum("vault", asdict(entry)) for entry in seals])
            _check_seals(connection, revision.number, base)
            self._reach("after-seals")
            _write_holds(connection, [_placed(hold, revision.number) for hold in holds], releases)
            self._reach("before-commit")
        self._reach("after-commit")
        return revision

    def release_holds(
        self, *, source: str | None = None, keys: Collection[ResourceKey] | None = None
    ) -> tuple[Hold, ...]:
        """Lets go of the holds against `source` on `keys` (None: all), and returns them. Makes no revision."""
        with self._transaction(None) as connection:
            rows = connection.execute(select(_HOLD)).mappings()
            holds = [_hold(row) for row in rows]
            released = [
                hold
                for hold in holds
                if (source is None or hold.source == source) and (keys is None or hold.key in keys)
            ]
            _write_holds(connection, [], [(hold.key, hold.source) for hold in released])
        return tuple(released)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self, base: int | None) -> Iterator[Connection]:
        with translated(self._path):
            try:
                with self._engine.begin() as connection:
                    self._check_schema(connection)
                    yield connection
            except IntegrityError as error:
                # The second of two guards: where transactions let two writers through, UNIQUE stops the later one.
                if base is not None and "revision." in str(error.orig):
                    raise StaleBase(base=base, head=None) from error
                raise

    def _check_schema(self, connection: Connection) -> None:
        """A newer routerctl may have migrated the store since it was opened."""
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if version > files.SCHEMA_VERSION:
            raise failures.newer_schema(self._path, version, files.SCHEMA_VERSION)

    def _write_revision(
        self, connection: Connection, edits: Sequence[Edit], head: Revision, meta: RevisionMeta
    ) -> Revision:
        time = timestamp(self._clock.now())
        versions = versioning.count(
            edits,
            _live(connection, edits),
            revision=head.number + 1,
            last_resource_version=_last_number(connection),
            time=time,
        )
        revision = head
        if versions.events:
            revision = _revision(head, meta, time, versions.events)
            _insert(connection, _REVISION, [asdict(revision)])
        if versions.claims:
            _write_claims(connection, versions)
        if not versions.events:
            return head
        self._reach("after-revision")
        if versions.closed:
            close = update(_VERSION).where(_VERSION.c.resource_version == bindparam("closed"))
            connection.execute(
                close.values(valid_to=revision.number), [{"closed": each} for each in versions.closed]
            )
        _insert(connection, _VERSION, versions.opened)
        self._reach("after-versions")
        _insert(connection, _EVENT, [_event_row(event) for event in versions.events])
        _put_meta(connection, _LAST_NUMBER, versions.events[-1].resource_version)
        self._reach("after-events")
        return revision


def _check_seals(connection: Connection, revision: int, base: int) -> None:
    """A compaction moves no head, and may have removed a sealed value that a revision was planned with."""
    if revision == base:
        return
    columns = _VERSION.c
    query = select(columns.body).where(columns.valid_from == revision, columns.body.contains('"sealed":"v-'))
    named = {name for body in connection.scalars(query) for name in codec.named_seals(body)}
    if not named:
        return
    listed = func.json_each(json.dumps(sorted(named))).table_valued("value")
    there = connection.scalars(select(_VAULT.c.id).where(_VAULT.c.id.in_(select(listed.c.value))))
    if named.difference(there):
        raise StaleBase(base=base, head=None)


def _head(connection: Connection) -> Revision:
    row = (
        connection.execute(select(_REVISION).order_by(_REVISION.c.number.desc()).limit(1)).mappings().first()
    )
    return EMPTY_STORE if row is None else Revision(**{**row, "dirty": bool(row["dirty"])})


def _last_number(connection: Connection) -> int:
    return _meta(connection, _LAST_NUMBER)


def _write_claims(connection: Connection, versions: versioning.Versions) -> None:
    """Followers that wait for a revision hear of claims by their number."""
    if versions.disowned:
        # Of two claims within one revision's term, what stood before the first counts.
        first = sqlite.insert(_OWNERSHIP).on_conflict_do_nothing()
        connection.execute(first, versions.disowned)
        count = connection.execute(select(func.count()).select_from(_OWNERSHIP)).scalar_one()
        _put_meta(connection, _DISOWNED, count)
    claim = update(_VERSION).where(_VERSION.c.resource_version == bindparam("claimed"))
    connection.execute(claim, versions.claims)
    _put_meta(connection, _CLAIMS, _meta(connection, _CLAIMS) + 1)


def _meta(connection: Connection, key: str) -> int:
    """0 where it is not there."""
    return int(connection.execute(select(_META.c.value).where(_META.c.key == key)).scalar() or 0)


def _put_meta(connection: Connection, key: str, value: int) -> None:
    row = with_checksum("meta", {"key": key, "value": str(value)})
    if connection.execute(update(_META).where(_META.c.key == key).values(row)).rowcount == 0:
        connection.execute(insert(_META), row)


def _live(connection: Connection, edits: Sequence[Edit]) -> dict[ResourceKey, versioning.LiveVersion]:
    columns = _VERSION.c
    wanted = (
        columns.resource_version,
        columns.valid_from,
        columns.uid,
        columns.generation,
        columns.created,
        columns.managed_fields,
        columns.source,
        columns.path,
        columns.digest,
        columns.body,
    )
    key = (columns.kind, columns.namespace, columns.name)
    query = select(*key, *wanted).where(columns.valid_to.is_(None))
    if len(edits) <= _FEW:
        query = query.where(tuple_(*key).in_([tuple(edit.key) for edit in edits]))
    return {
        ResourceKey(kind, namespace, name): versioning.LiveVersion(*live)
        for kind, namespace, name, *live in connection.execute(query)
    }


def _revision(head: Revision, meta: RevisionMeta, time: str, events: Sequence[Event]) -> Revision:
    fields = asdict(meta)
    unsigned = Revision(number=head.number + 1, parent=head.number, time=time, digest="", **fields)
    return replace(unsigned, digest=codec.revision_digest(unsigned, head.digest or None, events))


def _event_row(event: Event) -> dict[str, object]:
    return {
        "resource_version": event.resource_version,
        "revision": event.revision,
        "type": event.type,
        **event.key._asdict(),
        "digest_before": event.digest_before,
        "digest_after": event.digest_after,
    }


def _placed(hold: Hold, revision: int) -> Hold:
    return hold if hold.revision else replace(hold, revision=revision)


def _write_holds(
    connection: Connection, holds: Sequence[Hold], releases: Collection[tuple[ResourceKey, str]]
) -> None:
    """A hold replaces the one that is there."""
    gone = [*releases, *((hold.key, hold.source) for hold in holds)]
    if gone:
        columns = _HOLD.c
        one = delete(_HOLD).where(
            columns.kind == bindparam("a"),
            columns.namespace == bindparam("b"),
            columns.name == bindparam("c"),
            columns.source == bindparam("d"),
        )
        connection.execute(one, [dict(zip("abcd", (*key, source), strict=True)) for key, source in gone])
    rows = [
        {**hold.key._asdict(), "source": hold.source, "declared": hold.declared, "revision": hold.revision}
        for hold in holds
    ]
    _insert(connection, _HOLD, [with_checksum("hold", row) for row in rows])
    if gone:
        count = connection.execute(select(func.count()).select_from(_HOLD)).scalar_one()
        _put_meta(connection, _HOLDS, count)


def _hold(row: RowMapping) -> Hold:
    key = ResourceKey(row["kind"], row["namespace"], row["name"])
    return Hold(key, row["source"], row["declared"], row["revision"])


def _insert(connection: Connection, target: Table, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(target), rows)
