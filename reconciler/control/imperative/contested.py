"""What a change by hand would take from the files of a source: such a change is drift from then on, until somebody agrees."""

from collections.abc import Iterable

from reconciler.control.apply import FieldConflicts
from reconciler.control.ownership.apply import FieldConflict, conflict_at
from reconciler.control.ownership.field_set import from_fields_v1
from reconciler.control.ownership.value import compare
from reconciler.control.plan.model import Change, ResourceConflict, content_of
from reconciler.resources.scheme import structure_of_kind


def contested(changes: Iterable[Change], manager: str) -> tuple[ResourceConflict, ...]:
    """The fields that sources declare, other than as `manager`, and that the changes would give another value, or remove."""
    found = ((change, _fields(change, manager)) for change in changes)
    return tuple(ResourceConflict(change.key, fields) for change, fields in found if fields)


def require_uncontested(changes: Iterable[Change], manager: str, *, hint: str) -> None:
    """Raises FieldConflicts."""
    found = contested(changes, manager)
    if found:
        raise FieldConflicts(found, hint=hint)


def _fields(change: Change, manager: str) -> tuple[FieldConflict, ...]:
    before = change.before
    if before is None:
        return ()
    structure = structure_of_kind(change.key.kind)
    live = content_of(before.resource)
    wanted = content_of(change.after) if change.after is not None else {}
    difference = compare(live, wanted, structure)
    changed = difference.modified | difference.removed
    others = [
        entry for entry in before.managed_fields if entry.source is not None and entry.manager != manager
    ]
    return tuple(
        conflict_at(path, entry, live, wanted, structure)
        for entry in others
        for path in sorted(from_fields_v1(entry.fields) & changed)
    )
