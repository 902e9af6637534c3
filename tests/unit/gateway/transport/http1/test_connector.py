import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import closing

import pytest
from fakes.certificates import authority
from fakes.http_transport import http_transport
from fakes.loop import on_loop
from fakes.raw_upstream import OK, Peer, RawUpstream, Request
from fakes.sink import RecordingSink
from fakes.waiting import until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1 import connector
from reconciler.gateway.transport.http1.addresses import Address, Addresses
from reconciler.gateway.transport.http1.origin import Origin
from reconciler.gateway.transport.http1.proxy import Proxies, Proxy
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts
from reconciler.snapshot.tls import own_trust

PATIENT = Timeouts(connect=10, total=10)


class Known(Addresses):
    """A name with these addresses, and what was said of them."""

    def __init__(self, *addresses: Address) -> None:
        super().__init__()
        self._addresses = addresses
        self.bad: list[Address] = []
        self.good: list[Address] = []

    async def of(self, host: str, port: int) -> tuple[Address, ...]:
        return self._addresses

    def failed(self, host: str, port: int, address: Address) -> None:
        self.bad.append(address)

    def worked(self, host: str, port: int, address: Address) -> None:
        self.good.append(address)


def at(port: int) -> Address:
    return socket.AF_INET, ("127.0.0.1", port)


def refusing() -> socket.socket:
    """Bound, and nobody listens."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def silent() -> tuple[socket.socket, list[socket.socket]]:
    """Answers no SYN: its backlog is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
    return listener, waiting


def port_of(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


async def once(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK)


async def asked(
    addresses: Addresses | None = None,
    *,
    url: str = "http://host.test/v1",
    proxies: Proxies | None = None,
    tls: ssl.SSLContext | None = None,
    timeouts: Timeouts = PATIENT,
) -> RecordingSink:
    transport = http_transport(tls, addresses=addresses, proxies=proxies or Proxies())
    sink = RecordingSink()
    transport.open(UpstreamRequest("POST", url, (("x", "1"),), b"{}"), sink, timeouts)
    await sink.wait()
    await transport.aclose()
    return sink


# --- happy eyeballs ----------------------------------------------------------------------------------------------


@on_loop
async def test_an_address_that_refuses_is_passed_over_at_once() -> None:
    with closing(refusing()) as bad:
        async with RawUpstream(once) as upstream:
            known = Known(at(port_of(bad)), at(upstream.port))
            assert (await asked(known)).ended
            assert known.bad == [at(port_of(bad))]
            assert known.good == [at(upstream.port)]


@on_loop
async def test_an_address_that_is_silent_does_not_hold_up_the_next() -> None:
    listener, waiting = silent()
    async with RawUpstream(once) as upstream:
        known = Known(at(port_of(listener)), at(upstream.port))
        assert (await asked(known)).ended
        assert known.good == [at(upstream.port)]
    for one in (listener, *waiting):
        one.close()


@on_loop
async def test_no_address_answers() -> None:
    with closing(refusing()) as one, closing(refusing()) as other:
        known = Known(at(port_of(one)), at(port_of(other)))
        sink = await asked(known)
        assert (sink.failure, sink.reason) == (Failure.CONNECT, "could not connect: connection refused")
        assert known.bad == [at(port_of(one)), at(port_of(other))]


@on_loop
async def test_a_name_without_addresses() -> None:
    sink = await asked(Known())
    assert (sink.failure, sink.reason) == (Failure.CONNECT, "could not connect: no reason was given")


def test_who_comes_second_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "HEAD_START", 0)

    @on_loop
    async def whole() -> None:
        async with RawUpstream(once) as one, RawUpstream(once) as other:
            assert (await asked(Known(at(one.port), at(other.port)))).ended
            await until(lambda: one.open + other.open == 0)

    whole()


@on_loop
async def test_a_time_out_among_many_leaves_nothing_open() -> None:
    (listener, waiting), (second, also_waiting) = silent(), silent()
    known = Known(at(port_of(listener)), at(port_of(second)))
    sink = await asked(known, timeouts=Timeouts(connect=0.3, total=10))
    assert (sink.failure, sink.reason) == (Failure.CONNECT, "could not connect in time")
    for one in (listener, second, *waiting, *also_waiting):
        one.close()


