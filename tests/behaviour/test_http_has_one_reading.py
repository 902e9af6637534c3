"""Requests made to be read in two ways: each has one reading here, or none, and nothing of it reaches an upstream.

The real data plane in process, byte for byte; the upstream is a real one. What follows on the same connection is a
request that somebody would smuggle: it has an answer of its own only where the one before it is beyond doubt.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fakes.in_process import Answers, Wire
from fakes.loop import on_loop
from fakes.serving import candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, FakeUpstream
from fakes.waiting import until

from reconciler.gateway.app import data_plane
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.snapshot.registry import Registry

BODY = b'{"model": "m", "messages": []}'
LENGTH = b"content-length: %d\r\n" % len(BODY)
CHUNKED = b"transfer-encoding: chunked\r\n"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
HEADERS = b"host: localhost\r\ncontent-type: application/json\r\n"
PATH = b"/v1/chat/completions"
LINE = b"POST " + PATH + b" HTTP/1.1\r\n"
SMUGGLED = b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n"


class Stand:
    def __init__(self, upstream: FakeUpstream) -> None:
        self.upstream = upstream
        self.pool = TransportPool()
        registry = Registry()
        registry.publish(snapshot(namespace(served("m", candidate(http_upstream("up", upstream.url))))))
        self._plane = data_plane(registry, self.pool, Telemetry())

    async def told(self, *pieces: bytes, answers: int = 1) -> tuple[list[int], Wire]:
        """The statuses of all answers, once there are so many, or the connection has an end."""
        wire = Wire(self._plane)
        for piece in pieces:
            if not wire.closed:
                wire.send(piece)
        await until(lambda: wire.closed or len(Answers(wire.received).whole) >= answers, "the answers")
        return [status for status, _, _ in Answers(wire.received).whole], wire


@asynccontextmanager
async def standing() -> AsyncIterator[Stand]:
    async with FakeUpstream(Answer((b"{}",), framing="length")) as upstream:
        stand = Stand(upstream)
        yield stand
        await stand.pool.aclose()


FRAMING = {
    "a length, then chunks": LINE + HEADERS + LENGTH + CHUNKED + b"\r\n" + CHUNKS,
    "chunks, then a length": LINE + HEADERS + CHUNKED + LENGTH + b"\r\n" + CHUNKS,
    "two lengths": LINE + HEADERS + LENGTH + b"content-length: 0\r\n\r\n" + BODY,
    "one length twice": LINE + HEADERS + LENGTH * 2 + b"\r\n" + BODY,
    "a list of lengths": LINE + HEADERS + b"content-length: 30, 30\r\n\r\n" + BODY,
    "a length with a sign": LINE + HEADERS + b"content-length: +30\r\n\r\n" + BODY,
    "a negative length": LINE + HEADERS + b"content-length: -1\r\n\r\n" + BODY,
    "a length in hex": LINE + HEADERS + b"content-length: 0x1e\r\n\r\n" + BODY,
    "a length of two words": LINE + HEADERS + b"content-length: 3 0\r\n\r\n" + BODY,
    "an empty length": LINE + HEADERS + b"content-length:\r\n\r\n" + BODY,
    "a length over 64 bits": LINE + HEADERS + b"content-length: 18446744073709551646\r\n\r\n" + BODY,
    "chunks twice": LINE + HEADERS + CHUNKED * 2 + b"\r\n" + CHUNKS,
    "chunks and then another coding": LINE + HEADERS + b"transfer-encoding: chunked, identity\r\n\r\n" + CHUNKS,
    "no chunks but nearly": LINE + HEADERS + b"transfer-encoding: xchunked\r\n\r\n" + CHUNKS,
    "chunks behind a control character": LINE + HEADERS + b"transfer-encoding: \x0bchunked\r\n\r\n" + CHUNKS,
    "a space before the colon": LINE + HEADERS + b"transfer-encoding : chunked\r\n\r\n" + CHUNKS,
    "a length with a space before the colon": LINE + HEADERS + b"content-length : 30\r\n\r\n" + BODY,
    "a folded line": LINE + HEADERS + b"x: a\r\n b: c\r\n" + LENGTH + b"\r\n" + BODY,
    "a folded transfer-encoding": LINE + HEADERS + b"transfer-encoding:\r\n chunked\r\n\r\n" + CHUNKS,
    "a first line that is folded": LINE + b" x: a\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a line that ends with LF": LINE + HEADERS + b"x: a\n" + LENGTH + b"\r\n" + BODY,
    "a head that ends with LF": LINE + HEADERS + LENGTH + b"\n" + BODY,
    "a CR within a value": LINE + HEADERS + b"x: a\rb\r\n" + LENGTH + b"\r\n" + BODY,
    "a NUL in a value": LINE + HEADERS + b"x: a\0b\r\n" + LENGTH + b"\r\n" + BODY,
    "a NUL in a name": LINE + HEADERS + b"x\0y: a\r\n" + LENGTH + b"\r\n" + BODY,
    "a name with a space": LINE + HEADERS + b"x y: a\r\n" + LENGTH + b"\r\n" + BODY,
    "no name": LINE + HEADERS + b": a\r\n" + LENGTH + b"\r\n" + BODY,
    "no colon": LINE + HEADERS + b"x\r\n" + LENGTH + b"\r\n" + BODY,
    "a chunk's size with 0x": LINE + HEADERS + CHUNKED + b"\r\n0x" + CHUNKS,
    "a chunk's size with a sign": LINE + HEADERS + CHUNKED + b"\r\n+" + CHUNKS,
    "a chunk's size over 64 bits": LINE + HEADERS + CHUNKED + b"\r\n1000000000000001e\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk's size that ends with LF": LINE + HEADERS + CHUNKED + b"\r\n" + CHUNKS.replace(b"\r\n", b"\n", 1),
    "an LF in a chunk's extension": LINE + HEADERS + CHUNKED + b"\r\n" + CHUNKS.replace(b"\r\n", b";a\nb\r\n", 1),
    "a chunk longer than it says": LINE + HEADERS + CHUNKED + b"\r\n1e\r\n" + BODY + b"xx\r\n0\r\n\r\n",
    "a length in a trailer": LINE + HEADERS + CHUNKED + b"\r\n" + CHUNKS[:-2] + b"content-length: 9\r\n\r\n",
    "a NUL in the path": b"POST " + PATH + b"\0 HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a byte in the path that is no ASCII": b"POST /v1/\xc3\xa4 HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a space in the path": b"POST /v1/chat completions HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a method in small letters": b"post " + PATH + b" HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a method nobody knows": b"BREW " + PATH + b" HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a method before a tab": b"POST\t" + PATH + b" HTTP/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a version nobody knows": b"POST " + PATH + b" HTTP/7.7\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "no protocol of ours": b"POST " + PATH + b" ICY/1.1\r\n" + HEADERS + LENGTH + b"\r\n" + BODY,
    "a tunnel": b"CONNECT 169.254.169.254:80 HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "a tunnel to itself": b"CONNECT localhost:8484 HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the hello of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMING)
@on_loop
async def test_what_can_be_read_in_two_ways_is_not_read(case: str) -> None:
    async with standing() as stand:
        statuses, wire = await stand.told(FRAMING[case] + SMUGGLED)
        assert (statuses, wire.closed, stand.upstream.requests) == ([400], True, [])
        if len(FRAMING[case]) > 20:  # however it comes
            statuses, wire = await stand.told(*(bytes([each]) for each in FRAMING[case] + SMUGGLED))
            assert (statuses, wire.closed, stand.upstream.requests) == ([400], True, [])


@pytest.mark.parametrize(
    ("head", "statuses"),
    [
        (b"content-type: application/json\r\n", [400, 200]),
        (HEADERS + b"host: localhost\r\n", [400, 200]),
        (HEADERS + b"host: evil.test\r\n", [400, 200]),
        (HEADERS + b"Host: localhost\r\n", [400, 200]),
        (b"host: x/healthz?\r\ncontent-type: application/json\r\n", [421, 200]),
        (b"host: a#b\r\ncontent-type: application/json\r\n", [421, 200]),
        (b"host: a b\r\ncontent-type: application/json\r\n", [421, 200]),
        (b"host: localhost@evil.test\r\ncontent-type: application/json\r\n", [421, 200]),
        (b"host: \r\ncontent-type: application/json\r\n", [421, 200]),
        (b"host: localhost\r\ncontent-type: text/plain\r\n", [415, 200]),
        (b"host: localhost\r\ncontent-type: application/json\r\ncontent-type: text/plain\r\n", [415, 200]),
    ],
)
@on_loop
async def test_a_refusal_leaves_the_connection_in_step(head: bytes, statuses: list[int]) -> None:
    async with standing() as stand:
        assert (await stand.told(LINE + head + LENGTH + b"\r\n" + BODY + SMUGGLED, answers=2))[0] == statuses
        assert stand.upstream.requests == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"//v1/chat/completions", 400),
        (b"/v1//chat/completions", 400),
        (b"/v1/./chat/completions", 400),
        (b"/v1/x/../chat/completions", 400),
        (b"/v1/%2e%2e/v1/chat/completions", 400),
        (b"/v1/chat/completions/", 404),
        (b"/v1/chat/completions;x", 400),
        (b"/v1/chat/completions%00", 400),
        (b"/v1/chat/completions%0d%0ax:%20y", 400),
        (b"/v1/chat/completions%3Fx", 400),
        (b"/v1/chat/completions%252f", 400),
        (b"/V1/chat/completions", 404),
        (b"/healthz/../v1/chat/completions", 400),
        (b"/v1/chat%2Fcompletions", 400),
        (b"/v1/%63hat/completions", 200),
        (b"/v1/chat/completions?/healthz", 200),
        (b"/v1/chat/completions#/healthz", 200),
    ],
)
@on_loop
async def test_however_a_path_is_written_the_guard_says_the_same(path: bytes, status: int) -> None:
    """And where it is served, the upstream hears of its own path, host and nothing else."""
    line = b"POST " + path + b" HTTP/1.1\r\n"
    foreign = HEADERS.replace(b"localhost", b"evil.test")
    async with standing() as stand:
        assert (await stand.told(line + foreign + LENGTH + b"\r\n" + BODY))[0] == [421]
        assert stand.upstream.requests == []
        assert (await stand.told(line + HEADERS + LENGTH + b"\r\n" + BODY))[0] == [status]
        for request in stand.upstream.requests:
            assert (request.target, request.header("host")) == (
                PATH.decode(),
                f"127.0.0.1:{stand.upstream.port}",
            )
            assert "evil" not in repr(request.headers)


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"http://localhost", b"localhost", 200),
        (b"HTTP://LocalHost:80", b"localhost", 200),
        (b"http://localhost:8484", b"localhost:8484", 200),
        (b"https://[::1]", b"[::1]:443", 200),
        (b"http://evil.test", b"evil.test", 421),
        (b"http://evil.test", b"localhost", 400),
        (b"http://localhost", b"evil.test", 400),
        (b"http://localhost:81", b"localhost", 400),
        (b"http://localhost@evil.test", b"localhost", 400),
        (b"http://evil.test@localhost", b"localhost", 400),
    ],
)
@on_loop
async def test_a_target_that_names_a_host_names_that_of_its_header(
    target: bytes, host: bytes, status: int
) -> None:
    """RFC 9112, 3.2.2: the target's is the host. Where the header has another one, neither is taken; hot or cold."""
    headers = HEADERS.replace(b"localhost", host)
    async with standing() as stand:
        hot = b"POST " + target + PATH + b" HTTP/1.1\r\n" + headers + LENGTH + b"\r\n" + BODY
        cold = b"GET " + target + b"/v1/models HTTP/1.1\r\n" + headers + b"\r\n"
        for request in (hot, hot, cold):
            assert (await stand.told(request + SMUGGLED, answers=2))[0] == [status, 200]
        assert len(stand.upstream.requests) == (2 if status == 200 else 0)
        strange = hot.replace(PATH, b"/healthz/.." + PATH)
        assert (await stand.told(strange))[0] == [421 if status == 421 else 400]
        unnamed = b"GET " + target + b"/v1/models HTTP/1.1\r\n\r\n"
        assert (await stand.told(unnamed))[0] == [400]


