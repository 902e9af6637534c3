"""The table of transports: how each kind that a provider type may name is made."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from reconciler.clock import Clock
from reconciler.gateway.transport.base import Transport
from reconciler.gateway.transport.egress import EgressGate
from reconciler.gateway.transport.http1.addresses import Addresses
from reconciler.gateway.transport.http1.connector import Connector
from reconciler.gateway.transport.http1.proxy import NO_PROXIES, Proxies
from reconciler.gateway.transport.http1.tls import Sessions
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.gateway.transport.process.transport import ProcessTransport
from reconciler.gateway.transport.simulator import simulator_of
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.tls import UpstreamTLS

Factory = Callable[[Upstream], Transport]


def factories(
    tls: ssl.SSLContext, clock: Clock, proxies: Proxies = NO_PROXIES, gate: EgressGate | None = None
) -> Mapping[str, Factory]:
    """The table: a transport for each kind that a provider type may name. All share what DNS said.

    Those that trust what the system does, by `tls`, share TLS's sessions; one with a trust of its own has its own.
    """
    shared = Connector(tls, Addresses(), proxies, gate=EgressGate() if gate is None else gate)

    def http(upstream: Upstream) -> Transport:
        own = upstream.tls
        if own is None:
            return HttpTransport(shared)
        if not isinstance(own, UpstreamTLS):
            raise TypeError(f"{upstream.key} has a TLS that was not built for it")
        context = shared.tls if own.context is None else own.context
        sessions = shared.sessions if own.context is None else Sessions()
        return HttpTransport(replace(shared, tls=context, server_name=own.server_name, sessions=sessions))

    def simulator(upstream: Upstream) -> Transport:
        return simulator_of(upstream, clock)

    def process(upstream: Upstream) -> Transport:
        if upstream.program is None:
            raise TypeError(f"{upstream.key} has a process's transport and no program")
        return ProcessTransport(upstream.program)

    return MappingProxyType({"http": http, "process": process, "simulator": simulator})
