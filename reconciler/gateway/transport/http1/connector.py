"""How a connection to an origin is made: its addresses, the first that answers, the proxy's tunnel, TLS.

The only coroutines of this package. They end with the connection, or leave nothing open.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias

from reconciler.gateway.transport.egress import EgressGate
from reconciler.gateway.transport.failures import EgressDenied, ProxyRefused
from reconciler.gateway.transport.http1.addresses import Address, Addresses
from reconciler.gateway.transport.http1.connection import Connection, Owner
from reconciler.gateway.transport.http1.origin import Origin
from reconciler.gateway.transport.http1.proxy import Proxies, Proxy
from reconciler.gateway.transport.http1.secure_connection import SecureConnection
from reconciler.gateway.transport.http1.tls import Sessions
from reconciler.listener.cork import Cork
from reconciler.snapshot.egress import Place

HEAD_START = 0.25
"""Seconds that an address has before the next is tried beside it (RFC 8305, 5)."""

MAX_PROXY_ANSWER = 16 * 1024

Connected: TypeAlias = tuple[socket.socket, Address]

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9][0-9])[ \r]")


@dataclass(frozen=True, slots=True)
class Connector:
    """`server_name`: whose certificate is expected, where that is not the host's."""

    tls: ssl.SSLContext
    addresses: Addresses
    proxies: Proxies
    server_name: str | None = None
    sessions: Sessions = field(default_factory=Sessions)
    gate: EgressGate = field(default_factory=EgressGate)
    cork: Cork = field(default_factory=Cork)

    def proxy(self, origin: Origin) -> Proxy | None:
        return self.proxies.of(origin)

    async def connect(self, origin: Origin, seconds: float, owner: Owner) -> Connection:
        """Raises OSError: TimeoutError, ConnectionError, socket.gaierror, ssl.SSLError, ProxyRefused, EgressDenied."""
        async with asyncio.timeout(seconds):
            proxy = self.proxy(origin)
            if proxy is None:
                connected, peer = await self._connected(origin, self._allowed(origin, await self._of(origin)))
            elif proxy.origin is None:
                raise ProxyRefused(proxy.fault)
            else:  # who runs the gateway chose the proxy, so where that is is not asked
                self._check_proxied(origin)
                connected, _ = await self._connected(proxy.origin, await self._of(proxy.origin))
                peer = None
            try:
                if proxy is not None and origin.tls:
                    await _open_tunnel(connected, origin, proxy)
                connection = await self._connection(origin, connected, owner)
            except BaseException:
                connected.close()
                raise
            connection.peer = peer
            return connection

    def denied(self, origin: Origin, connection: Connection) -> EgressDenied | None:
        """Why the connection would not be made by now."""
        place, peer = Place.of(origin.host, origin.port), connection.peer
        denial = self.gate.proxied_denial(place) if peer is None else self.gate.denial(place, _ip(peer))
        return None if denial is None else self.gate.denied(denial)

    async def _of(self, place: Origin) -> tuple[Address, ...]:
        return await self.addresses.of(place.host, place.port)

    def _allowed(self, origin: Origin, found: tuple[Address, ...]) -> tuple[Address, ...]:
        """Raises EgressDenied where none is."""
        place = Place.of(origin.host, origin.port)
        denials = {address: self.gate.denial(place, _ip(address)) for address in found}
        allowed = tuple(address for address, denial in denials.items() if denial is None)
        first = next((denial for denial in denials.values() if denial is not None), None)
        if not allowed and first is not None:
            raise self.gate.denied(first)
        return allowed

    def _check_proxied(self, origin: Origin) -> None:
        """The proxy finds the address, so what is written is all that can be looked at."""
        denial = self.gate.proxied_denial(Place.of(origin.host, origin.port))
        if denial is not None:
            raise self.gate.denied(denial)

    async def _connection(self, origin: Origin, connected: socket.socket, owner: Owner) -> Connection:
        loop = asyncio.get_running_loop()
        if not origin.tls:
            connection = Connection(owner, loop.time(), self.cork)
            await loop.create_connection(lambda: connection, sock=connected)
            return connection
        named = self.server_name or origin.host, origin.port
        secure = SecureConnection(owner, loop.time(), self.tls, named, self.sessions, self.cork)
        try:
            await loop.create_connection(lambda: secure, sock=connected)
            await secure.secured
        except BaseException:
            secure.close()
            raise
        return secure

    async def _connected(
        self, place: Origin, addresses: tuple[Address, ...]
    ) -> tuple[socket.socket, Address]:
        async def attempt(address: Address) -> tuple[socket.socket, Address]:
            try:
                connected = await _connected_to(address)
            except OSError:
                self.addresses.failed(place.host, place.port, address)
                raise
            self.addresses.worked(place.host, place.port, address)
            return connected, address

        if len(addresses) == 1:
            return await attempt(addresses[0])
        return await _first(attempt, addresses)


async def _connected_to(address: Address) -> socket.socket:
    family, place = address
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connecting.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        await asyncio.get_running_loop().sock_connect(connecting, place)
    except BaseException:
        connecting.close()
        raise
    return connecting


def _ip(address: Address) -> IPv4Address | IPv6Address:
    return ip_address(address[1][0])


async def _first(
    attempt: Callable[[Address], Coroutine[None, None, Connected]], addresses: tuple[Address, ...]
) -> Connected:
    """Happy eyeballs: the next is tried when one fails, or has not answered for a while; the first to answer is taken."""
    loop = asyncio.get_running_loop()
    left = list(reversed(addresses))
    running: set[asyncio.Task[Connected]] = set()
    error: BaseException = OSError("the name has no addresses")
    try:
        while left or running:
            if left:
                running.add(loop.create_task(attempt(left.pop())))
            done, running = await asyncio.wait(
                running, timeout=HEAD_START if left else None, return_when=asyncio.FIRST_COMPLETED
            )
            winner = None
            for task in done:
                if task.exception() is None and winner is None:
                    winner = task.result()
                else:
                    error = task.exception() or error
                    _drop(task)
            if winner is not None:
                return winner
        raise error
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_drop)


def _drop(task: "asyncio.Task[Connected]") -> None:
    """Closes what came too late."""
    if not task.cancelled() and task.exception() is None:
        task.result()[0].close()


async def _open_tunnel(connected: socket.socket, origin: Origin, proxy: Proxy) -> None:
    """CONNECT (RFC 9110, 9.3.6). The proxy can't have sent a byte beyond its answer: the next to speak is TLS, and we."""
    loop = asyncio.get_running_loop()
    lines = [f"CONNECT {origin.endpoint} HTTP/1.1", f"host: {origin.endpoint}"]
    if proxy.authorization is not None:
        lines.append(f"proxy-authorization: {proxy.authorization}")
    await loop.sock_sendall(connected, "\r\n".join([*lines, "", ""]).encode("latin-1"))
    answer = b""
    while b"\r\n\r\n" not in answer:
        came = await loop.sock_recv(connected, MAX_PROXY_ANSWER)
        answer += came
        if not came or len(answer) > MAX_PROXY_ANSWER:
            raise ProxyRefused("the proxy did not answer as HTTP says")
    match = _STATUS.match(answer)
    if match is None or not answer.endswith(b"\r\n\r\n"):
        raise ProxyRefused("the proxy did not answer as HTTP says")
    status = int(match[1])
    if not 200 <= status <= 299:
        raise ProxyRefused(f"the proxy answered with status {status}")
