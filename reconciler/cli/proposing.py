"""What diff and apply --dry-run have in common: a proposal against the store as it is, which writes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from reconciler.bootstrap.reading import load_cipher, open_reader_if_any
from reconciler.cli.intaking import wanted_of
from reconciler.cli.session import Session
from reconciler.clock import timestamp
from reconciler.control.nothing import NoRecords
from reconciler.control.proposal import Proposal, Wanted, propose
from reconciler.store.reader import Reader


@contextmanager
def reader_if_any(session: Session) -> Iterator[Reader | None]:
    """None where there is no store yet."""
    with open_reader_if_any(session.location) or nullcontext() as reader:
        yield reader


def proposal_of(
    session: Session, paths: Sequence[str], source: str | None, *, prune: bool, force: bool = False
) -> tuple[Wanted, Proposal]:
    """What apply would do now. Where it would make a key, no secret counts as unsealed."""
    with reader_if_any(session) as reader:
        wanted = wanted_of(session, paths, reader, source, prune=prune, force=force)
        cipher = load_cipher(session.location, session.environ, reader)
        proposal = propose(wanted, reader or NoRecords(), cipher, now=timestamp(session.clock.now()))
        if cipher is None and not (reader is not None and reader.key_ids()):
            proposal = replace(proposal, unsealed=frozenset())
    return wanted, proposal
