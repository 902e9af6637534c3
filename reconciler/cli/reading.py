"""What a command reads of the store that is meant: on this machine, or a server's. It can't tell one from the other."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from reconciler.bootstrap.observing import LocalObserving
from reconciler.bootstrap.reading import open_reader
from reconciler.cli.session import Session
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.api.accounts import Accounts
    from reconciler.api.records import Observing, Records
    from reconciler.api.traffic import Traffic
    from reconciler.bootstrap import accounts
    from reconciler.store import failures, traffic_query
else:
    accounts = late("reconciler.bootstrap.accounts")
    failures = late("reconciler.store.failures")
    traffic_query = late("reconciler.store.traffic_query")


@contextmanager
def records_of(session: Session) -> "Iterator[Records]":
    """The configuration and its history. Raises StoreMissing where there is no store."""
    if session.is_remote:
        yield session.asked.records
        return
    with open_reader(session.location) as reader:
        yield reader


@contextmanager
def observing_of(session: Session) -> "Iterator[Observing]":
    """What is observed of those who serve it."""
    if session.is_remote:
        yield session.asked.observing
        return
    with closing(LocalObserving(session.location, session.clock)) as observing:
        yield observing


def traffic_of(session: Session) -> "Traffic":
    """The records of requests. Raises StoreMissing where there is no store that could have any."""
    if session.is_remote:
        return session.asked.traffic
    location = session.location
    if not location.config_path.exists() and not location.traffic_path.exists():
        raise failures.missing(location.config_path)
    return traffic_query.TrafficReader(location.traffic_path)


@contextmanager
def accounts_of(session: Session) -> "Iterator[Accounts]":
    """Who did what, and the proof of it."""
    if session.is_remote:
        yield session.asked.accounts
        return
    with open_reader(session.location) as reader:
        yield accounts.LocalAccounts(session.location, session.environ, reader)
