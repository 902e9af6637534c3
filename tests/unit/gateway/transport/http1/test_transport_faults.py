import asyncio
import gzip
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fakes.http_transport import http_transport
from fakes.loop import on_loop
from fakes.sink import RecordingSink
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts

PATIENT = Timeouts(connect=10, total=10)
HASTY = Timeouts(connect=10, total=0.01, first_byte=0.01, idle=0.01)


def told(url: str, timeouts: Timeouts = PATIENT, headers: tuple[tuple[str, str], ...] = ()) -> RecordingSink:
    """What a sink hears of one exchange with `url`."""

    async def whole() -> RecordingSink:
        transport = http_transport(ssl.create_default_context())
        return await heard(transport, url, timeouts, headers)

    return asyncio.run(whole())


async def heard(
    transport: HttpTransport,
    url: str,
    timeouts: Timeouts = PATIENT,
    headers: tuple[tuple[str, str], ...] = (),
) -> RecordingSink:
    sink = RecordingSink()
    transport.open(UpstreamRequest("POST", url, headers, b"{}"), sink, timeouts)
    try:
        await sink.wait()
    finally:
        await transport.aclose()
    return sink


def single(
    answer: Answer | Callable[[ReceivedRequest], Answer], timeouts: Timeouts = PATIENT
) -> tuple[RecordingSink, FakeUpstream]:
    async def whole() -> tuple[RecordingSink, FakeUpstream]:
        async with FakeUpstream(answer) as upstream:
            transport = http_transport()
            return await heard(transport, upstream.url, timeouts), upstream

    return asyncio.run(whole())


def raw(head: bytes, *steps: bytes | Ending) -> Answer:
    return Answer(head=head, steps=steps, framing="close")


