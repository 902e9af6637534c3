"""Which answers a sink is told at once, and which in pieces."""

import asyncio
import gzip

import pytest
from fakes.asking import opened, run
from fakes.raw_upstream import OK, Peer, RawUpstream
from fakes.sink import RecordingSink
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Exchange
from reconciler.gateway.transport.http1.transport import HttpTransport

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b"ok")


@pytest.fixture(params=["asyncio", "uvloop"])
def on_uvloop(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "uvloop")


def told(answer: bytes, *rest: bytes, method: str = "POST", on_uvloop: bool = False) -> RecordingSink:
    """Of an upstream that sends `answer` in one piece, and each of `rest` when what came before it was heard."""
    sink = RecordingSink()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)
        for number, piece in enumerate(rest):
            await until(lambda number=number: sink.status and len(sink.chunks) >= number)  # type: ignore[misc]
            await peer.send(piece)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        opened(upstream, transport, sink, method=method)
        await sink.wait()

    run(script, scenario, on_uvloop=on_uvloop)
    return sink


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.1 503 Down\r\ncontent-length: 2\r\n\r\nok", 503, b"ok"),
        (HEAD + b"content-length: 0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (CHUNKED + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n", 200, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (HEAD + b"connection: close\r\ncontent-length: 2\r\n\r\nok", 200, b"ok"),
        (OK + b"garbage", 200, b"ok"),
    ],
)
def test_what_came_in_one_reading_is_told_at_once(
    answer: bytes, status: int, body: bytes, on_uvloop: bool
) -> None:
    sink = told(answer, on_uvloop=on_uvloop)
    assert (sink.at_once, sink.status, sink.body, sink.failure) == (True, status, body, None)


def test_the_answer_to_head_is_told_at_once() -> None:
    sink = told(HEAD + b"content-length: 5\r\n\r\n", method="HEAD")
    assert (sink.at_once, sink.body) == (True, b"")
    assert dict(sink.headers)["content-length"] == "5"


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((OK[:-2], b"ok"), id="head first"),
        pytest.param((OK[:-1], b"k"), id="body in two"),
        pytest.param((CHUNKED, b"2\r\nok\r\n0\r\n\r\n"), id="chunks after the head"),
        pytest.param((CHUNKED + b"2\r\nok\r\n", b"0\r\n\r\n"), id="the last chunk later"),
        pytest.param((HEAD + b"\r\nok",), id="until the connection ends"),
        pytest.param(
            (HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(PACKED) + PACKED,),
            id="compressed",
        ),
    ],
)
def test_any_other_answer_is_told_in_pieces(pieces: tuple[bytes, ...], on_uvloop: bool) -> None:
    sink = told(*pieces, on_uvloop=on_uvloop)
    assert (sink.at_once, sink.status, sink.body, sink.ended) == (False, 200, b"ok", True)


def test_a_head_in_two_pieces_is_no_reason_for_more() -> None:
    """What counts is the reading that completes it: nothing was told before."""
    began = asyncio.Event()
    sink = RecordingSink()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK[:10])
        await began.wait()
        await peer.send(OK[10:])

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        opened(upstream, transport, sink)
        await until(lambda: upstream.open)
        await turns(50)
        assert sink.status is None
        began.set()
        await sink.wait()
        assert (sink.at_once, sink.body) == (True, b"ok")

    run(script, scenario)


def test_who_paused_is_told_the_head_alone(on_uvloop: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = opened(upstream, transport, sink)
        exchange.pause()
        await until(lambda: sink.status)
        await turns()
        assert (sink.chunks, sink.over) == ([], False)
        exchange.resume()
        await sink.wait()
        assert (sink.at_once, sink.body, sink.ended) == (False, b"ok", True)

    run(script, scenario, on_uvloop=on_uvloop)


def test_after_cancel_nothing_is_told_at_once_either() -> None:
    sent = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        sent.set()
        await peer.send(OK)
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = opened(upstream, transport, sink)
        await sent.wait()
        sink.cancel(exchange)
        await until(lambda: upstream.open == 0)
        sink.check()
        assert (sink.status, sink.over) == (None, False)

    run(script, scenario)


def test_who_was_told_all_may_still_steer() -> None:
    """A client's connection may say that it is full, or be gone, while it is written to."""

    class Steering(RecordingSink):
        def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
            super().whole(status, headers, body)
            for exchange in exchanges:
                exchange.pause()
                exchange.resume()
                exchange.cancel()

    exchanges: list[Exchange] = []

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(OK)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        for _ in range(2):
            sink = Steering()
            exchanges[:] = [opened(upstream, transport, sink)]
            await sink.wait()
            await turns()
            sink.check()
        assert (upstream.connections, transport._under_way) == (1, set())

    run(script, scenario)
