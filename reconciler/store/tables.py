"""The tables of a store. A change here needs a migration (`migrations`) and a larger `files.SCHEMA_VERSION`.

References between resources are no foreign keys: objects that come one at a time may dangle for a while.
"""

from sqlalchemy import DDL, Index, MetaData, Table, event, text
from sqlmodel import Field, SQLModel

from reconciler.store.audit import TRIGGERS
from reconciler.store.views import VIEWS


class StoreTable(SQLModel):
    metadata = MetaData()


_CHECKSUM = {"server_default": ""}
"""As the migration that brought the column wrote it: a store that was migrated equals one that was made."""


class RevisionRow(StoreTable, table=True):
    """`parent` is UNIQUE: two commits on one base can't both land, whatever the database's transactions do."""

    __tablename__ = "revision"

    number: int = Field(primary_key=True)
    parent: int = Field(unique=True)
    time: str
    actor: str
    source: str | None
    commit: str | None
    dirty: bool
    message: str
    operation: str
    digest: str


class VersionRow(StoreTable, table=True):
    """A resource as it was from `valid_from` until before `valid_to`; None: it still is."""

    __tablename__ = "version"
    __table_args__ = (
        Index(
            "one_live_version",
            "kind",
            "namespace",
            "name",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
        ),
        Index("version_key", "kind", "namespace", "name", "valid_from"),
        Index("version_from", "valid_from"),
        Index("version_to", "valid_to"),
    )

    resource_version: int = Field(primary_key=True)
    kind: str
    namespace: str
    name: str
    uid: str
    generation: int
    created: str
    valid_from: int = Field(foreign_key="revision.number")
    valid_to: int | None = Field(foreign_key="revision.number")
    managed_fields: str
    source: str | None
    path: str | None
    digest: str
    body: str
    checksum: str = Field(sa_column_kwargs=_CHECKSUM)


class OwnershipRow(StoreTable, table=True):
    """Whose a version was, and where declared, before revision `until`: ownership may change while a version stands.

    A version without a row for a revision was then what its own row says.
    """

    __tablename__ = "ownership"

    resource_version: int = Field(primary_key=True, foreign_key="version.resource_version")
    until: int = Field(primary_key=True, foreign_key="revision.number")
    managed_fields: str
    source: str | None
    path: str | None
    checksum: str = Field(sa_column_kwargs=_CHECKSUM)


class EventRow(StoreTable, table=True):
    """The watch log. Contiguous within a revision."""

    __tablename__ = "event"
    __table_args__ = (Index("event_revision", "revision"),)

    resource_version: int = Field(primary_key=True)
    revision: int = Field(foreign_key="revision.number")
    type: str
    kind: str
    namespace: str
    name: str
    digest_before: str | None
    digest_after: str | None


class VaultRow(StoreTable, table=True):
    """Ciphertexts. Everything else holds only their ids, so rotating the key rewrites this table alone."""

    __tablename__ = "vault"
    __table_args__ = (Index("vault_place", "place"),)

    id: str = Field(primary_key=True)
    place: str
    ciphertext: bytes
    fingerprint: str
    key_id: str
    checksum: str = Field(sa_column_kwargs=_CHECKSUM)


class HoldRow(StoreTable, table=True):
    """What a rollback holds against a source. No foreign key: also an absence is held."""

    __tablename__ = "hold"

    kind: str = Field(primary_key=True)
    namespace: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    declared: str | None
    revision: int
    checksum: str = Field(sa_column_kwargs=_CHECKSUM)


class MetaRow(StoreTable, table=True):
    """Facts of the store itself, as text.

    `resource_version`: the last one given out, kept here so that none is used twice. `claims`: how often ownership alone
    was changed. `holds`, `ownership`, `tokens`: how many rows there are. `compacted`: the revision up to which ended versions were removed.
    `audit`: the last row of the audit. `audit_since`: the revision behind which each has a row there.
    """

    __tablename__ = "meta"

    key: str = Field(primary_key=True)
    value: str
    checksum: str = Field(sa_column_kwargs=_CHECKSUM)


class TokenRow(StoreTable, table=True):
    """See `tokens`. Revoking one writes a time, and removes nothing."""

    __tablename__ = "token"

    id: str = Field(primary_key=True)
    name: str
    hash: str
    role: str
    managers: str
    namespaces: str | None
    created: str
    created_by: str
    expires: str | None
    revoked: str | None
    checksum: str = Field(sa_column_kwargs=_CHECKSUM)


class AuditTableRow(StoreTable, table=True):
    """See `audit`, which writes it."""

    __tablename__ = "audit"

    number: int = Field(primary_key=True)
    time: str
    principal: str
    address: str
    acting_as: str | None
    manager: str | None
    operation: str
    target: str
    revision: int | None = Field(foreign_key="revision.number")
    outcome: str
    digest: str


for _trigger in TRIGGERS:
    event.listen(StoreTable.metadata.tables["audit"], "after_create", DDL(_trigger))  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types

for _view in VIEWS:
    event.listen(StoreTable.metadata, "after_create", DDL(_view.replace("%", "%%")))  # type: ignore[no-untyped-call]  # as above


def table(row: type[StoreTable]) -> Table:
    return StoreTable.metadata.tables[str(row.__tablename__)]