@pytest.mark.parametrize(
    "header",
    [
        b"x-original-url: /v1/models",
        b"x-rewrite-url: /healthz",
        b"x-forwarded-prefix: /healthz",
        b"x-forwarded-host: evil.test",
        b"forwarded: host=evil.test",
        b"x-http-method-override: GET",
        b"connection: content-length, host, authorization",
        b"connection: close, content-type",
        b"te: trailers",
        b"trailer: host",
        b"proxy-connection: keep-alive",
        b"max-forwards: 0",
        b"x-y: " + bytes(range(0x80, 0x100)),
        b"x-y:\t a \t",
    ],
)
@on_loop
async def test_headers_that_others_obey_change_nothing(header: bytes) -> None:
    async with standing() as stand:
        statuses, _ = await stand.told(LINE + HEADERS + header + b"\r\n" + LENGTH + b"\r\n" + BODY)
        assert statuses == [200]
        (request,) = stand.upstream.requests
        assert {name for name, _ in request.headers} == {
            "host", "authorization", "content-type", "accept-encoding", "content-length"
        }  # fmt: skip
        assert json.loads(request.body)["model"] == "upstream-model"


@pytest.mark.parametrize("value", [b"a\tb", b"a\xe9", b"x" * 1025, b""])
@on_loop
async def test_a_value_that_travels_on_is_plain_text_or_stays_here(value: bytes) -> None:
    line = b"POST /v1/messages HTTP/1.1\r\n"
    async with standing() as stand:
        head = HEADERS + b"anthropic-beta: " + value + b"\r\nanthropic-version: 2023-06-01\r\n" + LENGTH
        assert (await stand.told(line + head + b"\r\n" + BODY))[0] == [200]
        (request,) = stand.upstream.requests
        assert (request.header("anthropic-beta"), request.header("anthropic-version")) == (None, "2023-06-01")


