"""The gateway's transport towards upstreams, with what a test does not care about filled in."""

import ssl

from reconciler.gateway.transport.egress import EgressGate
from reconciler.gateway.transport.http1.addresses import Addresses
from reconciler.gateway.transport.http1.connector import Connector
from reconciler.gateway.transport.http1.proxy import NO_PROXIES, Proxies
from reconciler.gateway.transport.http1.transport import HttpTransport


def http_transport(
    tls: ssl.SSLContext | None = None,
    *,
    proxies: Proxies = NO_PROXIES,
    addresses: Addresses | None = None,
    server_name: str | None = None,
    gate: EgressGate | None = None,
) -> HttpTransport:
    """Trusts nobody where it is given no context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if tls is None else tls
    return HttpTransport(
        Connector(context, addresses or Addresses(), proxies, server_name, gate=gate or EgressGate())
    )
