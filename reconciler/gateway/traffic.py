"""From the entries of the outbox to the traffic's file, as the Settings want it. Runs in the courier's thread.

What is lost is counted: where the file can't be written, serving goes on without records.
"""

from collections.abc import Sequence
from typing import Protocol

from reconciler.clock import Clock
from reconciler.errors import StoreError
from reconciler.gateway.counting import Cells
from reconciler.gateway.masking import Masks
from reconciler.gateway.telemetry import Entry
from reconciler.gateway.traffic_columns import Columnist, Fields
from reconciler.gateway.traffic_costs import Costs
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.recording import Recording
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import Columns

COMMIT_SECONDS = 0.125
"""A piece that comes sooner is held: to write each by itself would cost as much as to make it."""
PRUNE_SECONDS = 10.0


class Writer(Protocol):
    """The traffic's file. What is added is held, and written by `commit` or not at all."""

    def add(self, columns: Columns, bodies: Sequence[Bodies]) -> None: ...

    def commit(self) -> None: ...

    def prune(self, before: int, max_bytes: int) -> None: ...

    def join(self, now: int) -> int: ...

    def session_key(self) -> bytes: ...

    def close(self) -> None: ...


class TrafficRecords:
    """A destination of the courier. `published` is called by the event loop's thread, the rest by the courier's."""

    def __init__(self, writer: Writer, instance: str, clock: Clock, written: Cells, failed: Cells) -> None:
        self._writer = writer
        self._clock = clock
        self._written = written
        self._failed = failed
        self._costs = Costs()
        self._columnist = Columnist(instance, self._costs, writer.session_key)
        self._masks = Masks(())
        self._masked: Snapshot | None = None
        self._taken = clock.monotonic()
        self._held = 0
        self._failure = ""
        self._committed: float | None = None
        self._pruned: float | None = None

    def published(self, snapshot: Snapshot) -> None:
        """For the registry: a snapshot came into force."""
        self._costs.published(snapshot)

    def take(self, entries: Sequence[Fields]) -> None:
        """Raises StoreError where they are lost, or will be: from when it failed until it succeeds again."""
        newest = self._costs.newest
        wanted = newest.recording if newest is not None else Recording()
        now = self._clock.monotonic()
        self._columnist.passed(now - self._taken)
        self._taken = now
        if entries and wanted.requests:
            bodies = self._bodies(entries, newest) if wanted.body_bytes else ()
            self._add(entries, bodies)
        elif not wanted.requests:
            self._failure = ""
        if self._committed is None or now - self._committed >= COMMIT_SECONDS:
            self._committed = now
            self._commit()
        self._keep_in_order(wanted, now)
        if self._failure:
            raise StoreError(self._failure)

    def close(self) -> None:
        """Raises StoreError where what was held is lost."""
        try:
            self._commit()
        finally:
            self._writer.close()

    def _add(self, entries: Sequence[Fields], bodies: Sequence[Bodies]) -> None:
        try:
            self._writer.add(self._columnist.columns(entries), bodies)
        except StoreError as error:  # the file has the key by which sessions get their names
            self._failed[0] += len(entries)
            self._failure = error.message
        else:
            self._held += len(entries)

    def _commit(self) -> None:
        held, self._held = self._held, 0
        if not held:
            return
        try:
            self._writer.commit()
        except StoreError as error:
            self._failed[0] += held
            self._failure = error.message
            raise
        self._written[0] += held
        self._failure = ""

    def _keep_in_order(self, wanted: Recording, now: float) -> None:
        if self._pruned is not None and now - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = now
        moment = int(self._clock.now().timestamp() * 1000)
        self._writer.prune(moment - wanted.retention, wanted.max_bytes)
        self._writer.join(moment)

    def _bodies(self, entries: Sequence[Fields], newest: Snapshot | None) -> Sequence[Bodies]:
        if newest is not None and newest is not self._masked:
            self._masks, self._masked = Masks.of(self._costs.remembered), newest
        mask = self._masks.masked
        return [
            Bodies(
                entry.request_id,
                int((entry.ended - entry.outcome.seconds) * 1000),
                mask(tape.request),
                tape.request_bytes,
                mask(bytes(tape.answered)),
                tape.answer_bytes,
            )
            for entry in map(Entry._make, entries)
            if (tape := entry.tape) is not None and (tape.request or tape.answered)
        ]
