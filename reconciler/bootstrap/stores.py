"""The store that the management API works on: opened for each request, in the name of who asks."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from reconciler.bootstrap.ciphers import cipher_at_hand
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import OpenStore, open_present_store
from reconciler.clock import Clock
from reconciler.control.serving import Awaited
from reconciler.management.showing.observing import ShownWorkers
from reconciler.resources.principal import Principal
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class ServedStores:
    """Fits management.rest.stores.Stores. The writer of the reconcile loop is another: each request has its own."""

    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    observations: Observations
    clock: Clock

    @contextmanager
    def open(self, who: Principal, *, sealing: bool) -> Iterator[OpenStore]:
        with open_present_store(
            self.location, self.environ, self.clock, sealing=sealing, caller=who
        ) as store:
            yield (
                store
                if sealing
                else replace(store, cipher=cipher_at_hand(self.location, self.environ, store.reader))
            )

    def reading(self) -> AbstractContextManager[Reader]:
        return open_reader(self.location)

    def served(self, who: Principal, revision: int, seconds: float) -> Awaited:
        return Awaited(ShownWorkers(self.observations, who), revision, self.clock, seconds)