# --- proxies -----------------------------------------------------------------------------------------------------


class ForwardProxy:
    """Answers what it is asked itself, or opens tunnels to `to`."""

    def __init__(self, to: int | None = None, refusal: bytes = b"") -> None:
        self.requests: list[Request] = []
        self._to = to
        self._refusal = refusal

    async def __call__(self, peer: Peer) -> None:
        request = await peer.request()
        self.requests.append(request)
        if self._refusal:
            await peer.send(self._refusal)
        elif self._to is None:
            await peer.send(OK)
        else:
            await peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            reader, writer = await asyncio.open_connection("127.0.0.1", self._to)
            try:
                await asyncio.gather(_pumped(peer.reader, writer.write), _pumped(reader, peer.write))
            finally:
                writer.close()


async def _pumped(reader: asyncio.StreamReader, write: Callable[[bytes], object]) -> None:
    while data := await reader.read(65536):
        write(data)


def through(port: int, authorization: str | None = None) -> Proxies:
    proxy = Proxy(Origin("http", "127.0.0.1", port), authorization)
    return Proxies({"http": proxy, "https": proxy})


@on_loop
async def test_a_plain_request_goes_to_the_proxy_with_its_whole_url() -> None:
    proxy = ForwardProxy()
    async with RawUpstream(proxy) as server:
        proxies = through(server.port, "Basic canary")
        assert (await asked(url="http://host.test:81/v1?a=b", proxies=proxies)).ended
    (request,) = proxy.requests
    assert request.line == "POST http://host.test:81/v1?a=b HTTP/1.1"
    assert (request.header("host"), request.header("proxy-authorization")) == ("host.test:81", "Basic canary")


@on_loop
async def test_tls_goes_through_a_tunnel() -> None:
    seen: list[Request] = []

    async def script(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async with RawUpstream(script, authority().server("host.test")) as upstream:
        proxy = ForwardProxy(upstream.port)
        async with RawUpstream(proxy) as server:
            sink = await asked(
                url="https://host.test/v1",
                proxies=through(server.port, "Basic canary"),
                tls=own_trust(authority().pem),
            )
    assert sink.ended
    (request,) = proxy.requests
    assert (request.line, request.header("host")) == ("CONNECT host.test:443 HTTP/1.1", "host.test:443")
    assert request.header("proxy-authorization") == "Basic canary"
    assert request.header("x") is None
    assert (seen[0].line, seen[0].header("proxy-authorization")) == ("POST /v1 HTTP/1.1", None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required canary\r\n\r\n", "the proxy answered with status 407"),
        (b"HTTP/1.1 502 Bad\r\ncontent-length: 6\r\n\r\n", "the proxy answered with status 502"),
        (b"HTTP/1.1 200 OK\r\n\r\ntoo early", "the proxy did not answer as HTTP says"),
        (b"nonsense\r\n\r\n", "the proxy did not answer as HTTP says"),
        (b"HTTP/1.1 200 OK\r\n", "the proxy did not answer as HTTP says"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 40_000, "the proxy did not answer as HTTP says"),
    ],
)
def test_a_proxy_that_opens_no_tunnel(answer: bytes, reason: str) -> None:
    @on_loop
    async def whole() -> None:
        proxy = ForwardProxy(refusal=answer)
        async with RawUpstream(proxy) as server:
            sink = await asked(url="https://host.test/v1", proxies=through(server.port, "Basic canary"))
        assert (sink.failure, sink.reason) == (Failure.CONNECT, f"could not connect: {reason}")

    whole()


@on_loop
async def test_a_proxy_that_can_not_be_used_is_told() -> None:
    faulty = Proxies({"http": Proxy(None, fault="HTTP_PROXY is no URL of a proxy")})
    sink = await asked(proxies=faulty)
    assert sink.reason == "could not connect: HTTP_PROXY is no URL of a proxy"
