"""The frozen values that go into and come out of the store, and the one refusal that callers act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from reconciler.errors import Conflict, StoreError
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource

EventType = Literal["ADDED", "MODIFIED", "DELETED"]


class Edit(Protocol):
    """What the writer needs of a change: the whole new value of one resource. `after` None deletes it.

    `before` is what it was planned from. Claims of ownership move no head, so the writer compares them itself.
    """

    @property
    def key(self) -> ResourceKey: ...
    @property
    def before(self) -> StoredResource | None: ...
    @property
    def after(self) -> Resource | None: ...
    @property
    def managed_fields(self) -> tuple[FieldManager, ...]: ...
    @property
    def source(self) -> str | None: ...
    @property
    def path(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class RevisionMeta:
    """Who makes a revision, and why. `commit` and `dirty` are those of the source's git checkout.

    `manager` is in the audit alone: the revision's changes say themselves who manages them.
    """

    actor: str
    operation: str
    source: str | None = None
    commit: str | None = None
    dirty: bool = False
    message: str = ""
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One committed point of the linear history. `parent` is `number - 1`; 0 is the empty store."""

    number: int
    parent: int
    time: str
    actor: str
    source: str | None
    commit: str | None
    dirty: bool
    message: str
    operation: str
    digest: str


EMPTY_STORE = Revision(
    number=0,
    parent=0,
    time="",
    actor="",
    source=None,
    commit=None,
    dirty=False,
    message="",
    operation="",
    digest="",
)
"""What a commit without edits returns where no revision exists yet."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which revisions are meant: those that fit every field that is given.

    `keys`: that changed one of these; `namespace`: that changed something in it; `since`: a timestamp, itself included;
    `operation`: that came about so.
    """

    keys: tuple[ResourceKey, ...] = ()
    namespace: str | None = None
    author: str | None = None
    source: str | None = None
    since: str | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One changed resource of one revision. The digests are of content (`codec.digest`); None: it was not there."""

    resource_version: int
    revision: int
    type: EventType
    key: ResourceKey
    digest_before: str | None
    digest_after: str | None


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A row of the version table as it stands, body unread: what the verification checks against the events."""

    resource_version: int
    key: ResourceKey
    valid_from: int
    valid_to: int | None
    digest: str
    body: str


@dataclass(frozen=True, slots=True)
class UnsignedRow:
    """The columns of a row that no revision's digest signs, by name, and the checksum that the row bears instead."""

    values: Mapping[str, str | bytes | int | None]
    checksum: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is not what was committed. `key` is None where it is the revision itself.

    `revision` is 0 where the row belongs to none: a hold, a sealed value, a fact of the store.
    """

    revision: int
    key: ResourceKey | None
    message: str

    def __str__(self) -> str:
        places = [f"revision {self.revision}"] if self.revision else []
        if self.key is not None:
            places.append(str(self.key))
        return f"{', '.join(places) or 'the store'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Hold:
    """A rollback holds `key` against `source`, as long as that declares what it `declared` then (None: nothing).

    `revision` is the one that put the hold; 0 in a Hold given to the writer, which fills it in.
    """

    key: ResourceKey
    source: str
    declared: str | None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """Secret material under its immutable id (`v-...`). `place` is namespace/kind/name/field, which the token opens at."""

    id: str
    place: str
    ciphertext: bytes
    fingerprint: str
    key_id: str


class StaleBase(Conflict):
    """The state moved since `base` was read: plan again from `head`, or refuse."""

    def __init__(self, *, base: int, head: int | None) -> None:
        now = "has moved" if head is None else f"is now at revision {head}"
        super().__init__(
            f"the store {now}; this was planned against revision {base}",
            hint="run the command again to plan against what is stored now",
        )
        self.base = base
        self.head = head


class StoreMissing(StoreError):
    """There is no store yet. Who only compares may take it as empty."""
