"""Which connection carries an exchange, and how its request is written: against scripted upstreams."""

import asyncio
import ssl

import pytest
from fakes.asking import asked, opened, run
from fakes.raw_upstream import OK, Peer, RawUpstream, Request
from fakes.sink import RecordingSink
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1.response import CUT
from reconciler.gateway.transport.http1.transport import HttpTransport


@pytest.fixture(params=["asyncio", "uvloop"])
def on_uvloop(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "uvloop")


# --- which connection --------------------------------------------------------------------------------------------


def test_a_connection_is_used_again_and_the_last_one_first(on_uvloop: bool) -> None:
    used: list[int] = []
    gate = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            used.append(peer.number)
            if peer.number == 1 and used.count(1) == 1:
                await gate.wait()
            await peer.send(OK)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        slow = RecordingSink()
        opened(upstream, transport, slow)
        await until(lambda: used == [1])
        await asked(upstream, transport)
        gate.set()
        await slow.wait()
        for _ in range(3):
            assert (await asked(upstream, transport)).body == b"ok"
        assert used == [1, 2, 1, 1, 1]

    run(script, scenario, on_uvloop=on_uvloop)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nwrong!",
        OK + b"garbage",
    ],
)
def test_a_connection_that_none_may_follow_on_is_closed(answer: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        for number in (1, 2):
            sink = await asked(upstream, transport)
            assert (sink.body, sink.ended) == (b"ok", True)
            assert upstream.connections == number
        await until(lambda: upstream.open == 0)

    run(script, scenario)


def test_bytes_that_nobody_asked_for_close_an_idle_connection(on_uvloop: bool) -> None:
    """Else the next answer would be taken for the wrong request's."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 1:
            await answered.wait()
            await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nwrong!")
        await peer.gone()

    answered = asyncio.Event()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        await asked(upstream, transport)
        answered.set()
        await until(lambda: upstream.open == 0)
        assert (await asked(upstream, transport)).body == b"ok"
        assert upstream.connections == 2

    run(script, scenario, on_uvloop=on_uvloop)


@pytest.mark.parametrize("reset", [False, True])
def test_a_kept_connection_that_died_is_replaced_once_and_the_body_sent_again(
    reset: bool, on_uvloop: bool
) -> None:
    bodies: list[tuple[int, int]] = []
    large = b"x" * 1_000_000

    async def script(peer: Peer) -> None:
        bodies.append((peer.number, len((await peer.request()).body)))
        if peer.number == 1:
            await peer.send(OK)
            await peer.head()
            if reset:
                peer.reset()
            return
        await peer.send(OK)
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        await asked(upstream, transport)
        sink = await asked(upstream, transport, large)
        assert (sink.body, sink.ended) == (b"ok", True)
        assert bodies == [(1, 2), (2, len(large))]

    run(script, scenario, on_uvloop=on_uvloop)


def test_a_second_death_is_told() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if peer.number == 1:
            await peer.send(OK)
            await peer.request()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        await asked(upstream, transport)
        sink = await asked(upstream, transport)
        assert (sink.failure, upstream.connections) == (Failure.BROKEN, 2)
        assert sink.reason == "the connection was closed before an answer came"

    run(script, scenario)


@pytest.mark.parametrize("first", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_after_a_byte_nothing_is_tried_again(first: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.send(first)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        await asked(upstream, transport)
        sink = await asked(upstream, transport)
        assert (sink.failure, sink.reason, upstream.connections) == (Failure.BROKEN, CUT, 1)

    run(script, scenario)


def test_a_connection_that_takes_no_write_is_replaced() -> None:
    def refusing(_: bytes | memoryview) -> None:
        raise ssl.SSLError(1, "canary")

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        await asked(upstream, transport)
        (pool,) = transport._pools.values()
        (kept,) = pool._open
        kept._write = refusing
        assert (await asked(upstream, transport)).ended
        assert upstream.connections == 2
        await until(lambda: upstream.open == 1)

    run(script, scenario)


def test_a_replacement_that_can_not_be_made_is_told() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        await asked(upstream, transport)
        upstream.stop()
        sink = await asked(upstream, transport)
        assert (sink.failure, sink.reason) == (Failure.CONNECT, "could not connect: connection refused")

    run(script, scenario)


# --- the request -------------------------------------------------------------------------------------------------


def test_a_large_body_waits_for_the_upstream_to_read(on_uvloop: bool) -> None:
    large = bytes(range(256)) * 80_000
    reading = asyncio.Event()
    received: list[Request] = []

    async def script(peer: Peer) -> None:
        await reading.wait()
        received.append(await peer.request())
        await peer.send(OK)
        await peer.request()
        await peer.send(OK)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        opened(upstream, transport, sink, large)
        await until(lambda: upstream.open)
        await turns(100)
        reading.set()
        await sink.wait()
        assert (sink.ended, received[0].body == large) == (True, True)
        assert (await asked(upstream, transport)).ended
        assert upstream.connections == 1

    run(script, scenario, on_uvloop=on_uvloop)


def test_an_answer_may_come_before_the_request_is_written(on_uvloop: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig" if peer.number == 1 else OK)
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = await asked(upstream, transport, b"x" * 30_000_000)
        assert (sink.status, sink.body, sink.ended) == (413, b"big", True)
        assert (await asked(upstream, transport)).ended
        assert upstream.connections == 2

    run(script, scenario, on_uvloop=on_uvloop)
