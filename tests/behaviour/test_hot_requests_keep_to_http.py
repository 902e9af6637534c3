"""What is served without ASGI keeps to HTTP/1.1, whatever clients do: the real data plane, byte for byte on real sockets."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fakes.in_process import Answers
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import turns, until

from reconciler.snapshot.model import Candidate, Snapshot

PLAIN = b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'
SSE = (("content-type", "text/event-stream"),)
DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
MODELS = b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n"


def serving(*candidates: Candidate) -> Snapshot:
    return snapshot(namespace(served("m", *candidates)))


def chat(
    *headers: bytes, version: bytes = b"1.1", text: str = "hi", stream: bool = False, chunked: bool = False
) -> bytes:
    asked: dict[str, object] = {"model": "m", "messages": [{"role": "user", "content": text}]}
    body = json.dumps({**asked, "stream": True} if stream else asked).encode()
    lines = [
        b"POST /v1/chat/completions HTTP/" + version,
        b"host: localhost",
        b"content-type: application/json",
    ]
    if chunked:
        half = len(body) // 2
        body = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:half], body[half:])) + b"0\r\n\r\n"
        lines.append(b"transfer-encoding: chunked")
    else:
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join([*lines, *headers, b"", body])


class Connection:
    """A client's socket; `seen` is all that came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.seen = b""

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answers(self, count: int) -> list[tuple[int, dict[str, str], bytes]]:
        """So many, whole."""
        while len(found := Answers(self.seen).whole) < count:
            piece = await self.reader.read(65536)
            assert piece, f"the connection ended after {self.seen!r}"
            self.seen += piece
        return [
            (status, {name.decode().lower(): value.decode() for name, value in headers}, body)
            for status, headers, body in found
        ]

    async def end(self) -> bytes:
        """All until the gateway closes."""
        while piece := await self.reader.read(65536):
            self.seen += piece
        return self.seen

    async def until_seen(self, text: bytes) -> None:
        while text not in self.seen:
            piece = await self.reader.read(65536)
            assert piece, f"the connection ended after {self.seen!r}"
            self.seen += piece

    def reset(self) -> None:
        bare = self.writer.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@asynccontextmanager
async def connected(gateway: Gateway) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def answering(*answers: Answer, max_body: int = 100_000) -> AsyncIterator[tuple[Gateway, FakeUpstream]]:
    """Each upstream request gets the next answer; the last one stays."""
    waiting = list(answers)

    def next_answer(_: ReceivedRequest) -> Answer:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async with (
        FakeUpstream(next_answer) as upstream,
        Gateway(serving(candidate(http_upstream("up", upstream.url))), max_body=max_body) as gateway,
    ):
        yield gateway, upstream


@on_loop
async def test_pipelined_requests_hot_and_cold_are_answered_in_order() -> None:
    gate = asyncio.Event()
    first = Answer((b'{"n": 1}',), before=gate)
    async with answering(first, Answer((b'{"n": 2}',))) as (gateway, upstream), connected(gateway) as client:
        client.send(chat() + MODELS + chat() + MODELS)
        await until(lambda: upstream.requests, "the first")
        await turns()
        assert len(upstream.requests) == 1
        gate.set()
        bodies = [body for _, _, body in await client.answers(4)]
        assert (bodies[0], bodies[2]) == (b'{"n": 1}', b'{"n": 2}')
        assert all(b'"object": "list"' in bodies[at] for at in (1, 3))


@on_loop
async def test_a_hot_request_behind_a_cold_one() -> None:
    async with answering(Answer((PLAIN,))) as (gateway, _), connected(gateway) as client:
        client.send(MODELS + chat() + b"GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n" + chat())
        assert [status for status, _, _ in await client.answers(4)] == [200, 200, 404, 200]


@on_loop
async def test_a_connection_is_kept_until_one_side_has_had_enough() -> None:
    async with (
        answering(Answer((PLAIN,), framing="length")) as (gateway, upstream),
        connected(gateway) as client,
    ):
        for count in range(1, 4):
            client.send(chat())
            status, headers, body = (await client.answers(count))[-1]
            assert (status, body, headers["content-length"]) == (200, PLAIN, str(len(PLAIN)))
            assert "connection" not in headers
            assert "date" in headers
            assert "server" not in headers
        client.send(chat(b"connection: close"))
        assert b"connection: close\r\n" in await client.end()
        assert upstream.connections == 1


@on_loop
async def test_http_1_0_gets_no_chunks() -> None:
    async with answering(Answer((PLAIN[:5], PLAIN[5:]))) as (gateway, _), connected(gateway) as client:
        client.send(chat(version=b"1.0"))
        seen = await client.end()
        assert b"transfer-encoding" not in seen
        assert seen.endswith(b"\r\n\r\n" + PLAIN)


