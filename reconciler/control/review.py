"""A plan with all that a person has to know of it before it is applied: what it means, and what hangs on it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from reconciler.control.drift import Drift, Drifts, Record
from reconciler.control.plan.effects import DEFAULT_MODEL, Effect, Impact
from reconciler.control.plan.fields import Fingerprints
from reconciler.control.plan.model import Change, Plan
from reconciler.control.proposal import Proposal, Wanted
from reconciler.control.seal import sealed_id, secrets_of
from reconciler.late import late
from reconciler.resources.references import references
from reconciler.resources.resource import ResourceKey, StoredResource, source_manager
from reconciler.resources.state import State
from reconciler.store.records import VaultEntry

if TYPE_CHECKING:
    from reconciler.control.plan import impact
else:
    impact = late("reconciler.control.plan.impact")

NOTHING_NEW: Mapping[str, VaultEntry] = MappingProxyType({})
_SHORT = slice(0, 8)


@dataclass(frozen=True, slots=True)
class Dependent:
    """A resource of `source` that refers to one that would be deleted. `stranded`: and still would afterwards."""

    key: ResourceKey
    source: str | None
    stranded: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What is shown of a plan. `dependents` are by the deleted resource, `unknown` are (resource, field) of secrets
    that can't be compared without the key, and `fingerprints` short ones of the secrets that the plan sets.
    """

    plan: Plan
    unknown: Collection[tuple[ResourceKey, str]] = ()
    impact: Impact = field(default_factory=Impact)
    drift: tuple[Drift, ...] = ()
    dependents: Mapping[ResourceKey, tuple[Dependent, ...]] = field(default_factory=dict)
    fingerprints: Fingerprints = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        return bool(self.plan.changes or self.plan.conflicts or self.unknown)


class Past(Record, Protocol):
    """What a review reads of the store."""

    def vault_entry(self, entry_id: str) -> VaultEntry | None: ...

    def guarded(self) -> bool: ...


class Present(Past, Protocol):
    """With the state as it is now."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def state(self) -> State: ...


def review_of(proposal: Proposal, wanted: Wanted, past: Past) -> Review:
    """A proposal before it is applied."""
    plan, state = proposal.plan, proposal.state
    managers = [wanted.manager]
    if proposal.renamed_from is not None:
        managers.append(source_manager(proposal.renamed_from))
    drifts = Drifts(managers, past)
    beside = drifts.beside((item.resource for item in wanted.declared.values()), state)
    if plan.empty and not plan.conflicts:
        return Review(plan, proposal.unknown, drift=beside)
    reviewed = review_of_plan(plan, state, past, proposal.entries)
    return replace(reviewed, unknown=proposal.unknown, drift=drifts.of_plan(plan) + beside)


def review_of_plan(
    plan: Plan, before: State, past: Past, entries: Mapping[str, VaultEntry] = NOTHING_NEW
) -> Review:
    """Changes to the state `before`, whoever wants them. `entries` are not in the vault yet."""
    after = _after(before, plan.changes)
    effects = impact.impact(before, after, guarded=past.guarded())
    return Review(
        plan,
        impact=effects,
        dependents=_dependents(plan, before, after, effects),
        fingerprints=dict(_fingerprints(plan, entries, past)),
    )


def review_now(plan: Plan, present: Present) -> Review:
    """Changes to the state as it is now."""
    with present.consistent():
        return review_of_plan(plan, present.state(), present)


def _after(state: State, changes: Sequence[Change]) -> State:
    """The state as the changes would leave it. Numbers and times are made up: nothing here looks at them."""
    kept = dict(state)
    for change in changes:
        before = kept.pop(change.key, None)
        if change.after is not None:
            created = before.creation_timestamp if before is not None else "1970-01-01T00:00:00Z"
            kept[change.key] = StoredResource(change.after, "", 0, 0, created, state.revision + 1)
    return State(kept.values(), revision=state.revision + 1)


def _dependents(
    plan: Plan, before: State, after: State, effects: Impact
) -> Mapping[ResourceKey, tuple[Dependent, ...]]:
    deleted = {change.key for change in plan.changes if change.removes}
    if not deleted:
        return {}
    defaults = dict(_defaults(effects.effects))
    lost = dict(_defaults(effect for effect in effects.effects if not effect.after))
    found: dict[ResourceKey, dict[ResourceKey, Dependent]] = {}
    after = after.lasting()
    for key in sorted(before.lasting()):
        still = _targets(after.get(key), lost)
        for target in _targets(before[key], defaults) & deleted:
            dependent = Dependent(key, before[key].source, target in still)
            found.setdefault(target, {})[key] = dependent
    return {target: tuple(dependents.values()) for target, dependents in found.items()}


def _defaults(effects: Iterable[Effect]) -> Iterator[tuple[ResourceKey, ResourceKey]]:
    """Settings whose default model would be another one, and the Model that it means now, by its name or an alias."""
    for effect in effects:
        if effect.word == DEFAULT_MODEL and effect.before:
            yield (
                ResourceKey("Settings", effect.namespace, "default"),
                ResourceKey("Model", effect.namespace, effect.before[-1]),
            )


def _targets(
    stored: StoredResource | None, defaults: Mapping[ResourceKey, ResourceKey]
) -> frozenset[ResourceKey]:
    if stored is None:
        return frozenset()
    named = {reference.target for reference in references(stored.resource)}
    default = defaults.get(stored.key) if "defaultModel" in stored.resource.spec else None
    return frozenset(named if default is None else named | {default})


def _fingerprints(plan: Plan, entries: Mapping[str, VaultEntry], past: Past) -> Iterator[tuple[str, str]]:
    for change in plan.changes:
        for _, written in secrets_of(change.after) if change.after is not None else ():
            entry_id = sealed_id(written)
            entry = (entries.get(entry_id) or past.vault_entry(entry_id)) if entry_id is not None else None
            if entry is not None:
                yield entry.id, entry.fingerprint.rpartition("-")[2][_SHORT]
