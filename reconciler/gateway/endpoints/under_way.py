"""The requests that came with a key, while they are under way: they end when it is accepted no more."""

from math import inf
from time import time
from typing import Protocol

from reconciler.gateway.dispatch.ports import Alarms
from reconciler.snapshot.clients import NO_CLIENTS, Credential
from reconciler.snapshot.model import Snapshot


class Keyed(Protocol):
    """One of them. Compared by identity."""

    credential: Credential | None

    def revoked(self) -> None:
        """Its key is accepted no more: the client is told so, whatever it is at."""
        ...


class UnderWay:
    """Those of a worker."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._requests: set[Keyed] = set()
        self._clients = NO_CLIENTS
        self._until = inf

    def add(self, request: Keyed, until: float) -> None:
        """`until`: when its key expires, in seconds since the epoch."""
        self._requests.add(request)
        if until < self._until:
            self._expect(until)

    def discard(self, request: Keyed) -> None:
        self._requests.discard(request)

    def published(self, snapshot: Snapshot) -> None:
        """For the registry: a snapshot came into force."""
        clients = snapshot.clients
        if clients is self._clients:
            return
        self._clients = clients
        for request in tuple(self._requests):
            if request.credential is not None and not clients.accepts(request.credential):
                request.revoked()

    def due(self) -> None:
        """A key expires, perhaps one of a request that is over meanwhile."""
        now, self._until = time(), inf
        for request in tuple(self._requests):
            if request.credential is not None and request.credential.until <= now:
                request.revoked()
        ends = (each.credential.until for each in self._requests if each.credential is not None)
        until = min(ends, default=inf)
        if until < inf:
            self._expect(until)

    def _expect(self, until: float) -> None:
        self._until = until
        self._alarms.set(self, self._alarms.now() + max(0.0, until - time()))
