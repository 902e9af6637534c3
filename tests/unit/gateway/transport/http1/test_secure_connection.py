import asyncio
import ssl
from contextlib import suppress

import pytest
from fakes.asking import PATIENT, on_either_loop
from fakes.certificates import authority
from fakes.http_transport import http_transport
from fakes.loop import on_loop
from fakes.raw_upstream import OK, Peer, RawUpstream
from fakes.sink import PausingSink, RecordingSink
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1.addresses import Addresses
from reconciler.gateway.transport.http1.connection import Connection
from reconciler.gateway.transport.http1.connector import Connector
from reconciler.gateway.transport.http1.proxy import NO_PROXIES
from reconciler.gateway.transport.http1.request_head import RequestHead
from reconciler.gateway.transport.http1.secure_connection import SecureConnection
from reconciler.gateway.transport.http1.tls import Sessions
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts
from reconciler.snapshot.tls import own_trust, system_trust


@pytest.fixture(params=["asyncio", "uvloop"])
def on_uvloop(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "uvloop")


async def asked(
    transport: HttpTransport, url: str, body: bytes = b"{}", timeouts: Timeouts = PATIENT
) -> RecordingSink:
    sink = RecordingSink()
    transport.open(UpstreamRequest("POST", url, (), body), sink, timeouts)
    await sink.wait()
    return sink


