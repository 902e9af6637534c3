"""What diff and apply --dry-run have in common: what the files want, and what that would do to the store as it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.cli.intaking import wanted_of
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.control.considering import Considered
from reconciler.control.proposal import DEFAULT, Guards, Proposal, Wanted
from reconciler.control.review import Review
from reconciler.store.reader import Reader

if TYPE_CHECKING:
    from reconciler.api.records import Records


@contextmanager
def records_if_any(session: Session) -> "Iterator[Records | None]":
    """None where there is no store yet."""
    if session.is_remote:
        yield session.asked.records
        return
    with open_reader_if_any(session.location) or nullcontext() as reader:
        yield reader


@contextmanager
def reader_if_any(session: Session) -> Iterator[Reader | None]:
    """The same of a store on this machine, by its file."""
    with open_reader_if_any(session.location) or nullcontext() as reader:
        yield reader


def read_wanted(
    session: Session,
    paths: Sequence[str],
    source: str | None = None,
    *,
    prune: bool = False,
    force: bool = False,
    guards: Guards = DEFAULT,
) -> Wanted:
    """What the files want of the store. Raises InvalidManifests."""
    with records_if_any(session) as reader:
        return wanted_of(session, paths, reader, source, prune=prune, force=force, guards=guards)


def considered(session: Session, wanted: Wanted, manager: str | None, *, writing: bool = False) -> Considered:
    """What apply would do now, and what it means. Where it would make a key, no secret counts as unsealed. What a prune can't
    delete is here, in `proposal.stranded`. writing: raises Forbidden as apply would.
    """
    return writes_of(session).consider(wanted, manager, writing=writing)


def review_of_wanted(session: Session, wanted: Wanted) -> tuple[Proposal, Review]:
    """The same for what is wanted already."""
    found = considered(session, wanted, None)
    return found.proposal, found.review