@on_loop
async def test_expect_100_continue_and_chunked_bodies() -> None:
    async with answering(Answer((PLAIN,))) as (gateway, upstream), connected(gateway) as client:
        whole = chat(b"expect: 100-continue")
        head, body = whole.split(b"\r\n\r\n", 1)
        client.send(head + b"\r\n\r\n")
        await client.until_seen(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.send(body)
        await client.answers(1)
        client.send(chat(chunked=True))
        await client.answers(2)
        assert upstream.requests[0].body == upstream.requests[1].body


@pytest.mark.parametrize("told", [True, False])
@on_loop
async def test_a_body_over_the_limit_is_answered_while_it_is_sent_and_the_connection_closed(
    told: bool,
) -> None:
    """The answer arrives although the client is still sending: a reset would have taken it away."""
    async with answering(Answer(), max_body=1000) as (gateway, upstream), connected(gateway) as client:
        whole = chat(text="x" * 500_000, chunked=not told)
        client.send(whole)
        seen = await client.end()
        assert seen.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close\r\n" in seen
        assert upstream.requests == []
        await gateway.idle()
        assert gateway.telemetry.snapshot()["endings"] == {"chat": {"refused": 1}}


@on_loop
async def test_what_is_no_http_gets_a_400_and_no_answer_is_disturbed() -> None:
    gate = asyncio.Event()
    async with answering(Answer((PLAIN,), before=gate)) as (gateway, upstream), connected(gateway) as client:
        client.send(chat() + b"POST /v1 HTTP/7.7\r\n\r\n")
        await until(lambda: upstream.requests, "the request")
        gate.set()
        await client.end()
        assert [status for status, _, _ in await client.answers(2)] == [200, 400]


@pytest.mark.parametrize(
    "smuggled",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked",
        b"content-length: 5\r\ncontent-length: 6",
        b"content-length: +5",
        b"transfer-encoding: chunked, identity",
        b"x: a\r\n b: folded\r\ncontent-length : 5",
        b"x: a\nb: c",
    ],
)
@on_loop
async def test_what_two_servers_could_read_differently_is_refused(smuggled: bytes) -> None:
    async with answering(Answer()) as (gateway, upstream), connected(gateway) as client:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        client.send(head + smuggled + b"\r\n\r\n0\r\n\r\n" + MODELS)
        assert (await client.end()).startswith(b"HTTP/1.1 400 ")
        assert upstream.requests == []


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize(
    "steps",
    [(Ending.HANG,), (DELTA, Ending.HANG), (DELTA, b"data: {", Ending.HANG)],
    ids=["head", "event", "half"],
)
@on_loop
async def test_a_client_that_leaves_frees_the_upstream(
    steps: tuple[bytes | Ending, ...], reset: bool
) -> None:
    async with answering(Answer(steps, headers=SSE)) as (gateway, upstream), connected(gateway) as client:
        client.send(chat(stream=True) + chat())
        await until(lambda: upstream.requests, "the request")
        if DELTA in steps:
            await client.until_seen(DELTA)
        client.reset() if reset else client.writer.close()
        await until(lambda: upstream.open_connections == 0, "the end of the upstream's")
        await gateway.idle()
        assert gateway.telemetry.snapshot()["endings"] == {"chat": {"gone": 1}}
        assert len(upstream.requests) == 1


@on_loop
async def test_an_upstream_that_is_not_there_is_answered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with (
        Gateway(serving(candidate(http_upstream("up", f"http://127.0.0.1:{port}/v1")))) as gateway,
        connected(gateway) as client,
    ):
        client.send(chat() + chat())
        assert [status for status, _, _ in await client.answers(2)] == [502, 502]


@on_loop
async def test_an_upstream_that_is_silent_is_answered_in_time() -> None:
    async with FakeUpstream(Answer((Ending.HANG,), before=asyncio.Event())) as upstream:
        slow = candidate(http_upstream("up", upstream.url), total=0.05)
        async with Gateway(serving(slow)) as gateway, connected(gateway) as client:
            client.send(chat())
            ((status, _, body),) = await client.answers(1)
            assert (status, json.loads(body)["error"]["code"]) == (504, "upstream_timeout")


@on_loop
async def test_a_broken_answer_can_not_be_taken_for_whole() -> None:
    async with answering(Answer((PLAIN[:10], Ending.CUT))) as (gateway, _), connected(gateway) as client:
        client.send(chat())
        seen = await client.end()
        assert seen.endswith(PLAIN[:10] + b"\r\n")
        assert not Answers(seen).whole


@on_loop
async def test_a_stopping_gateway_finishes_what_it_has_and_takes_nothing_new() -> None:
    gate = asyncio.Event()
    async with (
        answering(Answer((PLAIN,), before=gate)) as (gateway, upstream),
        connected(gateway) as busy,
        connected(gateway) as idle,
    ):
        idle.send(MODELS)
        await idle.answers(1)
        busy.send(chat() + chat())
        await until(lambda: upstream.requests, "the request")
        stopping = asyncio.ensure_future(gateway.stop())
        await idle.end()
        assert not stopping.done()
        gate.set()
        await busy.end()
        assert [status for status, _, _ in await busy.answers(2)] == [200, 200]
        await stopping


@on_loop
async def test_pages_of_an_allowed_origin_may_read_and_others_get_nothing() -> None:
    page = "https://app.example"
    only = serving(candidate(simulator("sim", text="ok")))
    async with Gateway(only, origins=(page,)) as gateway, connected(gateway) as client:
        client.send(chat(b"origin: https://app.example") + chat(b"origin: https://evil.example") + chat())
        allowed, foreign, plain = await client.answers(3)
        assert (allowed[0], allowed[1]["access-control-allow-origin"]) == (200, page)
        assert (foreign[0], "access-control-allow-origin" in foreign[1]) == (403, False)
        assert (plain[0], plain[1]["vary"]) == (200, "Origin")
