"""The store that questions of others are answered from: opened for each, so that none waits for another."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from reconciler.api.accounts import Accounts
from reconciler.api.records import Observing, Records
from reconciler.api.traffic import Traffic
from reconciler.bootstrap.accounts import LocalAccounts
from reconciler.bootstrap.observing import LocalObserving
from reconciler.bootstrap.reading import open_reader
from reconciler.clock import Clock
from reconciler.store.traffic_query import TrafficReader
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """Fits api.records.Store."""

    records: Records
    observing: Observing
    traffic: Traffic
    accounts: Accounts


@dataclass(frozen=True, slots=True)
class Answering:
    """Fits management.questions.answer.Answering."""

    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock

    @contextmanager
    def open(self) -> Iterator[OpenedStore]:
        with (
            open_reader(self.location) as reader,
            closing(LocalObserving(self.location, self.clock)) as observing,
        ):
            traffic = TrafficReader(self.location.traffic_path)
            yield OpenedStore(reader, observing, traffic, LocalAccounts(self.location, self.environ, reader))