@on_loop
async def test_a_trailer_is_no_header() -> None:
    """It comes when all was decided (RFC 9110, 6.5.1)."""
    trailer = (
        b"host: evil.test\r\ncontent-type: text/plain\r\nanthropic-beta: late\r\norigin: http://evil.test\r\n"
    )
    bare = b"host: localhost\r\n"
    line = b"POST /v1/messages HTTP/1.1\r\n"
    async with standing() as stand:
        assert (await stand.told(line + HEADERS + CHUNKED + b"\r\n" + CHUNKS[:-2] + trailer + b"\r\n"))[
            0
        ] == [200]
        (request,) = stand.upstream.requests
        assert request.header("anthropic-beta") is None
        for late in (b"content-type: application/json\r\n", b"host: localhost\r\n"):
            head = bare if late.startswith(b"content") else HEADERS.removeprefix(bare)
            statuses, _ = await stand.told(LINE + head + CHUNKED + b"\r\n" + CHUNKS[:-2] + late + b"\r\n")
            assert statuses in ([415], [400])
        cold = b"DELETE /v1/models/m HTTP/1.1\r\nhost: localhost\r\n" + CHUNKED
        assert (await stand.told(cold + b"\r\n" + CHUNKS[:-2] + b"host: evil.test\r\n\r\n"))[0] == [405]


