"""What diff and apply --dry-run have in common: a proposal against the store as it is, which writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.cli.intaking import managed_as, wanted_of
from reconciler.cli.session import Session
from reconciler.clock import timestamp
from reconciler.control.nothing import NoRecords
from reconciler.control.proposal import DEFAULT, Guards, Proposal, Wanted, propose
from reconciler.control.review import Review, review_of
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

    def wanted(reader: Reader | None) -> Wanted:
        return wanted_of(session, paths, reader, source, prune=prune, force=force)

    return _proposed(session, wanted, review=False)[:2]


def review_for(
    session: Session,
    paths: Sequence[str],
    source: str | None,
    *,
    prune: bool,
    force: bool = False,
    guards: Guards = DEFAULT,
    manager: str | None = None,
) -> tuple[Wanted, Proposal, Review]:
    """As proposal_of, with what it means. Also what a prune can't delete is here, in `proposal.stranded`."""

    def wanted(reader: Reader | None) -> Wanted:
        found = wanted_of(session, paths, reader, source, prune=prune, force=force, guards=guards)
        return managed_as(found, manager)

    return _proposed(session, wanted, review=True)


def review_of_wanted(session: Session, wanted: Wanted) -> tuple[Proposal, Review]:
    """The same for what is wanted already."""
    return _proposed(session, lambda _: wanted, review=True)[1:]


def _proposed(
    session: Session, read: Callable[[Reader | None], Wanted], *, review: bool
) -> tuple[Wanted, Proposal, Review]:
    with reader_if_any(session) as reader:
        wanted = read(reader)
        cipher = load_cipher(session.location, session.environ, reader)
        records, now = reader or NoRecords(), timestamp(session.clock.now())
        with records.consistent():
            proposal = propose(wanted, records, cipher, now=now, stranding=review)
            reviewed = review_of(proposal, wanted, records) if review else Review(proposal.plan)
        if cipher is None and not (reader is not None and reader.holds_sealed()):
            proposal = replace(proposal, unsealed=frozenset())
    return wanted, proposal, reviewed