@contextmanager
def free_port() -> Iterator[int]:
    """A port that is bound and that nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that answers no SYN: its backlog is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


def test_nobody_listens() -> None:
    with free_port() as port:
        sink = told(f"http://127.0.0.1:{port}/v1?key=canary", headers=(("authorization", "canary"),))
    assert sink.failure is Failure.CONNECT
    assert sink.reason == "could not connect: connection refused"


def test_nobody_answers_the_connection() -> None:
    with black_hole() as port:
        sink = told(f"http://127.0.0.1:{port}/v1", Timeouts(connect=0.05, total=10))
    assert (sink.failure, sink.reason) == (Failure.CONNECT, "could not connect in time")


def test_a_name_that_does_not_exist() -> None:
    sink = told("http://host.invalid/v1")
    assert sink.failure is Failure.CONNECT
    assert sink.reason.startswith("could not connect: ")


def test_no_tls_where_tls_is_expected() -> None:
    def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def whole() -> RecordingSink:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await heard(http_transport(ssl.create_default_context()), f"https://127.0.0.1:{port}/")

    assert asyncio.run(whole()).failure is Failure.CONNECT


@pytest.mark.parametrize(
    "headers",
    [
        (("x", "canary\r\nx-injected: 1"),),
        (("x\r\nx-injected", "canary"),),
        (("x", "canary\0"),),
        (("x", "canary\u2028"),),
    ],
)
def test_no_header_can_be_smuggled(headers: tuple[tuple[str, str], ...]) -> None:
    async def whole() -> None:
        async with FakeUpstream() as upstream:
            transport = http_transport()
            sink = await heard(transport, upstream.url, headers=headers)
            assert sink.failure is not None
            assert "canary" not in sink.reason
            assert upstream.requests == []

    asyncio.run(whole())


@pytest.mark.parametrize(
    "answer",
    [
        Answer(before=asyncio.Event()),
        raw(b"HTTP/1.1 200 OK\r\ncontent-", Ending.HANG),
        raw(b"HTTP/1.1 100 Continue\r\n\r\n", Ending.HANG),
        raw(b"", Ending.HANG),
        Answer(steps=(b"a", Ending.HANG)),
    ],
)
@on_loop
async def test_a_silent_upstream_is_waited_for_until_who_asked_has_enough(answer: Answer) -> None:
    """When an answer is late, only who asked can tell."""
    async with FakeUpstream(answer) as upstream:
        transport, sink, loop = http_transport(), RecordingSink(), asyncio.get_running_loop()
        exchange = transport.open(UpstreamRequest("POST", upstream.url, (), b"{}"), sink, HASTY)
        end = loop.time() + 5 * HASTY.total
        await until(lambda: upstream.requests and loop.time() > end and sink.body == _before_silence(answer))
        assert (sink.over, upstream.open_connections) == (False, 1)
        sink.cancel(exchange)
        await until(lambda: upstream.open_connections == 0, "the connection's end")
        sink.check()
        assert not sink.over
        await transport.aclose()


def _before_silence(answer: Answer) -> bytes:
    return b"a" if answer.head is None and answer.before is None else b""


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.RESET])
@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_a_body_that_breaks_off(ending: Ending, framing: str) -> None:
    head = b"content-length: 100" if framing == "length" else b"transfer-encoding: chunked"
    first = b"a" if framing == "length" else b"1\r\na\r\n5\r\nab"
    sink, _ = single(raw(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", first, ending))
    assert sink.failure is Failure.BROKEN
    assert not sink.ended


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.RESET])
def test_a_new_connection_that_dies_unanswered_is_not_tried_again(ending: Ending) -> None:
    sink, upstream = single(raw(b"", ending))
    assert sink.failure is Failure.BROKEN
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.RESET])
def test_a_kept_connection_that_dies_unanswered_is_replaced_once(ending: Ending) -> None:
    async def whole() -> None:
        def answer(received: ReceivedRequest) -> Answer:
            return raw(b"", ending) if len(upstream.requests) == 2 else Answer()

        async with FakeUpstream(answer) as upstream:
            transport = http_transport()
            for _ in range(2):
                sink = RecordingSink()
                transport.open(UpstreamRequest("POST", upstream.url, (), b"{}"), sink, PATIENT)
                await sink.wait()
                assert sink.ended
            assert [received.connection for received in upstream.requests] == [1, 1, 2]
            await transport.aclose()

    asyncio.run(whole())


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000 + b"\r\n",
    ],
)
def test_an_answer_that_is_no_http(head: bytes) -> None:
    sink, _ = single(raw(head, Ending.CUT))
    assert (sink.status, sink.failure) == (None, Failure.BROKEN)


def test_an_odd_status_is_passed_on() -> None:
    sink, _ = single(Answer(status=999))
    assert (sink.status, sink.ended) == (999, True)


def test_a_folded_or_bare_header_can_not_become_two() -> None:
    sink, _ = single(raw(b"HTTP/1.1 200 OK\r\nx: a\r\n folded: b\r\ncontent-length: 2\r\n\r\n", b"ok"))
    assert "folded" not in dict(sink.headers)
    assert all("\n" not in value and "\r" not in value for _, value in sink.headers)


# --- compressed against our asking -------------------------------------------------------------------------------


def compressed(body: bytes, encoding: str = "gzip") -> Answer:
    return Answer(steps=(body,), headers=(("content-encoding", encoding),), framing="length")


def test_an_unasked_compression_is_undone() -> None:
    text = b"data: a\n\n" * 5000
    sink, _ = single(compressed(gzip.compress(text)))
    assert (sink.body, sink.ended) == (text, True)
    assert {name for name, _ in sink.headers} & {"content-encoding", "content-length"} == set()


def test_an_unknown_compression_fails_before_the_head() -> None:
    sink, _ = single(compressed(b"x", "br"))
    assert (sink.status, sink.failure) == (None, Failure.BROKEN)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"a" * 1000)[:-4]], ids=["none", "cut"])
def test_a_broken_compression_is_told(body: bytes) -> None:
    sink, _ = single(compressed(body))
    assert (sink.status, sink.failure) == (200, Failure.BROKEN)


def test_a_bomb_is_stopped() -> None:
    sink, _ = single(compressed(gzip.compress(bytes(200 * 2**20))))
    assert sink.failure is Failure.BROKEN
    assert "grows" in sink.reason
    assert len(sink.body) < 40 * 2**20
    assert max(map(len, sink.chunks)) <= 2**16


def test_no_log_holds_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def whole() -> None:
        async with FakeUpstream() as upstream:
            transport = http_transport()
            headers = (("authorization", "Bearer canary"),)
            assert (await heard(transport, upstream.url, headers=headers)).ended

    asyncio.run(whole())
    assert "canary" not in caplog.text


def test_closing_leaves_nothing_behind() -> None:
    async def whole() -> int:
        async with FakeUpstream(Answer(steps=(b"a", Ending.CUT))) as upstream:
            transport = http_transport()
            sink = await heard(transport, upstream.url)
            assert sink.failure is Failure.BROKEN
        return len(asyncio.all_tasks())

    assert asyncio.run(whole()) == 1
