"""Whether a kept plan gives fields to nobody but who it is applied as. For plans that come from elsewhere: managedFields decide
where secrets go, so nobody may write another's name into them.
"""

from collections.abc import Iterator, Mapping

from reconciler.control.ownership.apply import BEFORE_FIRST_APPLY
from reconciler.control.ownership.field_set import FieldSet, from_fields_v1
from reconciler.control.ownership.value import compare
from reconciler.control.plan.artefact import Artefact
from reconciler.control.plan.model import Change, content_of
from reconciler.errors import Forbidden
from reconciler.resources.resource import FieldManager, source_manager
from reconciler.resources.scheme import structure_of_kind


def check_managers(artefact: Artefact) -> None:
    """Raises Forbidden, naming the first resource that would be credited to somebody else."""
    for change in artefact.plan.edits:
        fault = next(_faults(change, artefact), None)
        if fault is not None:
            raise Forbidden(f"the plan is applied as {artefact.manager}, and {change.key} {fault}")
    sources = {each.source for each in artefact.holds} | {source for _, source in artefact.plan.releases}
    if foreign := sorted(sources - {artefact.source} - {*artefact.names}):
        raise Forbidden(
            f"the plan is applied as {artefact.manager}, and changes what is held against {foreign[0]}"
        )


def _faults(change: Change, artefact: Artefact) -> Iterator[str]:
    stored = change.before
    if change.source not in (None, artefact.source, stored.source if stored is not None else None):
        yield f"would belong to the source {change.source}"
    former = {source_manager(name) for name in artefact.names}
    before = _fields(stored.managed_fields) if stored is not None else {}
    names = [_identity(each) for each in change.managed_fields]
    if len(set(names)) < len(names):
        yield "names a manager twice"
    new = _new(change)
    for name, held in _fields(change.managed_fields).items():
        manager = name[0]
        if manager == artefact.manager or manager in former:
            continue
        unowned = manager == BEFORE_FIRST_APPLY and not before
        if held & new or not (unowned or held <= before.get(name, frozenset())):
            yield f"has fields that would be managed by {manager}"


def _fields(entries: tuple[FieldManager, ...]) -> Mapping[tuple[str, str, str], FieldSet]:
    return {_identity(each): from_fields_v1(each.fields) for each in entries}


def _new(change: Change) -> FieldSet:
    """The fields that are not what they were: whoever declared them before does so no more."""
    if change.before is None or change.after is None:
        return frozenset()
    was, becomes = content_of(change.before.resource), content_of(change.after)
    difference = compare(was, becomes, structure_of_kind(change.key.kind))
    return frozenset(difference.added | difference.modified)


def _identity(entry: FieldManager) -> tuple[str, str, str]:
    return entry.manager, entry.operation, entry.subresource
