"""The one way that configuration is written: one transaction, one revision, whole or not at all."""

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
from reconciler.resources.principal import Principal, local_principal
from reconciler.resources.resource import ResourceKey
from reconciler.store import deeds, versioning
from reconciler.store import seals as vault_seals
from reconciler.store.checksums import with_checksum
from reconciler.store.engine import check_schema, path_of, translated
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
from reconciler.store.tokens import Token

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
_TOKENS = "tokens"
_FEW = 300
"""Up to this many edits are looked up by key; for more, reading all that is live is as quick."""


class Writer:
    """Owned by one thread at a time. Every method is one transaction, and waits up to 30 s for its turn.

    What it writes is written as done by `caller`, in the same transaction (see `audit`).
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        caller: Principal | None = None,
        failpoints: Failpoints = FROM_ENVIRONMENT,
    ) -> None:
        """Without a `caller` it is whoever a revision names as its actor, at this machine."""
        self._engine = engine
        self._caller = caller
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
            if revision.number != base and not vault_seals.all_there(connection, revision.number):
                raise StaleBase(base=base, head=None)
            self._reach("after-seals")
            _write_holds(connection, [_placed(hold, revision.number) for hold in holds], releases)
            if edits or seals or holds or releases:
                made = revision if revision.number != head.number else None
                deed = deeds.of_commit(edits, made, meta)
                deeds.note(connection, self._who(meta.actor), deed, made.time if made else self._time())
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
            if released:
                deed = deeds.of_resume(sorted({hold.source for hold in released}))
                deeds.note(connection, self._who(), deed, self._time())
        return tuple(released)

    def add_token(self, token: Token) -> None:
        """Raises Refused where an active one has the name."""
        with self._transaction(None) as connection:
            _put_meta(connection, _TOKENS, deeds.add_token(connection, token, self._who(), self._time()))

    def revoke_token(self, token: Token) -> None:
        """From now on it is refused. One that was revoked before stays as it was."""
        with self._transaction(None) as connection:
            deeds.revoke_token(connection, token, self._who(), self._time())

    def rewrite_seals(self, entries: Sequence[tuple[VaultEntry, VaultEntry]]) -> int:
        """As seals.rewrite. Makes no revision: no version and no digest holds what changes."""
        with self._transaction(None) as connection:
            written = vault_seals.rewrite(connection, entries)
            deeds.note(connection, self._who(), deeds.of_seals(written), self._time())
            self._reach("after-seals")
        self._reach("after-commit")
        return written

    def close(self) -> None:
        self._engine.dispose()

    def _who(self, actor: str = "unknown") -> Principal:
        return self._caller or local_principal(actor)

    def _time(self) -> str:
        return timestamp(self._clock.now())

    @contextmanager
    def _transaction(self, base: int | None) -> Iterator[Connection]:
        with translated(self._path):
            try:
                with self._engine.begin() as connection:
                    check_schema(connection, self._path)
                    yield connection
            except IntegrityError as error:
                # The second of two guards: where transactions let two writers through, UNIQUE stops the later one.
                if base is not None and "revision." in str(error.orig):
                    raise StaleBase(base=base, head=None) from error
                raise

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
            revision = versioning.revision_of(head, meta, time, versions.events)
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
