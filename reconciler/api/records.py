"""What commands read of a store, as protocols: its own reader fits them, and so does a server that is asked.

Each method that `api.questions` names travels as it is declared here: by its name, its arguments and its answer.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from reconciler.control.observed import Observed
from reconciler.control.serving import Serving
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.health import HealthRows
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage
from reconciler.store.notices import Notice
from reconciler.store.observations import LIVE_SECONDS, WorkerRow
from reconciler.store.records import Event, Hold, Revision, Sought, VaultEntry
from reconciler.store.source_status import SourceStatus
from reconciler.store.transitions import Transition


class Records(Protocol):
    """The configuration and its history; `store.reader.Reader` says what each method means."""

    def consistent(self) -> AbstractContextManager[None]:
        """All that is read inside is of one moment."""
        ...

    def head(self) -> int: ...

    def head_revision(self) -> Revision | None: ...

    def claims(self) -> int: ...

    def compacted(self) -> int: ...

    def guarded(self) -> bool: ...

    def revision(self, number: int) -> Revision: ...

    def find_revision(self, number: int) -> Revision | None: ...

    def find_revisions(self, sought: Sought, limit: int | None = None) -> Sequence[Revision]: ...

    def event_counts(self, revisions: Collection[int]) -> Mapping[int, Mapping[str, int]]: ...

    def events(self, revision: int | None = None, *, after: int = 0) -> Sequence[Event]: ...

    def logged(
        self, sought: Sought, *, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[Event, Revision]]: ...

    def state(self) -> State: ...

    def state_at(self, number: int) -> State: ...

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None: ...

    def revisions_of(self, key: ResourceKey) -> Sequence[int]: ...

    def list(self, kind: str, namespace: str | None = None) -> Sequence[StoredResource]: ...

    def require_contents(self, number: int) -> None: ...

    def sources(self) -> frozenset[str]: ...

    def holds(self) -> Sequence[Hold]: ...

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        """Of a server: what people are shown of it, its id and the beginning of its fingerprint."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What the workers of a store say at one moment, by the clock of the machine that they run on.

    `store` is its URL there. `workers` are all that were not forgotten, `log` what changed, oldest first,
    `notices` what is wrong with whoever serves, by its own word.
    """

    store: str
    now: float
    workers: tuple[WorkerRow, ...]
    log: tuple[Transition, ...]
    health: HealthRows
    notices: tuple[Notice, ...] = ()

    @property
    def live(self) -> tuple[WorkerRow, ...]:
        return tuple(worker for worker in self.workers if worker.heartbeat >= self.now - LIVE_SECONDS)

    def observed(self) -> Observed:
        """By resource."""
        return Observed(Serving(self.live), self.log, self.health, self.now)


class Spending(Protocol):
    """How far limits are used, over all workers."""

    def usage(self, counters: Sequence[Counter]) -> Mapping[str, Usage]:
        """At this moment, by the keys of the counters."""
        ...

    def counted_since(self) -> float | None: ...


class Observing(Spending, Protocol):
    """What is observed of those who serve a store."""

    def seen(self, after: int = 0) -> Seen:
        """Of the log, what is behind the place `after`."""
        ...

    def source_statuses(self) -> Sequence[SourceStatus]: ...
