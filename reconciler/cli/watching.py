"""What a watch shows: each committed change once, and a status that became another.

Status is derived, not stored, so it has no event of its own: it is looked at whenever something moved.
"""

from typing import TypeAlias

from reconciler.cli.resource_output import Row
from reconciler.cli.resource_rows import Rows
from reconciler.control.conditions import Condition
from reconciler.control.resource_watch import ResourceWatch
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import EventType

Shown: TypeAlias = list[tuple[EventType, Row]]
_Status: TypeAlias = tuple[tuple[str | int | None, ...], ...]


class Watching:
    """`ready_only`: of their conditions, just the one that a table shows. Without `status` only commits are told."""

    def __init__(self, rows: Rows, changes: ResourceWatch, *, ready_only: bool, status: bool = True) -> None:
        self._rows = rows
        self._changes = changes
        self._ready_only = ready_only
        self._status = status
        self._last: dict[ResourceKey, _Status] = {}
        self._seen: object = None

    def begin(self) -> list[Row]:
        """What is there when the watch begins."""
        return self._noted(self._rows.of(self._changes.known, ready_only=self._ready_only))

    def next(self) -> Shown:
        """What happened since the last call."""
        with self._rows.reader.consistent():
            seen = self._changes.read()
            committed = self._rows.of([each.stored for each in seen], ready_only=self._ready_only)
            shown: Shown = [(each.type, row) for each, row in zip(seen, committed, strict=True)]
            now = self._rows.of(self._changes.known, ready_only=self._ready_only) if self._moved() else None
        if now is None:
            return shown
        told = {row.stored.key for _, row in shown}
        before = dict(self._last)
        self._noted(now)
        shown += [
            ("MODIFIED", row)
            for row in now
            if row.stored.key not in told and self._last[row.stored.key] != before.get(row.stored.key)
        ]
        return shown

    def _moved(self) -> bool:
        """Whether a status can be another by now: each heartbeat moves the records, and most say nothing new."""
        if not self._status:
            return False
        observed = self._rows.observed()
        circuits, probes = observed.health.circuits, observed.health.probes.values()
        told = (
            [
                (each.instance, each.revision, each.refused, each.causes, each.builds)
                for each in observed.workers
            ],
            [(each.instance, each.provider, each.model, each.state, each.fault) for each in circuits],
            [(each.provider, each.healthy, each.fault) for each in probes],
        )
        before, self._seen = self._seen, (self._rows.reader.head(), told)
        return self._seen != before

    def _status_of(self, row: Row) -> _Status:
        shown = _as_cell if self._ready_only else _as_object
        return tuple(shown(condition) for condition in row.conditions)

    def _noted(self, rows: list[Row]) -> list[Row]:
        self._last = {row.stored.key: self._status_of(row) for row in rows}
        return rows


def _as_object(condition: Condition) -> tuple[str | int | None, ...]:
    return (condition.type, condition.status, condition.reason, condition.observed_generation)


def _as_cell(condition: Condition) -> tuple[str | int | None, ...]:
    """What a table shows of it: why not, but not why not yet."""
    why = condition.message if condition.status == "False" else ""
    return (condition.status, why)
