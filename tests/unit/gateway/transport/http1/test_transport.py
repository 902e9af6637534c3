import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from fakes.http_transport import http_transport
from fakes.sink import PausingSink, RecordingSink
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts

PATIENT = Timeouts(connect=10, total=10)
HEADERS = (("authorization", "Bearer canary"), ("content-type", "application/json"))


@asynccontextmanager
async def connected(
    answer: Answer | Callable[[ReceivedRequest], Answer],
) -> AsyncIterator[tuple[FakeUpstream, HttpTransport]]:
    transport = http_transport()
    async with FakeUpstream(answer) as upstream:
        try:
            yield upstream, transport
        finally:
            await transport.aclose()


def request(upstream: FakeUpstream, body: bytes = b'{"model": "m"}') -> UpstreamRequest:
    return UpstreamRequest("POST", f"{upstream.url}/chat/completions", HEADERS, body)


async def exchanged(
    upstream: FakeUpstream, transport: HttpTransport, timeouts: Timeouts = PATIENT
) -> RecordingSink:
    sink = RecordingSink()
    transport.open(request(upstream), sink, timeouts)
    await sink.wait()
    return sink


def run(
    answer: Answer | Callable[[ReceivedRequest], Answer],
    scenario: Callable[[FakeUpstream, HttpTransport], Awaitable[None]],
) -> None:
    async def whole() -> None:
        async with connected(answer) as (upstream, transport):
            await scenario(upstream, transport)

    asyncio.run(whole())


def single(answer: Answer, timeouts: Timeouts = PATIENT) -> RecordingSink:
    """What a sink hears of one exchange."""

    async def whole() -> RecordingSink:
        async with connected(answer) as (upstream, transport):
            return await exchanged(upstream, transport, timeouts)

    return asyncio.run(whole())


def test_an_answer_comes_whole() -> None:
    sink = single(Answer(steps=(b'{"a":', b"1}"), status=201, framing="length"))
    assert (sink.status, sink.body, sink.ended) == (201, b'{"a":1}', True)
    assert ("content-length", "7") in sink.headers


def test_the_request_is_sent_as_it_was_written() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        await exchanged(upstream, transport)
        (received,) = upstream.requests
        assert (received.method, received.target) == ("POST", "/v1/chat/completions")
        assert received.body == b'{"model": "m"}'
        assert dict(received.headers) == {
            "host": f"127.0.0.1:{upstream.port}",
            "authorization": "Bearer canary",
            "content-type": "application/json",
            "accept-encoding": "identity",
            "content-length": "14",
        }

    run(Answer(), scenario)


def test_nothing_is_called_inside_open() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        transport.open(UpstreamRequest("POST", "http://\n", (), b""), sink, PATIENT)
        assert not sink.over
        await sink.wait()
        assert sink.failure is Failure.CONNECT

    run(Answer(), scenario)


def test_headers_of_the_connection_stay_behind() -> None:
    headers = (
        ("content-type", "text/event-stream"),
        ("Connection", "X-Hop, keep-alive"),
        ("Keep-Alive", "timeout=5"),
        ("X-Hop", "1"),
        ("X-Kept", "a"),
        ("X-Kept", "b"),
        ("Proxy-Authenticate", "x"),
        ("Upgrade", "x"),
    )
    assert single(Answer(headers=headers)).headers == (
        ("content-type", "text/event-stream"),
        ("x-kept", "a"),
        ("x-kept", "b"),
    )


def test_a_connection_is_used_again() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        for _ in range(5):
            assert (await exchanged(upstream, transport)).ended
        assert upstream.connections == 1

    run(Answer(), scenario)


def test_requests_at_a_time_have_a_connection_each() -> None:
    gate = asyncio.Event()

    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sinks = [RecordingSink() for _ in range(120)]
        for sink in sinks:
            transport.open(request(upstream), sink, PATIENT)
        await until(lambda: len(upstream.requests) == len(sinks))
        gate.set()
        for sink in sinks:
            await sink.wait()
            assert sink.ended
        assert upstream.connections == len(sinks)

    run(Answer(before=gate), scenario)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = await exchanged(upstream, transport)
        assert sink.status == status
        assert len(upstream.requests) == 1

    run(Answer(status=status, headers=(("location", "/elsewhere"),)), scenario)


def test_no_cookie_is_kept() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        await exchanged(upstream, transport)
        await exchanged(upstream, transport)
        assert [received.header("cookie") for received in upstream.requests] == [None, None]

    run(Answer(headers=(("set-cookie", "a=b"),)), scenario)


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert single(Answer()).ended


# --- pause, resume, cancel ---------------------------------------------------------------------------------------


def test_cancel_closes_the_connection_and_silences_it() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = transport.open(request(upstream), sink, PATIENT)
        await until(lambda: sink.chunks)
        sink.cancel(exchange)
        exchange.cancel()
        await until(lambda: upstream.open_connections == 0)
        sink.check()

    run(Answer(steps=(b"data: 1\n\n", Ending.HANG)), scenario)


