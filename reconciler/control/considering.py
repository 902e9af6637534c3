"""What manifests would do, and what stands against it: all that `diff`, `plan` and a dry run tell. Nothing is written."""

from dataclasses import dataclass, replace
from typing import Protocol

from reconciler.control.apply import check_against, refusals
from reconciler.control.guards import Objection
from reconciler.control.proposal import Proposal, Records, Wanted, propose
from reconciler.control.review import Past, Review, review_of
from reconciler.secrets.cipher import Cipher


class Present(Records, Past, Protocol):
    """What is read of the store."""


@dataclass(frozen=True, slots=True)
class Considered:
    """`objections` are the guards'."""

    proposal: Proposal
    review: Review
    objections: tuple[Objection, ...] = ()

    def check(self) -> None:
        """Raises what would keep it from being applied."""
        check_against(self.proposal, self.objections)


def consider(
    wanted: Wanted,
    records: Present,
    cipher: Cipher | None,
    *,
    now: str,
    stranding: bool = True,
    new_key: bool = False,
) -> Considered:
    """As `propose`. new_key: where there is no key, applying it would make one."""
    with records.consistent():
        proposal = propose(wanted, records, cipher, now=now, stranding=stranding)
        review = review_of(proposal, wanted, records)
    if cipher is None and new_key:
        proposal = replace(proposal, unsealed=frozenset())
    found = refusals(wanted, proposal) if proposal.stranded is None else ()
    return Considered(proposal, review, found)
