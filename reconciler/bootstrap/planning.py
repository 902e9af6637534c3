"""What is needed to make a plan that is kept, and to apply one."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.writing import cipher_for_sealing
from reconciler.clock import Clock, timestamp
from reconciler.control.apply import check
from reconciler.control.nothing import NoRecords
from reconciler.control.plan.artefact import Artefact
from reconciler.control.planned.files import digests
from reconciler.control.planned.keep import keep
from reconciler.control.proposal import Proposal, Wanted, propose
from reconciler.control.review import Review, review_of
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class Planned:
    """`artefact` is worth keeping where `check` raises nothing."""

    wanted: Wanted
    proposal: Proposal
    review: Review
    artefact: Artefact

    def check(self) -> None:
        """Raises what would keep the plan from being applied."""
        check(self.wanted, self.proposal)


def plan(
    wanted: Wanted,
    reader: Reader | None,
    location: StoreLocation,
    environ: Mapping[str, str],
    clock: Clock,
) -> Planned:
    """Makes the key of a store that has none yet, where a secret is to be sealed: the plan holds it sealed."""
    cipher = (cipher_for_sealing if wanted.wants_a_key else load_cipher)(location, environ, reader)
    records, now = reader or NoRecords(), timestamp(clock.now())
    with records.consistent():
        proposal = propose(wanted, records, cipher, now=now, stranding=True)
        review = review_of(proposal, wanted, records)
        base = reader.head_revision() if reader is not None else None
    artefact = keep(wanted, proposal, base, made=now, inputs=digests(wanted), impact=review.impact)
    return Planned(wanted, proposal, review, artefact)