def test_cancel_before_the_head() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = transport.open(request(upstream), sink, PATIENT)
        await until(lambda: upstream.requests)
        sink.cancel(exchange)
        await until(lambda: upstream.open_connections == 0)
        sink.check()

    run(Answer(before=asyncio.Event()), scenario)


def test_cancel_at_once_opens_nothing() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        sink.cancel(transport.open(request(upstream), sink, PATIENT))
        await turns()
        sink.check()
        assert upstream.connections == 0

    run(Answer(), scenario)


@pytest.mark.parametrize("where", ["head", "data", "end"])
def test_a_sink_may_cancel_from_inside(where: str) -> None:
    class Cancelling(RecordingSink):
        def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
            super().head(status, headers)
            self.leave("head")

        def data(self, chunk: bytes) -> None:
            super().data(chunk)
            self.leave("data")

        def end(self) -> None:
            super().end()
            self.leave("end")

        def leave(self, place: str) -> None:
            if place == where:
                self.cancel(exchanges[0])
                left.set()

    left = asyncio.Event()
    exchanges = []

    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = Cancelling()
        exchanges.append(transport.open(request(upstream), sink, PATIENT))
        await asyncio.wait_for(left.wait(), 10)
        await until(lambda: where == "end" or upstream.open_connections == 0)
        await turns()
        sink.check()

    run(Answer(steps=(b"a", b"b") if where == "end" else (b"a", b"b", Ending.HANG)), scenario)


def test_pause_stops_reading() -> None:
    chunk = b"x" * 65536
    count = 512

    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = PausingSink(2)
        exchange = transport.open(request(upstream), sink, PATIENT)
        sink.exchanges.append(exchange)
        await until(lambda: len(sink.chunks) == 2)
        sent = -1
        while sent != upstream.bytes_sent:  # until the buffers between us are full
            sent = upstream.bytes_sent
            await turns(200)
        assert len(sink.chunks) == 2
        assert upstream.bytes_sent < len(chunk) * count / 2
        exchange.resume()
        await sink.wait()
        assert len(sink.body) == len(chunk) * count

    run(Answer(steps=(chunk,) * count), scenario)


def test_pause_before_the_head_holds_the_body_back() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = transport.open(request(upstream), sink, PATIENT)
        exchange.pause()
        await until(lambda: sink.status)
        await turns()
        assert not sink.over
        assert sink.body == b""
        exchange.resume()
        await sink.wait()
        assert sink.body == b"ab"

    run(Answer(steps=(b"a", b"b")), scenario)


def test_cancel_while_paused() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        exchange = transport.open(request(upstream), sink, PATIENT)
        await until(lambda: sink.chunks)
        exchange.pause()
        sink.cancel(exchange)
        await until(lambda: upstream.open_connections == 0)
        sink.check()

    run(Answer(steps=(b"a", Ending.HANG)), scenario)


# --- retire, aclose ----------------------------------------------------------------------------------------------


def test_retire_closes_an_idle_connection() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        await exchanged(upstream, transport)
        assert upstream.open_connections == 1
        transport.retire()
        await until(lambda: upstream.open_connections == 0)

    run(Answer(), scenario)


def test_what_is_under_way_finishes_after_retire() -> None:
    gate = asyncio.Event()

    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        transport.open(request(upstream), sink, PATIENT)
        await until(lambda: sink.chunks)
        transport.retire()
        await turns()
        gate.set()
        await sink.wait()
        assert (sink.body, sink.ended) == (b"ab", True)
        await until(lambda: upstream.open_connections == 0)

    run(Answer(steps=(b"a", gate, b"b")), scenario)


def test_a_request_that_comes_after_retire_is_served_and_its_connection_closed() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        transport.retire()
        await turns()
        assert (await exchanged(upstream, transport)).ended
        await until(lambda: upstream.open_connections == 0)

    run(Answer(), scenario)


def test_aclose_cuts_and_says_so() -> None:
    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = RecordingSink()
        transport.open(request(upstream), sink, PATIENT)
        await until(lambda: sink.chunks)
        await transport.aclose()
        assert sink.failure is Failure.STOPPING
        assert "gateway" in sink.reason
        await until(lambda: upstream.open_connections == 0)
        sink.check()

    run(Answer(steps=(b"a", Ending.HANG)), scenario)


def test_a_bug_in_a_sink_is_logged_and_ends_its_exchange(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(RecordingSink):
        def data(self, chunk: bytes) -> None:
            raise KeyError("bug")

    async def scenario(upstream: FakeUpstream, transport: HttpTransport) -> None:
        sink = Broken()
        transport.open(request(upstream), sink, PATIENT)
        await sink.wait()
        assert sink.failure is Failure.BROKEN
        await until(lambda: "ended with a bug" in caplog.text)
        assert "canary" not in caplog.text

    run(Answer(framing="close"), scenario)