@pytest.mark.parametrize(
    ("before", "endless"),
    [
        (b"", b"x-a: " + b"a" * 1000 + b"\r\n"),
        (b"x: ", b"a" * 1000),
        (CHUNKED + b"\r\n1;", b"a" * 1000),
        (CHUNKED + b'\r\n1;x="', b"a" * 1000),
        (CHUNKED + b"\r\n" + CHUNKS[:-2], b"x-a: " + b"a" * 1000 + b"\r\n"),
        (CHUNKED + b"\r\n" + CHUNKS[:-2] + b"x: ", b"a" * 1000),
    ],
    ids=["headers", "a header", "an extension", "a quoted extension", "a trailer's fields", "a trailer's field"],
)  # fmt: skip
@pytest.mark.parametrize("line", [LINE, b"PUT /v1/models HTTP/1.1\r\n"], ids=["hot", "cold"])
@on_loop
async def test_what_is_endless_is_bounded(line: bytes, before: bytes, endless: bytes) -> None:
    async with standing() as stand:
        statuses, wire = await stand.told(line + HEADERS + before, *[endless] * 200)
        assert (wire.closed, stand.upstream.requests) == (True, [])
        assert statuses in ([431], [405])  # who is answered already is let go, too
        assert len(wire.received) < 1000


