"""What manifests would do to the store: read, seal, plan, and check the result as a whole.

`diff`, `apply --dry-run`, `apply` and every resync make the same proposal, so what is shown is what is done.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from reconciler.control.holding import hold_back, result, standing
from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import Problem, field_path
from reconciler.control.manifest.validate import violations
from reconciler.control.plan.differ import plan
from reconciler.control.plan.model import Declaration, Intent, Plan
from reconciler.control.rename import renamed, with_renames
from reconciler.control.seal import Sealer, Vault
from reconciler.control.source import Source
from reconciler.errors import InvalidInput
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import Hold, VaultEntry


class Records(Vault, Protocol):
    """What a proposal reads of the store, at one moment."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def state(self) -> State: ...

    def holds(self) -> Sequence[Hold]: ...


class InvalidManifests(InvalidInput):
    """Everything that is wrong with a set of manifests, at once."""

    stands_alone = True

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was read of one source, and how it is to be applied. `resync`: nobody asked, so holds are respected."""

    declared: Mapping[ResourceKey, Declared]
    manager: str
    source: Source | None = None
    scopes: tuple[str, ...] = ("",)
    prune: bool = False
    force: bool = False
    resync: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that keeps every rule, with what must be written beside it."""

    plan: Plan
    state: State
    entries: Mapping[str, VaultEntry]
    unknown: frozenset[tuple[ResourceKey, str]]
    """Literal secrets that could not be compared, for want of the key."""
    unsealed: frozenset[tuple[ResourceKey, str]]
    """Literal secrets that could not be sealed: such a proposal can be shown, and not be applied."""
    renamed_from: str | None = None


def propose(wanted: Wanted, records: Records, cipher: Cipher | None, *, now: str) -> Proposal:
    """Raises InvalidManifests where the result would break a rule."""
    with records.consistent():
        stored = records.state()
        holds = records.holds()
        sealer = Sealer(records, cipher)
        old_name = _old_name(wanted.source, stored)
        state = renamed(stored, old_name, wanted.source.name) if old_name and wanted.source else stored
        intent = _intent(wanted, state, sealer)
    proposed = plan(intent, state, now=now)
    if wanted.resync:
        proposed = hold_back(proposed, standing(holds, intent), state)
    else:
        ended = tuple((hold.key, hold.source) for hold in holds if hold.source == intent.source)
        proposed = replace(proposed, releases=ended)
    if old_name:
        proposed = with_renames(proposed, stored, state)
    _check(proposed, stored, wanted.declared, sealer)
    return Proposal(
        proposed, stored, sealer.entries, frozenset(sealer.unknown), frozenset(sealer.unsealed), old_name
    )


def _old_name(source: Source | None, state: State) -> str | None:
    """The path that this source was known by, where it has a better name now."""
    if source is None or source.path_name is None or source.path_name == source.name:
        return None
    return source.path_name if any(item.source == source.path_name for item in state.values()) else None


def _intent(wanted: Wanted, state: State, sealer: Sealer) -> Intent:
    source = wanted.source
    declarations = {
        key: Declaration(
            sealer.seal(declared.resource, state.get(key)),
            source.relative(declared.document.file) if source is not None else None,
        )
        for key, declared in wanted.declared.items()
    }
    return Intent(
        wanted.manager,
        source.name if source is not None else None,
        declarations,
        wanted.scopes,
        wanted.prune,
        wanted.force,
    )


def _check(proposed: Plan, state: State, declared: Mapping[ResourceKey, Declared], sealer: Sealer) -> None:
    problems = [
        _located(problem.key, problem.field, problem.message, problem.hint, declared)
        for problem in sealer.problems
    ]
    if proposed.changes:
        problems += [
            _located(violation.key, violation.field, violation.message, violation.hint, declared)
            for violation in violations(result(state, proposed.changes))
        ]
    if problems:
        raise InvalidManifests(problems)


def _located(
    key: ResourceKey,
    field: tuple[str, ...],
    message: str,
    hint: str | None,
    declared: Mapping[ResourceKey, Declared],
) -> Problem:
    found = declared.get(key)
    location = found.document.locate(field) if found is not None else None
    return Problem(location, message, key, field_path(field), hint)
