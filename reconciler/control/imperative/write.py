"""Changes of single resources → one revision, or none."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reconciler.clock import Clock, timestamp
from reconciler.control.apply import Applied, Committer, require_sealed, until_committed
from reconciler.control.guards import protected, refusal
from reconciler.control.imperative.changes import Rewrites, changes_of
from reconciler.control.outcome import check_result
from reconciler.control.plan.model import Plan
from reconciler.control.plan.order import ordered
from reconciler.control.proposal import Proposal, Records
from reconciler.control.seal import Sealer
from reconciler.resources.state import State
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import Revision, RevisionMeta


@dataclass(frozen=True, slots=True)
class Writing:
    """What is to be done, in the name of `manager`. ignore_missing: what is not there is left out, not an error.

    `more` are rewrites that hang on what is stored: they are asked for of each state that is planned against. `check` raises
    what stands against the proposal, after the rules that hold for everybody.
    """

    rewrites: Rewrites
    manager: str
    ignore_missing: bool = False
    more: Callable[[State], Rewrites] | None = None
    check: Callable[[Proposal], None] | None = None


def propose_writing(writing: Writing, records: Records, cipher: Cipher | None, *, now: str) -> Proposal:
    """What `write` would do, which writes nothing. A resource that would stay as it is is not in the plan.

    Raises NotFound, Refused for what is protected, InvalidManifests where the result would break a rule, and what
    `rewritten` raises.
    """
    with records.consistent():
        state = records.state()
        sealer = Sealer(records, cipher)
        more = writing.more(state) if writing.more is not None else {}
        changes = changes_of(
            {**writing.rewrites, **more},
            state,
            sealer,
            manager=writing.manager,
            now=now,
            ignore_missing=writing.ignore_missing,
        )
    plan = Plan(state.revision, ordered(changes))
    if found := protected(plan.changes):
        raise refusal(found)
    check_result(plan, state, {}, sealer.problems)
    proposal = Proposal(plan, state, sealer.entries, frozenset(sealer.unknown), frozenset(sealer.unsealed))
    if writing.check is not None:
        writing.check(proposal)
    return proposal


def rehearse(
    writing: Writing, records: Records, cipher: Cipher | None, *, now: str, new_key: bool = False
) -> Proposal:
    """As `write`, and writes nothing. new_key: where there is no key, writing would make one."""
    proposal = propose_writing(writing, records, cipher, now=now)
    if cipher is None and new_key:
        return replace(proposal, unsealed=frozenset())
    require_sealed(proposal)
    return proposal


def write(
    writing: Writing,
    records: Records,
    committer: Committer,
    cipher: Cipher | None,
    clock: Clock,
    meta: RevisionMeta,
) -> Applied:
    """Writes all of it as one revision, or nothing; made anew from what is stored where others commit in between.

    Raises what `propose_writing` does, SecretError where there is no key to seal with, and StoreError.
    """

    def attempt() -> tuple[Proposal, Revision]:
        proposal = propose_writing(writing, records, cipher, now=timestamp(clock.now()))
        require_sealed(proposal)
        entries = tuple(proposal.entries.values())
        return proposal, committer.commit(
            proposal.plan.edits, base=proposal.plan.base, meta=meta, seals=entries
        )

    (proposal, revision), attempts = until_committed(attempt)
    return Applied(proposal, revision, attempts)