@on_loop
async def test_long_bodies_in_small_chunks_are_not_endless() -> None:
    body = b'{"model": "m", "messages": [%b]}' % (b" " * 20_000)
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    pieces = [chunks[at : at + 1000] for at in range(0, len(chunks), 1000)]
    async with standing() as stand:
        assert (await stand.told(LINE + HEADERS + CHUNKED + b"\r\n", *pieces))[0] == [200]
        assert len(stand.upstream.requests[0].body) == len(body) + len("upstream-model") - 1


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"POST " + PATH + b" HTTP/2.0", 200),
        (b"POST " + PATH + b" HTTP/0.9", 200),
        (b"GET /healthz HTTP/1.0", 200),
        (b"GET /healthz", 200),
        (b"TRACE " + PATH + b" HTTP/1.1", 405),
        (b"PATCH " + PATH + b" HTTP/1.1", 405),
        (b"OPTIONS " + PATH + b" HTTP/1.1", 405),
        (b"OPTIONS * HTTP/1.1", 400),
    ],
)
@on_loop
async def test_odd_versions_and_methods(line: bytes, status: int) -> None:
    """Who does not speak HTTP/1.1 gets no chunks, and its connection is closed."""
    async with standing() as stand:
        stand.upstream.answer = Answer((b'{"a"', b": 1}"))
        post = line.startswith((b"POST", b"PATCH"))
        head = b"" if line == b"GET /healthz" else HEADERS
        data = line + b"\r\n" + head + (LENGTH if post else b"") + b"\r\n" + (BODY if post else b"")
        statuses, wire = await stand.told(data)
        assert statuses == [status]
        if b"1.1" not in line:
            assert wire.closed
            assert b"transfer-encoding" not in wire.received
        assert PATH not in wire.received, "nothing of a request is repeated"


@on_loop
async def test_a_protocol_is_not_changed() -> None:
    websocket = (
        b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n"
    )
    h2c = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQ\r\n"
    async with standing() as stand:
        for upgrade in (websocket, h2c):
            head = LINE + HEADERS + upgrade + LENGTH + b"\r\n" + BODY
            assert (await stand.told(head + SMUGGLED, answers=2))[0] == [200, 200]
        assert [request.header("upgrade") for request in stand.upstream.requests] == [None, None]
        assert [json.loads(request.body)["messages"] for request in stand.upstream.requests] == [[], []]


def said(wire: Wire) -> dict[str, object]:
    ((_, headers, body),) = Answers(wire.received).whole
    assert (b"connection", b"close") in [(name.lower(), value) for name, value in headers]
    assert (b"content-type", b"application/json") in [(name.lower(), value) for name, value in headers]
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


@on_loop
async def test_what_can_not_be_read_is_told_in_the_shape_of_its_endpoint() -> None:
    openai = {
        "message": "Invalid HTTP request: Invalid header token.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_http",
    }
    async with standing() as stand:
        for line in (LINE, b"GET /v1/models HTTP/1.1\r\n", b"POST /v1/mess HTTP/1.1\r\n"):
            _, wire = await stand.told(line + HEADERS + b"x\r\n" + LENGTH + b"\r\n" + BODY)
            assert said(wire) == {"error": openai}
        _, wire = await stand.told(b"no http at all\r\n\r\n")
        assert said(wire) == {
            "error": {**openai, "message": "Invalid HTTP request: Invalid method encountered."}
        }
        _, wire = await stand.told(LINE.replace(PATH, b"/v1/messages") + HEADERS + b"x\r\n\r\n")
        told = {"type": "invalid_request_error", "message": openai["message"]}
        assert said(wire) == {"type": "error", "error": told}


@pytest.mark.parametrize("value", [b"gzip, chunked", b"gzip\r\ntransfer-encoding: chunked"])
@on_loop
async def test_a_coding_that_is_not_understood_is_501(value: bytes) -> None:
    coded = HEADERS + b"transfer-encoding: " + value + b"\r\n\r\n" + CHUNKS
    async with standing() as stand:
        for path in (PATH, b"/v1/models"):
            statuses, wire = await stand.told(LINE.replace(PATH, path) + coded + SMUGGLED)
            assert (statuses, wire.closed, stand.upstream.requests) == ([501], True, [])
            assert said(wire)["error"]
