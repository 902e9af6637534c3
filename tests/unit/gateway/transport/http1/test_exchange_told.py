"""What an exchange tells its sink, whatever its upstream does and whenever the sink pauses."""

import asyncio
import gzip
from collections.abc import Callable
from itertools import pairwise

import pytest
from fakes.asking import asked, opened, run
from fakes.raw_upstream import OK, Peer, RawUpstream
from fakes.sink import PausingSink, RecordingSink
from fakes.waiting import turns, until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.failures import NOT_HTTP
from reconciler.gateway.transport.http1.transport import HttpTransport

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def told(*pieces: bytes, method: str = "POST", on_uvloop: bool = False) -> RecordingSink:
    """What a sink hears of an upstream that sends these pieces, each by itself, and closes."""
    sinks: list[RecordingSink] = []

    async def script(peer: Peer) -> None:
        await peer.request()
        for piece in pieces:
            await peer.send(piece)
            await turns(2)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sinks.append(await asked(upstream, transport, method=method))

    run(script, scenario, on_uvloop=on_uvloop)
    return sinks[0]


@pytest.fixture(params=["asyncio", "uvloop"])
def on_uvloop(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "uvloop")


# --- the answer --------------------------------------------------------------------------------------------------


def test_the_answer_to_head_has_no_body_and_closes() -> None:
    sink = told(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", method="HEAD")
    assert (sink.status, sink.body, sink.ended) == (200, b"", True)


@pytest.mark.parametrize(
    ("pieces", "status", "body"),
    [
        ((b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n",), 204, b""),
        ((b"HTTP/1.1 304 Not Modified\r\n\r\n",), 304, b""),
        ((b"HTTP/1.1 200 OK\r\n\r\n", b"until ", b"the close"), 200, b"until the close"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nx: y\r\n\r\n", OK), 200, b"ok"),
        ((CHUNKED, b"1\r\na\r\n", b"1\r", b"\nb\r\n0", b"\r\n\r\n"), 200, b"ab"),
    ],
)
def test_how_an_answer_ends(pieces: tuple[bytes, ...], status: int, body: bytes, on_uvloop: bool) -> None:
    sink = told(*pieces, on_uvloop=on_uvloop)
    assert (sink.status, sink.body, sink.ended, sink.failure) == (status, body, True, None)


def test_what_is_sound_is_told_before_the_fault() -> None:
    sink = told(CHUNKED + b"2\r\nok\r\nnonsense\r\n")
    assert (sink.status, sink.body, sink.failure, sink.reason) == (200, b"ok", Failure.BROKEN, NOT_HTTP)


def test_a_faulty_connection_is_closed() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok")
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        assert (await asked(upstream, transport)).reason == NOT_HTTP
        await until(lambda: upstream.open == 0)

    run(script, scenario)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_next_request_may_be_opened_from_within_the_end(at_once: bool) -> None:
    class Chained(RecordingSink):
        def end(self) -> None:
            super().end()
            again[0]()

    first, second = Chained(), RecordingSink()
    again: list[Callable[[], object]] = []
    begun = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            if at_once:
                await peer.send(OK)
                continue
            await peer.send(OK[:-1])
            await begun.wait()
            await peer.send(OK[-1:])

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        again.append(lambda: opened(upstream, transport, second))
        opened(upstream, transport, first)
        await until(lambda: first.status)
        begun.set()
        await second.wait()
        assert (first.at_once, second.ended, upstream.connections) == (at_once, True, 1)

    run(script, scenario)


class Buggy(RecordingSink):
    """Raises in the method `where`, after it noted the call."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        super().head(status, headers)
        self._fall("head")

    def data(self, chunk: bytes) -> None:
        super().data(chunk)
        self._fall("data")

    def end(self) -> None:
        super().end()
        self._fall("end")

    def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        super().whole(status, headers, body)
        self._fall("whole")

    def error(self, failure: Failure, reason: str) -> None:
        super().error(failure, reason)
        self._fall("error")

    def _fall(self, place: str) -> None:
        if place == self._where:
            raise KeyError(place)


@pytest.mark.parametrize("where", ["head", "data", "end", "whole", "error"])
def test_a_bug_in_a_sink_stays_out_of_the_loop(where: str, caplog: pytest.LogCaptureFixture) -> None:
    raised: list[object] = []

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            answer = {"error": b"nonsense", "whole": OK}.get(
                where, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nok"
            )
            await peer.send(answer)
            if answer != OK:
                return

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context))
        sink = Buggy(where)
        opened(upstream, transport, sink)
        await until(lambda: sink.over)
        await until(lambda: "ended with a bug" in caplog.text)
        assert (sink.failure is not None) is (where not in {"end", "whole"})  # all was told
        assert sink.at_once is (where == "whole")
        assert (await asked(upstream, transport)).over

    run(script, scenario)
    assert raised == []


# --- pause, resume, cancel ---------------------------------------------------------------------------------------


def test_what_was_read_is_held_while_paused_and_the_end_with_it(on_uvloop: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED + b"1\r\na\r\n")
        await first.wait()
        await peer.send(b"1\r\nb\r\n0\r\n\r\n")
        await peer.gone()

    first = asyncio.Event()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = PausingSink(1)
        sink.exchanges.append(opened(upstream, transport, sink))
        await until(lambda: sink.chunks)
        first.set()
        await turns(50)
        assert (sink.body, sink.over) == (b"a", False)
        sink.exchanges[0].resume()
        sink.exchanges[0].resume()
        await sink.wait()
        assert (sink.body, sink.ended) == (b"ab", True)

    run(script, scenario, on_uvloop=on_uvloop)


@pytest.mark.parametrize("reset", [False, True])
def test_a_break_while_paused_is_told_after_what_was_read(reset: bool) -> None:
    bomb = gzip.compress(bytes(300_000))

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
            % (len(bomb) + 1, bomb)
        )
        await paused.wait()
        if reset:
            peer.reset()

    paused = asyncio.Event()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = PausingSink(1)
        sink.exchanges.append(opened(upstream, transport, sink))
        await until(lambda: sink.chunks)
        paused.set()
        await until(lambda: upstream.open == 0)
        await turns(20)
        assert (len(sink.chunks), sink.over) == (1, False)
        sink.exchanges[0].resume()
        await sink.wait()
        assert (sink.body, sink.failure) == (bytes(300_000), Failure.BROKEN)

    run(script, scenario)


def test_a_piece_is_not_unpacked_before_it_is_wanted() -> None:
    packed = gzip.compress(bytes(1_000_000))

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b"
            % (len(packed), packed)
        )
        await peer.gone()

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = PausingSink(2)
        sink.exchanges.append(opened(upstream, transport, sink))
        await until(lambda: len(sink.chunks) == 2)
        await turns(20)
        assert len(sink.body) == 2 * 65536
        sink.exchanges[0].resume()
        await sink.wait()
        assert (sink.body, sink.ended) == (bytes(1_000_000), True)

    run(script, scenario)


def test_nothing_is_heard_after_cancel_whatever_is_held() -> None:
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
        exchange.resume()
        sink.cancel(exchange)
        exchange.resume()
        exchange.pause()
        await turns()
        sink.check()
        assert not sink.over

    run(script, scenario)


def test_a_pause_ends_with_its_exchange(on_uvloop: bool) -> None:
    """Else the next on the same connection would hear nothing."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(OK)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = opened(upstream, transport, sink)
        exchange.pause()
        await until(lambda: sink.status)
        assert (await asked(upstream, transport)).ended
        assert (upstream.connections, sink.over) == (1, False)
        exchange.resume()
        await sink.wait()
        assert (sink.body, sink.ended) == (b"ok", True)

    run(script, scenario, on_uvloop=on_uvloop)


# --- any pieces --------------------------------------------------------------------------------------------------


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5),
    st.sampled_from(["chunked", "length", "close"]),
    st.booleans(),
    st.lists(st.integers(0, 5000), max_size=6),
    st.integers(1, 4),
)
def test_any_pieces_and_pauses_give_the_same_answer(
    chunks: list[bytes], framing: str, packed: bool, places: list[int], pause_after: int
) -> None:
    body = b"".join(chunks)
    sent = gzip.compress(body) if packed else body
    head = b"HTTP/1.1 200 OK\r\nx-kept: a\r\n" + (b"content-encoding: gzip\r\n" if packed else b"")
    if framing == "chunked":
        answer = head + b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(sent), sent)
    else:
        answer = (
            head + (b"content-length: %d\r\n" % len(sent) if framing == "length" else b"") + b"\r\n" + sent
        )
    edges = sorted({place % len(answer) for place in places} | {0, len(answer)})
    pieces = [answer[start:end] for start, end in pairwise(edges)]

    async def script(peer: Peer) -> None:
        await peer.request()
        for piece in pieces:
            await peer.send(piece)
            await turns(1)

    async def scenario(upstream: RawUpstream, transport: HttpTransport) -> None:
        sink = PausingSink(pause_after)
        sink.exchanges.append(opened(upstream, transport, sink))
        await until(lambda: sink.over or len(sink.chunks) == pause_after, pause=0)
        sink.exchanges[0].resume()
        await until(lambda: sink.over, pause=0)
        sink.check()
        assert (sink.status, sink.body, sink.ended) == (200, body, True)
        assert ("x-kept", "a") in sink.headers

    run(script, scenario)
