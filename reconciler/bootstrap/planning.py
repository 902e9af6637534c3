"""What is needed to make a plan that is kept."""

from collections.abc import Mapping, Sequence

from reconciler.api.writes import Planned
from reconciler.bootstrap.ciphers import cipher_at_hand
from reconciler.bootstrap.writing import cipher_for_sealing
from reconciler.clock import Clock, timestamp
from reconciler.control.considering import consider
from reconciler.control.nothing import NoRecords
from reconciler.control.plan.artefact import InputFile
from reconciler.control.planned.keep import keep
from reconciler.control.proposal import Wanted
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


def plan(
    wanted: Wanted,
    inputs: Sequence[InputFile],
    reader: Reader | None,
    location: StoreLocation,
    environ: Mapping[str, str],
    clock: Clock,
) -> Planned:
    """Makes the key of a store that has none yet, where a secret is to be sealed: the plan holds it sealed."""
    cipher = (cipher_for_sealing if wanted.wants_a_key else cipher_at_hand)(location, environ, reader)
    records, now = reader or NoRecords(), timestamp(clock.now())
    with records.consistent():
        considered = consider(wanted, records, cipher, now=now)
        base = reader.head_revision() if reader is not None else None
    impact = considered.review.impact
    artefact = keep(wanted, considered.proposal, base, made=now, inputs=inputs, impact=impact)
    return Planned(considered, artefact)