async def answering(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.send(OK)


def trusting() -> HttpTransport:
    return http_transport(own_trust(authority().pem))


async def told(
    context: ssl.SSLContext, server: ssl.SSLContext, server_name: str | None = None
) -> RecordingSink:
    async with RawUpstream(answering, server) as upstream:
        transport = http_transport(context, server_name=server_name)
        try:
            return await asked(transport, upstream.url)
        finally:
            await transport.aclose()


def test_answers_come_over_one_connection(on_uvloop: bool) -> None:
    spoken: list[str | None] = []

    async def script(peer: Peer) -> None:
        spoken.append(peer.tls.selected_alpn_protocol())
        await answering(peer)

    async def whole() -> None:
        async with RawUpstream(script, authority().server("127.0.0.1")) as upstream:
            transport = trusting()
            for _ in range(3):
                sink = await asked(transport, upstream.url)
                assert (sink.body, sink.ended) == (b"ok", True)
            await transport.aclose()
            await until(lambda: upstream.open == 0)
        assert spoken == ["http/1.1"]

    on_either_loop(whole(), on_uvloop=on_uvloop)


def test_large_bodies_pass_both_ways(on_uvloop: bool) -> None:
    large = bytes(range(256)) * 40_000

    async def script(peer: Peer) -> None:
        body = (await peer.request()).body
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await peer.gone()

    async def whole() -> None:
        async with RawUpstream(script, authority().server("127.0.0.1")) as upstream:
            transport, sink = trusting(), PausingSink(3)
            sink.exchanges.append(
                transport.open(UpstreamRequest("POST", upstream.url, (), large), sink, PATIENT)
            )
            await until(lambda: len(sink.chunks) == 3)
            await turns(50)
            assert len(sink.chunks) == 3
            sink.exchanges[0].resume()
            await sink.wait()
            assert sink.body == large
            await transport.aclose()

    on_either_loop(whole(), on_uvloop=on_uvloop)


@pytest.mark.parametrize(
    ("names", "expired", "reason"),
    [(("localhost",), False, "IP address mismatch"), (("127.0.0.1",), True, "expired")],
)
def test_a_certificate_that_is_not_the_hosts(
    names: tuple[str, ...], expired: bool, reason: str, on_uvloop: bool
) -> None:
    async def whole() -> None:
        sink = await told(own_trust(authority().pem), authority().server(*names, expired=expired))
        assert sink.failure is Failure.CONNECT
        assert sink.reason.startswith("could not connect: the certificate was refused: ")
        assert reason in sink.reason

    on_either_loop(whole(), on_uvloop=on_uvloop)


def test_an_authority_that_the_system_does_not_know() -> None:
    async def whole() -> None:
        sink = await told(system_trust(), authority().server("127.0.0.1"))
        assert sink.failure is Failure.CONNECT
        assert "certificate was refused" in sink.reason

    asyncio.run(whole())


def test_another_name_may_be_expected() -> None:
    seen: list[str | None] = []

    async def whole() -> None:
        server = authority().server("api.example.com")
        server.sni_callback = lambda _tls, name, _context: seen.append(name)
        assert (await told(own_trust(authority().pem), server, "api.example.com")).ended

    asyncio.run(whole())
    assert seen == ["api.example.com"]


def test_a_clients_certificate_is_shown() -> None:
    async def whole() -> None:
        server = authority().server("127.0.0.1", asks_clients=True)
        assert (await told(own_trust(authority().pem, *authority().client_pem()), server)).ended
        assert (await told(own_trust(authority().pem), server)).failure is not None

    asyncio.run(whole())


@pytest.mark.parametrize("name", ["a" * 64 + ".example.com", ".example.com"])
def test_what_is_no_name_is_told(name: str) -> None:
    async def whole() -> None:
        sink = await told(own_trust(authority().pem), authority().server("127.0.0.1"), name)
        assert (sink.failure, sink.reason) == (
            Failure.CONNECT,
            "could not connect: TLS could not be agreed on",
        )

    asyncio.run(whole())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_gone_on_with(version: ssl.TLSVersion, on_uvloop: bool) -> None:
    resumed = []

    async def script(peer: Peer) -> None:
        resumed.append(peer.tls.session_reused)
        await peer.request()
        await peer.send(OK)

    async def whole() -> None:
        server = authority().server("127.0.0.1")
        server.maximum_version = version
        async with RawUpstream(script, server) as upstream:
            shared = Connector(own_trust(authority().pem), Addresses(), NO_PROXIES)
            for _ in range(3):  # a transport each: sessions are for all of them
                transport = HttpTransport(shared)
                assert (await asked(transport, upstream.url)).ended
                await transport.aclose()
        assert resumed == [False, True, True]

    on_either_loop(whole(), on_uvloop=on_uvloop)


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_no_tls_where_tls_is_expected(greeting: bytes, on_uvloop: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(greeting)

    async def whole() -> None:
        async with RawUpstream(script) as upstream:
            transport = trusting()
            sink = await asked(transport, upstream.url.replace("http:", "https:"))
            assert sink.failure is Failure.CONNECT
            await transport.aclose()

    on_either_loop(whole(), on_uvloop=on_uvloop)


def test_a_handshake_that_does_not_end_is_given_up(on_uvloop: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.gone()

    async def whole() -> None:
        async with RawUpstream(script) as upstream:
            transport = trusting()
            url = upstream.url.replace("http:", "https:")
            sink = await asked(transport, url, timeouts=Timeouts(connect=0.1, total=10))
            assert (sink.failure, sink.reason) == (Failure.CONNECT, "could not connect in time")
            left = RecordingSink()
            exchange = transport.open(UpstreamRequest("POST", url, (), b""), left, PATIENT)
            await until(lambda: upstream.open == 1)
            left.cancel(exchange)
            await until(lambda: upstream.open == 0)
            await transport.aclose()

    on_either_loop(whole(), on_uvloop=on_uvloop)


def test_an_answer_until_the_close_ends_surely_or_not_at_all(on_uvloop: bool) -> None:
    """Whoever is in between can close a connection; only the upstream can say that it did."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nsome of it")
        if peer.number == 2:
            peer.abort()

    async def whole() -> None:
        async with RawUpstream(script, authority().server("127.0.0.1")) as upstream:
            transport = trusting()
            sink = await asked(transport, upstream.url)
            assert (sink.body, sink.ended) == (b"some of it", True)
            sink = await asked(transport, upstream.url)
            assert sink.failure is Failure.BROKEN
            await transport.aclose()

    on_either_loop(whole(), on_uvloop=on_uvloop)


class Memory(asyncio.Transport):
    """What is written goes to the server's TLS, which the test holds."""

    def __init__(self, server: ssl.MemoryBIO) -> None:
        super().__init__()
        self._server = server
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._server.write(data)

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class Owning:
    def __init__(self) -> None:
        self.ended: list[Connection] = []

    def closed(self, connection: Connection) -> None:
        self.ended.append(connection)


class Asking:
    """Lets go of a connection as soon as its answer is whole."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.finished: list[bool] = []

    def received(self, fault: str | None) -> None:
        if self.connection is not None and self.connection.answer.complete:
            self.finished.append(self.connection.finish())

    def lost(self, error: Exception | None) -> None: ...


class ByHand:
    """Both ends of a handshake, without a socket."""

    def __init__(self) -> None:
        self.owner = Owning()
        to_server, self._from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = authority().server("host").wrap_bio(to_server, self._from_server, server_side=True)
        self.socket = Memory(to_server)
        context = own_trust(authority().pem)
        self.connection = SecureConnection(self.owner, 0.0, context, ("host", 443), Sessions())
        self.connection.connection_made(self.socket)

    def shake_hands(self) -> None:
        for _ in range(10):
            if self.connection.secured.done():
                return
            with suppress(ssl.SSLWantReadError):
                self.server.do_handshake()
            self.connection.data_received(self._from_server.read())

    def sent(self, data: bytes) -> bytearray:
        """As it is on the wire."""
        self._from_server.read()
        self.server.write(data)
        return bytearray(self._from_server.read())


@on_loop
async def test_a_record_that_was_tampered_with_ends_the_connection() -> None:
    hands = ByHand()
    hands.shake_hands()
    await hands.connection.secured
    record = hands.sent(b"data")
    record[-1] ^= 1
    hands.connection.data_received(bytes(record))
    assert hands.socket.aborted
    hands.connection.connection_lost(None)
    assert hands.owner.ended == [hands.connection]


@on_loop
async def test_tickets_do_not_come_to_nobody_and_data_does() -> None:
    hands = ByHand()
    hands.shake_hands()
    assert not hands.socket.aborted  # by tickets, which came behind the handshake
    record = hands.sent(b"data")
    hands.connection.data_received(bytes(record[:7]))
    assert not hands.socket.aborted
    hands.connection.data_received(bytes(record[7:]))
    assert hands.socket.aborted


@on_loop
async def test_what_follows_an_answer_does_not_pass_for_the_next() -> None:
    """However long it is, in one reading of the socket."""
    hands, asker = ByHand(), Asking()
    hands.shake_hands()
    asker.connection = hands.connection
    hands.connection.send(asker, RequestHead("POST", "/", "host", ()), b"")
    hands.connection.data_received(bytes(hands.sent(OK) + hands.sent(OK * 5000)))
    assert asker.finished == [False]
    assert hands.socket.aborted


@on_loop
async def test_a_connection_lost_in_its_handshake_says_so() -> None:
    hands = ByHand()
    hands.connection.connection_lost(None)
    with pytest.raises(ConnectionResetError):
        await hands.connection.secured
