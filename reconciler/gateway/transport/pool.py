"""Which transport carries an upstream: one each, for as long as a snapshot holds the upstream."""

import asyncio
from collections.abc import Collection, Mapping
from weakref import WeakSet

from reconciler.clock import SystemClock
from reconciler.gateway.transport.base import Transport
from reconciler.gateway.transport.egress import EgressGate
from reconciler.gateway.transport.factories import Factory, factories
from reconciler.gateway.transport.http1.proxy import NO_PROXIES, Proxies
from reconciler.gateway.transport.translated import TranslatedTransport
from reconciler.provider_types.translation import Translating
from reconciler.snapshot.model import Snapshot, Upstream
from reconciler.snapshot.tls import system_trust


class TransportPool:
    """Upstreams are compared by identity: the same object keeps its transport, and so its connections."""

    def __init__(
        self,
        table: Mapping[str, Factory] | None = None,
        proxies: Proxies = NO_PROXIES,
        gate: EgressGate | None = None,
    ) -> None:
        """`gate` decides which connections may be made; none: all but those to where no provider may ever be."""
        self._gate = EgressGate() if gate is None else gate
        self._table = (
            factories(system_trust(), SystemClock(), proxies, self._gate) if table is None else table
        )
        self._kept: frozenset[Upstream] | None = None
        self._transports: dict[Upstream, Transport] = {}
        self._retired: WeakSet[Transport] = WeakSet()

    def enforce(self, snapshot: Snapshot) -> None:
        """From now on no connection is made or kept that its egress policy does not have. Called on the event loop."""
        self._gate.enforce(snapshot.egress)

    def get(self, upstream: Upstream) -> Transport:
        """Works for an upstream that `keep` has dropped as well: a request may hold an older snapshot.

        Such a transport is retired as soon as the caller has opened its exchange, which it does before it yields.
        Called on the event loop.
        """
        transport = self._transports.get(upstream)
        if transport is None:
            transport = self._table[upstream.transport](upstream)
            if isinstance(upstream.adapter, Translating):
                transport = TranslatedTransport(transport)
            self._transports[upstream] = transport
            if self._kept is not None and upstream not in self._kept:
                asyncio.get_running_loop().call_soon(self._retire, upstream, transport)
        return transport

    def keep(self, upstreams: Collection[Upstream]) -> None:
        """Retires the transports of all others; what they have under way is finished. Called on the event loop."""
        self._kept = frozenset(upstreams)
        for upstream in self._transports.keys() - self._kept:
            self._retire(upstream, self._transports[upstream])

    def _retire(self, upstream: Upstream, transport: Transport) -> None:
        if self._transports.get(upstream) is transport:  # a later `keep` may have retired it
            del self._transports[upstream]
            self._retired.add(transport)
            transport.retire()

    async def aclose(self) -> None:
        """Closes everything now, also what is under way."""
        transports = (*self._transports.values(), *self._retired)
        self._transports.clear()
        for transport in transports:
            await transport.aclose()
