"""Proposal → revision: one transaction, planned again when somebody else committed in between."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from reconciler.clock import Clock, timestamp
from reconciler.control.field_text import conflict_text, healing_message
from reconciler.control.guards import Objection, Pruning, deletes, objections, refusal
from reconciler.control.plan.model import Change, ResourceConflict
from reconciler.control.proposal import Proposal, Records, Wanted, propose
from reconciler.control.source import Source
from reconciler.control.working_tree import Checkout
from reconciler.errors import Conflict, KeyNeeded, StoreError
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import Hold, Revision, RevisionMeta, StaleBase, VaultEntry

_ATTEMPTS = 100
_T = TypeVar("_T")


class Committer(Protocol):
    """The store's writer, as far as applying goes."""

    def commit(
        self,
        edits: Sequence[Change],
        *,
        base: int,
        meta: RevisionMeta,
        seals: Sequence[VaultEntry] = (),
        holds: Sequence[Hold] = (),
        releases: Collection[tuple[ResourceKey, str]] = (),
    ) -> Revision: ...


_AGREE = "agree with them on the value, stop declaring the field, or take it over by apply --force-conflicts"


class FieldConflicts(Conflict):
    """Fields that other managers own at other values."""

    def __init__(self, conflicts: Sequence[ResourceConflict], *, hint: str = _AGREE) -> None:
        lines = [
            f"  {conflict.key}: {conflict_text(field)}" for conflict in conflicts for field in conflict.fields
        ]
        fields = "a field is" if len(lines) == 1 else f"{len(lines)} fields are"
        super().__init__(
            "\n".join([f"{fields} owned by another manager at another value:", *lines]),
            hint=hint,
        )
        self.conflicts = tuple(conflicts)


@dataclass(frozen=True, slots=True)
class Applied:
    """`revision` is the head afterwards. `attempts` is 1 unless other commits came between."""

    proposal: Proposal
    revision: Revision
    attempts: int


def apply(
    wanted: Wanted,
    records: Records,
    committer: Committer,
    cipher: Cipher | None,
    clock: Clock,
    meta: RevisionMeta,
    *,
    permit: Callable[[Proposal], None] | None = None,
) -> Applied:
    """Applies what is wanted as one revision, or none where nothing changes. `permit` raises what who asks may not.

    Raises InvalidManifests, FieldConflicts, Refused or SecretError before anything is written, StoreError where the
    store failed: then nothing was written either.
    """

    def attempt() -> tuple[Proposal, Revision]:
        proposal = propose(wanted, records, cipher, now=timestamp(clock.now()))
        if permit is not None:
            permit(proposal)
        check(wanted, proposal)
        revision = committer.commit(
            proposal.plan.edits,
            base=proposal.plan.base,
            meta=replace(
                meta,
                message=healing_message(meta.message, proposal.plan.healed),
                manager=wanted.manager,
            ),
            seals=tuple(proposal.entries.values()),
            holds=proposal.holds,
            releases=proposal.plan.releases,
        )
        return proposal, revision

    (proposal, revision), attempts = until_committed(attempt)
    return Applied(proposal, revision, attempts)


def until_committed(attempt: Callable[[], _T]) -> tuple[_T, int]:
    """Plans and commits anew while others commit in between: what `attempt` returned, and how often it was made.

    Raises StoreError where that never ends, and what else `attempt` raises.
    """
    for number in range(1, _ATTEMPTS + 1):
        try:
            return attempt(), number
        except StaleBase:
            continue
    raise StoreError(
        f"other commits came between {_ATTEMPTS} times", hint="try again when the store is less busy"
    )


def check(wanted: Wanted, proposal: Proposal) -> None:
    """What stands between a proposal and its commit."""
    check_against(proposal, () if proposal.stranded is not None else refusals(wanted, proposal))


def check_against(proposal: Proposal, found: Sequence[Objection]) -> None:
    """The same, where the guards were asked before, and `found` is what they have against it."""
    if proposal.stranded is not None:
        raise proposal.stranded
    if found:
        raise refusal(found)
    if proposal.plan.conflicts:
        raise FieldConflicts(proposal.plan.conflicts)
    require_sealed(proposal)


def require_sealed(proposal: Proposal) -> None:
    """Raises KeyNeeded where there was no key to seal what is written."""
    if proposal.unsealed:
        fields = ", ".join(sorted(f"{key} {field}" for key, field in proposal.unsealed))
        raise KeyNeeded(
            f"there is no encryption key to seal or compare: {fields}",
            hint="set ROUTERCTL_ENCRYPTION_KEY or ROUTERCTL_ENCRYPTION_KEY_FILE to the key of this store",
        )


def refusals(wanted: Wanted, proposal: Proposal) -> tuple[Objection, ...]:
    """What the guards have against what a prune would delete."""
    source = wanted.source
    if not wanted.prune or source is None:
        return ()
    names = {source.name} | ({proposal.renamed_from} if proposal.renamed_from is not None else set())
    unread = {path: source.relative(path) for path in wanted.empty}
    return objections(
        proposal.plan,
        proposal.state,
        Pruning(names, bool(wanted.declared), unread),
        wanted.guards,
        _checkout(source) if deletes(proposal.plan) else Checkout(),
    )


def _checkout(source: Source) -> Checkout:
    found = source.checkout()
    return replace(found, missing=frozenset(source.prefix + path for path in found.missing))
