"""Which transport carries an upstream: one each, for as long as a snapshot holds the upstream."""

import asyncio
import ssl
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from weakref import WeakSet

from reconciler.clock import Clock, SystemClock
from reconciler.gateway.transport.base import Transport
from reconciler.gateway.transport.http1.addresses import Addresses
from reconciler.gateway.transport.http1.connector import Connector
from reconciler.gateway.transport.http1.proxy import NO_PROXIES, Proxies
from reconciler.gateway.transport.http1.tls import Sessions
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.gateway.transport.simulator import SimulatorTransport
from reconciler.provider_types.simulator import SimulatorAdapter
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.tls import UpstreamTLS, system_trust

Factory = Callable[[Upstream], Transport]


def factories(tls: ssl.SSLContext, clock: Clock, proxies: Proxies = NO_PROXIES) -> Mapping[str, Factory]:
    """The table: a transport for each kind that a provider type may name. All share what DNS said.

    Those that trust what the system does, by `tls`, share TLS's sessions; one with a trust of its own has its own.
    """
    shared = Connector(tls, Addresses(), proxies)

    def http(upstream: Upstream) -> Transport:
        own = upstream.tls
        if own is None:
            return HttpTransport(shared)
        if not isinstance(own, UpstreamTLS):
            raise TypeError(f"{upstream.key} has a TLS that was not built for it")
        context = shared.tls if own.context is None else own.context
        sessions = shared.sessions if own.context is None else Sessions()
        return HttpTransport(Connector(context, shared.addresses, proxies, own.server_name, sessions))

    def simulator(upstream: Upstream) -> Transport:
        if not isinstance(upstream.adapter, SimulatorAdapter):
            raise TypeError(f"{upstream.key} has a simulator's transport and not its adapter")
        return SimulatorTransport(upstream.adapter.behaviour, clock)

    return MappingProxyType({"http": http, "simulator": simulator})


class TransportPool:
    """Upstreams are compared by identity: the same object keeps its transport, and so its connections."""

    def __init__(self, table: Mapping[str, Factory] | None = None, proxies: Proxies = NO_PROXIES) -> None:
        self._table = factories(system_trust(), SystemClock(), proxies) if table is None else table
        self._kept: frozenset[Upstream] | None = None
        self._transports: dict[Upstream, Transport] = {}
        self._retired: WeakSet[Transport] = WeakSet()

    def get(self, upstream: Upstream) -> Transport:
        """Works for an upstream that `keep` has dropped as well: a request may hold an older snapshot.

        Such a transport is retired as soon as the caller has opened its exchange, which it does before it yields.
        Called on the event loop.
        """
        transport = self._transports.get(upstream)
        if transport is None:
            transport = self._transports[upstream] = self._table[upstream.transport](upstream)
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
