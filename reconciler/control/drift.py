"""Drift: fields that somebody else changed behind a source's back. Who did it, when, and why, from the record.

A field drifts where this source declares another value than the live one, or none where somebody who is no source
set one, and the last to change it was a revision that the source did not make, of a resource that the source declared
by then. What stood before the source came is a matter between managers, and no drift. A resource that somebody else
deleted drifts as a whole.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.control.ownership.field_set import Path, field_set, from_fields_v1
from reconciler.control.ownership.value import SEALED, shown_at
from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Action, Change, FieldChange, Plan, content_of
from reconciler.json_types import JsonValue
from reconciler.resources.resource import (
    FieldManager,
    Resource,
    ResourceKey,
    StoredResource,
    local_manager,
    source_manager,
)
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.state import State
from reconciler.store.records import Revision

FINALIZERS: Path = (("f", "metadata"), ("f", "finalizers"))
"""Everybody adds their own and takes it away again: that is no drift."""
_FARTHEST = 100
"""Versions of one resource that are looked at: who changed a field before them stays unnamed."""


class Record(Protocol):
    """What is read of the store's history."""

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None: ...

    def revisions_of(self, key: ResourceKey) -> Sequence[int]: ...

    def revision(self, number: int) -> Revision: ...


@dataclass(frozen=True, slots=True)
class Drift:
    """`field` is None where the whole resource was deleted. No secret is among the values.

    `manager` is who owns the field now, or would: nobody owns what is not there.
    """

    key: ResourceKey
    field: str | None
    declared: JsonValue
    live: JsonValue
    secret: bool
    manager: str
    revision: Revision


@dataclass(slots=True)
class Drifts:
    """Of one source: `managers` are its names as a field manager, the one before a renaming included."""

    managers: Collection[str]
    record: Record
    _revisions: dict[int, Revision] = field(default_factory=dict)

    def of_plan(self, plan: Plan) -> tuple[Drift, ...]:
        """Looks at what the plan would change back, and at what it can't for a conflict."""
        found = [drift for change in plan.changes for drift in self._of_change(change)]
        for conflict in plan.conflicts:
            wanted = [FieldChange(item.field, item.old, item.wanted, item.secret) for item in conflict.fields]
            found += self._of_fields(conflict.key, wanted)
        return tuple(sorted(found, key=_place))

    def beside(self, declared: Iterable[Resource], state: State) -> tuple[Drift, ...]:
        """Looks at what the source does not declare of its resources, and people set by hand: no apply changes it."""
        found: list[Drift] = []
        for resource in declared:
            stored = state.get(resource.key)
            if stored is None or stored.resource.terminating:
                continue
            if any(self._is_foreign(entry) for entry in stored.managed_fields):
                found += self._of_fields(resource.key, list(self._set_by_hand(stored, resource)))
        return tuple(sorted(found, key=_place))

    def _is_foreign(self, entry: FieldManager) -> bool:
        return entry.source is None and entry.manager not in self.managers

    def _set_by_hand(self, stored: StoredResource, declared: Resource) -> Iterator[FieldChange]:
        structure, content = structure_of_kind(stored.key.kind), content_of(stored.resource)
        mine = _names(field_set(content_of(declared), structure))
        foreign = (entry for entry in stored.managed_fields if self._is_foreign(entry))
        theirs = _named(path for entry in foreign for path in from_fields_v1(entry.fields))
        for name in sorted(theirs.keys() - mine):
            if any(other.startswith(f"{name}.") for other in theirs):
                continue  # a map that is told by its entries
            shown = shown_at(theirs[name], content, structure)
            yield FieldChange(name, shown, None, shown == SEALED)

    def _of_change(self, change: Change) -> Iterator[Drift]:
        if change.action is Action.CREATE:
            yield from self._deleted(change.key)
        elif change.action is Action.UPDATE and change.before is not None:
            mine = self._owned(change.before.managed_fields)
            wanted = [
                item
                for item in field_changes(change)
                if item.new is not None and not item.default and item.field not in mine
            ]
            yield from self._of_fields(change.key, wanted)

    def _deleted(self, key: ResourceKey) -> Iterator[Drift]:
        numbers = self.record.revisions_of(key)
        if not numbers:
            return
        number, last = self._lasted(key, numbers)
        if self._own(number):
            return
        if last is not None and self._owned(last.managed_fields):
            revision = self._revision(number)
            yield Drift(key, None, None, None, secret=False, manager=_maker(revision), revision=revision)

    def _lasted(self, key: ResourceKey, numbers: Sequence[int]) -> tuple[int, StoredResource | None]:
        """The revision that deleted a resource, or marked it where it had finalizers, and how it was until then."""
        for number in numbers:
            last = self.record.get(key, at=number - 1)
            if last is None or not last.resource.terminating:
                return number, last
        return numbers[0], None

    def _of_fields(self, key: ResourceKey, wanted: Sequence[FieldChange]) -> Iterator[Drift]:
        """Walks from version to version back to where each field got its live value."""
        pending = {item.field: item for item in wanted}
        numbers = self.record.revisions_of(key)[:_FARTHEST] if pending else ()
        if all(self._own(number) for number in numbers):
            return
        newer = self.record.get(key)
        for number in numbers:
            if not pending or newer is None:
                return
            older = self.record.get(key, at=number - 1)
            if older is None:
                return
            for name in _changed(older, newer) & pending.keys():
                item = pending.pop(name)
                if not self._own(number) and self._owned(older.managed_fields):
                    revision = self._revision(number)
                    manager = _owner(newer, name) or _maker(revision)
                    yield Drift(key, name, item.new, item.old, item.secret, manager, revision)
            newer = older

    def _own(self, number: int) -> bool:
        """Whether the source itself made the revision."""
        return _maker(self._revision(number)) in self.managers

    def _revision(self, number: int) -> Revision:
        if number not in self._revisions:
            self._revisions[number] = self.record.revision(number)
        return self._revisions[number]

    def _owned(self, entries: Sequence[FieldManager]) -> frozenset[str]:
        return _fields(entry for entry in entries if entry.manager in self.managers)


def _place(drift: Drift) -> tuple[ResourceKey, str]:
    return drift.key, drift.field or ""


def _changed(older: StoredResource, newer: StoredResource) -> frozenset[str]:
    change = Change(Action.UPDATE, newer.key, older, newer.resource, newer.managed_fields)
    return frozenset(item.field for item in field_changes(change))


def _owner(stored: StoredResource, name: str) -> str | None:
    return next((entry.manager for entry in stored.managed_fields if name in _fields([entry])), None)


def _fields(entries: Iterator[FieldManager] | Sequence[FieldManager]) -> frozenset[str]:
    """As FieldChange names them."""
    return frozenset().union(*(_names(from_fields_v1(entry.fields)) for entry in entries))


def _names(paths: Iterable[Path]) -> frozenset[str]:
    return frozenset(_named(paths))


def _named(paths: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Name → what leads there: the name alone doesn't tell, since the keys of a map may hold dots."""
    found = (tuple(name for _, name in path) for path in paths if path[:2] != FINALIZERS)
    return {".".join(names): names for names in found}


def _maker(revision: Revision) -> str:
    return source_manager(revision.source) if revision.source is not None else local_manager(revision.actor)
