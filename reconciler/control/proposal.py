"""What manifests would do to the store: read, seal, plan, and check the result as a whole.

`diff`, `apply --dry-run`, `apply` and every resync make the same proposal, so what is shown is what is done.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from os.path import normpath
from typing import Protocol

from reconciler.control.manifest.decode import Declared
from reconciler.control.outcome import Broken, check_result
from reconciler.control.plan.differ import plan
from reconciler.control.plan.model import Declaration, Intent, Plan, Resync
from reconciler.control.rename import Rename
from reconciler.control.resync import HandChanges, History, settled
from reconciler.control.seal import Sealer, Vault, wants_a_key
from reconciler.control.source import LEGACY_SOURCE, Source
from reconciler.resources.resource import ResourceKey, source_manager
from reconciler.resources.state import State
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import Hold, VaultEntry


class Records(Vault, History, Protocol):
    """What a proposal reads of the store, at one moment."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def state(self) -> State: ...

    def holds(self) -> Sequence[Hold]: ...


@dataclass(frozen=True, slots=True)
class DeleteLimit:
    """How many resources one plan may delete: `count`, or `percent` of what the source holds, whichever is more."""

    count: int = 0
    percent: int = 0

    def of(self, held: int) -> int:
        return max(self.count, held * self.percent // 100)


DEFAULT_LIMIT = DeleteLimit(10, 10)
"""Ten keep a small store usable; a tenth lets a large one change from day to day."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What a person has allowed."""

    max_deletes: DeleteLimit = DEFAULT_LIMIT
    allow_empty: bool = False


DEFAULT = Guards()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was read of one source, and how it is to be applied. `resync`: nobody asked for it; None: somebody did.

    `files` were read. `empty` are the paths given below which no resource was, as far as a prune has to know.
    """

    declared: Mapping[ResourceKey, Declared]
    manager: str
    source: Source | None = None
    scopes: tuple[str, ...] = ("",)
    prune: bool = False
    force: bool = False
    resync: Resync | None = None
    empty: tuple[str, ...] = ()
    guards: Guards = DEFAULT
    files: tuple[str, ...] = ()

    @property
    def wants_a_key(self) -> bool:
        """As seal.wants_a_key, of what is declared."""
        return wants_a_key(declared.resource for declared in self.declared.values())


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
    holds: tuple[Hold, ...] = ()
    """Holds that go on under the source's new name."""
    stranded: Broken | None = None
    """What would refer to nothing: such a proposal can be shown, and not be applied."""


def propose(
    wanted: Wanted, records: Records, cipher: Cipher | None, *, now: str, stranding: bool = False
) -> Proposal:
    """Raises InvalidManifests where the result would break a rule; with `stranding` not where just its deletes do."""
    with records.consistent():
        stored = records.state()
        holds = records.holds()
        sealer = Sealer(records, cipher)
        rename = _rename(wanted, stored, holds)
        state = rename.state(stored) if rename else stored
        intent = intent_of(wanted, state, sealer)
    held = rename.holds(holds) if rename else holds
    proposed = plan(intent, state, now=now)
    managers = [intent.manager, *([source_manager(rename.old)] if rename else [])]
    proposed = settled(proposed, wanted.resync, held, intent, state, HandChanges(managers, records))
    moved: tuple[Hold, ...] = ()
    if rename:
        proposed, moved = (
            rename.of_plan(proposed, stored, state, holds),
            rename.moved(holds, proposed.releases),
        )
    stranded: Broken | None = None
    try:
        check_result(proposed, stored, wanted.declared, sealer.problems)
    except Broken as error:
        if not (stranding and error.stranded):
            raise
        stranded = error
    return Proposal(
        proposed,
        stored,
        sealer.entries,
        frozenset(sealer.unknown),
        frozenset(sealer.unsealed),
        rename.old if rename else None,
        moved,
        stranded,
    )


def _rename(wanted: Wanted, state: State, holds: Sequence[Hold]) -> Rename | None:
    """From the path that this source was known by, where it has a better name now; or from legacy mode, which it ends."""
    source = wanted.source
    known = {item.source for item in state.values()} | {hold.source for hold in holds}
    name = source.name if source is not None else None
    if LEGACY_SOURCE in known and name != LEGACY_SOURCE:
        return Rename(LEGACY_SOURCE, name, wanted.manager, wanted.scopes[0] if wanted.scopes else None)
    if source is None or source.path_name is None or source.path_name == source.name:
        return None
    return Rename(source.path_name, source.name, source.manager) if source.path_name in known else None


def intent_of(wanted: Wanted, state: State, sealer: Sealer) -> Intent:
    """What is wanted, with every literal sealed."""
    source = wanted.source
    paths: dict[str, str | None] = {}
    for declared in wanted.declared.values():
        origin = declared.document.overlay or declared.document.file
        if origin not in paths:
            paths[origin] = _path(source, declared) if source is not None else None
    declarations = {
        key: Declaration(
            sealer.seal(declared.resource, state.get(key)),
            paths[declared.document.overlay or declared.document.file],
            None if declared.document.overlay is None else normpath(declared.document.file),
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
        wanted.resync is not None,
    )


def _path(source: Source, declared: Declared) -> str:
    """Where the source declares it: in a file, or by an overlay."""
    document = declared.document
    return source.relative(document.file) if document.overlay is None else source.overlay(document.overlay)
