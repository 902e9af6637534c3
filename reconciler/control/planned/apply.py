"""An artefact → a revision, or a refusal that names each reason."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from reconciler.control.apply import Committer, until_committed
from reconciler.control.guards import protected, refusal
from reconciler.control.manifest.document import field_path
from reconciler.control.manifest.validate import violations
from reconciler.control.outcome import explained, result
from reconciler.control.plan.artefact import Artefact
from reconciler.control.planned import ground, integrity
from reconciler.errors import NotFound, Refused
from reconciler.resources.state import State
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import EMPTY_STORE, Event, Revision, RevisionMeta

_AGAIN = "plan again, look at it, and apply that"


class Past(integrity.Vault, Protocol):
    """What is read of the store."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def state(self) -> State: ...

    def head_revision(self) -> Revision | None: ...

    def revision(self, number: int) -> Revision: ...

    def events(self, revision: int | None = None, *, after: int = 0) -> Sequence[Event]: ...


@dataclass(frozen=True, slots=True)
class AppliedPlan:
    """`revision` is the head afterwards. `already`: the revision that the plan was made into before; nothing was done."""

    artefact: Artefact
    revision: Revision
    already: int | None = None


def apply(
    artefact: Artefact,
    past: Past,
    committer: Committer,
    cipher: Cipher | None,
    *,
    actor: str,
    message: str = "",
) -> AppliedPlan:
    """Raises Refused where the plan does not hold here and now, InvalidInput or SecretError for one that never could."""
    meta = RevisionMeta(actor, ground.APPLIED, artefact.source, artefact.commit, artefact.dirty, message)

    def attempt() -> AppliedPlan:
        with past.consistent():
            state = past.state()
            head = past.head_revision() or EMPTY_STORE
            already = _ground(artefact, past, state)
            if already is not None:
                return AppliedPlan(artefact, head, already)
            integrity.check(artefact, past, cipher)
            new = [entry for entry in artefact.seals if past.vault_entry(entry.id) is None]
        _check_result(artefact, state)
        revision = committer.commit(
            [change for change in artefact.plan.edits if not ground.stands(change, state)],
            base=state.revision,
            meta=meta,
            seals=new,
            holds=artefact.holds,
            releases=artefact.plan.releases,
        )
        return AppliedPlan(artefact, revision)

    return until_committed(attempt)[0]


def _ground(artefact: Artefact, past: Past, state: State) -> int | None:
    """Raises Refused where something moved; the revision that the plan was made into, where all of that stands."""
    since, plan = _since(artefact, past), artefact.plan
    already = ground.applied_as(artefact, since)
    gone = [change.key for change in plan.edits if not ground.stands(change, state)]
    if already is not None and not gone:
        return already
    found = ground.moved(artefact, state, since if already is None else since.without(already))
    if not plan.changes and not gone:
        claimed = {claim.key for claim in plan.claims}
        found = tuple(each for each in found if each.revision is not None or each.key not in claimed)
    if found:
        made = f"made against revision {plan.base}" if already is None else f"applied as revision {already}"
        told = [each for each in found if already is None or each.key in gone]
        raise Refused(
            "\n".join([f"the plan was {made}, and since then:", *map(_indented, told)]), hint=_AGAIN
        )
    return None


def _since(artefact: Artefact, past: Past) -> ground.Since:
    """Raises Refused where the store never had the revision that the plan was made against."""
    base = artefact.plan.base
    try:
        digest = past.revision(base).digest if base else None
    except NotFound:
        digest = None
    if (digest or None) != (artefact.base_digest or None):
        raise Refused(
            f"the plan was made for another store: its revision {base} is not in the history of this one",
            hint="name the store that it was made for with --db, or plan again",
        )
    events = past.events(after=base)
    return ground.Since(
        {number: past.revision(number) for number in {each.revision for each in events}}, events
    )


def _check_result(artefact: Artefact, state: State) -> None:
    """What others did since may not stand beside it: a name that was free is taken, what goes is referred to."""
    plan = artefact.plan
    if found := protected(plan.changes):
        raise refusal(found)
    kept = set(violations(result(state, ())))
    broken = [each for each in violations(result(state, plan.changes)) if each not in kept]
    if broken:
        lines = [f"{each.key}: {field_path(each.field)}: {explained(each, state).message}" for each in broken]
        raise Refused(
            "\n".join(["as the store is now, the plan would break a rule:", *map(_indented, lines)]),
            hint=_AGAIN,
        )


def _indented(line: object) -> str:
    return f"  {line}"
