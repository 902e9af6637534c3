"""What the endpoints ask of a store. They never see where it is: who starts the listener fills this."""

from contextlib import AbstractContextManager
from typing import Protocol

from reconciler.clock import Clock
from reconciler.control.apply import Committer
from reconciler.control.serving import Awaited
from reconciler.resources.principal import Principal
from reconciler.secrets.cipher import Cipher
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader


class OpenStore(Protocol):
    """A store to read, to write as somebody, and to seal in. `cipher` is None where its key is lost, or there is none."""

    @property
    def reader(self) -> Reader: ...
    @property
    def writer(self) -> Committer: ...
    @property
    def cipher(self) -> Cipher | None: ...


class Stores(Protocol):
    """All of it blocks, and raises RouterctlError: it is called in threads."""

    @property
    def clock(self) -> Clock: ...

    @property
    def observations(self) -> Observations:
        """Threads may share it."""
        ...

    def open(self, who: Principal, *, sealing: bool) -> AbstractContextManager[OpenStore]:
        """Of one request that writes, or shows what it would write. `who` is written down beside what is done.

        sealing: a key is made where the store has none yet, and nothing that an older one sealed.
        """
        ...

    def reading(self) -> AbstractContextManager[Reader]:
        """Of one request that reads."""
        ...

    def served(self, who: Principal, revision: int, seconds: float) -> Awaited:
        """For ?wait=true: looked at until every live worker serves the revision. `who` is told of what they see alone."""
        ...
