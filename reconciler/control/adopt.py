"""Brings resources under a source: from then on its manifests declare them, and its prune covers them.

What others declared moves to the source's field manager: the fields of the source that had the resource, of people at
this machine, and of programs. What a third source declares too stays its own. No value changes, so this is a claim: it
is written, and makes no revision.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from reconciler.clock import Clock, timestamp
from reconciler.control.apply import Committer, until_committed
from reconciler.control.ownership.field_set import field_set, from_fields_v1, to_fields_v1
from reconciler.control.plan.differ import plan
from reconciler.control.plan.model import Action, Change, Declaration, Intent, Plan, content_of
from reconciler.errors import NotFound, Refused
from reconciler.resources.resource import FieldManager, ResourceKey, StoredResource, source_manager
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.state import State
from reconciler.store.records import RevisionMeta
from reconciler.store.source_status import SourceStatus

_A_MOMENT = timedelta(minutes=2)
"""Four times as long as a source is left alone unless somebody says otherwise."""


class Records(Protocol):
    """What is read of the store."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def state(self) -> State: ...


@dataclass(frozen=True, slots=True)
class Adopter:
    """The source. `declares`: what its files declare; a resource that they do not has no path."""

    source: str
    declares: Mapping[ResourceKey, Declaration] = field(default_factory=dict)


def alive(statuses: Iterable[SourceStatus], now: datetime) -> frozenset[str]:
    """The sources that something kept up a moment ago."""
    return frozenset(
        status.source for status in statuses if now - datetime.fromisoformat(status.time) < _A_MOMENT
    )


@dataclass(frozen=True, slots=True)
class Adoption:
    """`change` is None where the source has the resource already. taken: the managers that lose their fields.

    shared: the managers of other sources, which keep theirs. declared: whether the files declare it.
    """

    key: ResourceKey
    change: Change | None
    taken: tuple[str, ...]
    shared: tuple[str, ...]
    declared: bool


@dataclass(frozen=True, slots=True)
class Adopted:
    """`next` is what an apply of the files would change of them afterwards, and where it would be in conflict."""

    source: str
    adoptions: tuple[Adoption, ...]
    next: Plan


def adopt(  # noqa: PLR0913  what is adopted, by whom, and on which conditions, each named
    keys: Sequence[ResourceKey],
    to: Adopter,
    records: Records,
    committer: Committer | None,
    clock: Clock,
    *,
    actor: str,
    kept_up: Collection[str] = (),
    check: Callable[[Sequence[Change]], None] = lambda _claims: None,
) -> Adopted:
    """Without a committer it is only told what would be done.

    `kept_up` are the sources that are alive: their next resync would take a resource back. `check` looks at what would be
    written. Raises Refused for what belongs to one of them, NotFound, and what `check` does.
    """

    def attempt() -> Adopted:
        with records.consistent():
            state = records.state()
        if missing := sorted(str(key) for key in keys if key not in state):
            raise NotFound(f"not in the store: {', '.join(missing)}", hint="what there is", command="get all")
        _check_alive([state[key] for key in keys], to, kept_up)
        now = timestamp(clock.now())
        adoptions = tuple(adoption(state[key], to, now=now) for key in dict.fromkeys(keys))
        claims = [each.change for each in adoptions if each.change is not None]
        if committer is not None:
            check(claims)
            committer.commit(claims, base=state.revision, meta=RevisionMeta(actor, "adopt", to.source))
        return Adopted(to.source, adoptions, _next(adoptions, claims, to, state, now))

    return until_committed(attempt)[0]


def adoption(stored: StoredResource, to: Adopter, *, now: str) -> Adoption:
    """What becomes of one resource."""
    manager = source_manager(to.source)
    declaration = to.declares.get(stored.key)
    path = declaration.path if declaration is not None else None
    if declaration is None and stored.source == to.source:
        path = stored.path
    moves = [entry for entry in stored.managed_fields if _moves(entry, stored.source, manager)]
    stays = [entry for entry in stored.managed_fields if entry not in moves]
    fields = frozenset[tuple[tuple[str, str], ...]]().union(*(from_fields_v1(each.fields) for each in moves))
    if not stored.managed_fields:
        fields = field_set(content_of(stored.resource), structure_of_kind(stored.key.kind))
    taken = tuple(sorted({entry.manager for entry in moves} - {manager}))
    shared = tuple(sorted({entry.manager for entry in stays if entry.source is not None}))
    same = not taken and bool(moves) and (stored.source, stored.path) == (to.source, path)
    managers = (FieldManager(manager, "Apply", to_fields_v1(fields), now), *stays)
    change = (
        None
        if same
        else Change(Action.UPDATE, stored.key, stored, stored.resource, managers, to.source, path)
    )
    return Adoption(stored.key, change, taken, shared, declaration is not None)


def _moves(entry: FieldManager, source: str | None, manager: str) -> bool:
    if entry.subresource:
        return False
    return entry.manager == manager or entry.source is None or entry.source == source


def _check_alive(found: Sequence[StoredResource], to: Adopter, kept_up: Collection[str]) -> None:
    kept = [
        stored
        for stored in found
        if stored.source in kept_up
        and stored.source != to.source
        and any(entry.source == stored.source for entry in stored.managed_fields)
    ]
    if kept:
        lines = [f"  {stored.key}: {stored.source}" for stored in kept]
        raise Refused(
            "\n".join(
                ["another source declares this and is kept up right now, so it would take it back:", *lines]
            ),
            hint="take it out of that source's files and stop what keeps it up, or say --force",
        )


def _next(
    adoptions: Sequence[Adoption], claims: Sequence[Change], to: Adopter, state: State, now: str
) -> Plan:
    adopted = {
        claim.key: replace(
            state[claim.key], managed_fields=claim.managed_fields, source=claim.source, path=claim.path
        )
        for claim in claims
    }
    after = State((adopted.get(key, stored) for key, stored in state.items()), revision=state.revision)
    declared = {each.key: to.declares[each.key] for each in adoptions if each.declared}
    then = plan(Intent(source_manager(to.source), to.source, declared), after, now=now)
    return replace(then, undeclared=())
