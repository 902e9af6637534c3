"""Upstreams that fail in every way, at any byte: the next one answers, or the client knows that it did not get all.

The first of two candidates is at fault. What the client gets is whole and of one of them; or it is a part of the first's
and ends with an error event, or with a connection that is cut. Real sockets both ways.
"""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from time import monotonic

import pytest
from fakes.in_process import Answers
from fakes.loop import HANGS, on_loop
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from sizes import is_long, seed, size

from reconciler.gateway.routing.retry_budget import WINDOW
from reconciler.gateway.routing.sliding_count import SlidingCount
from reconciler.protocol.sse import MAX_EVENT
from reconciler.snapshot.model import Candidate, Health, Timeouts

SSE = (("content-type", "text/event-stream"),)
JSON = (("content-type", "application/json"),)
TEXTS = ["once", "upon", "a", "time"]
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def events(name: str) -> list[bytes]:
    deltas = [
        {"choices": [{"index": 0, "delta": {"content": f"{name} {text}"}, "finish_reason": None}]}
        for text in TEXTS
    ]
    stop = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return [*(b"data: %b\n\n" % json.dumps(each).encode() for each in (*deltas, stop)), b"data: [DONE]\n\n"]


def plain(name: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": f"{name} " * 20}}], "usage": USAGE}).encode()


def sound(name: str, *, stream: bool, framing: str = "chunked") -> bytes:
    """A whole answer, as it is on the wire."""
    pieces = events(name) if stream else [plain(name)[:100], plain(name)[100:]]
    media = b"text/event-stream" if stream else b"application/json"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n" % media
    if framing == "length":
        return head + b"content-length: %d\r\n\r\n%b" % (sum(map(len, pieces)), b"".join(pieces))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return head + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


@asynccontextmanager
async def standing(
    *faulty: Candidate, total: float = 120.0
) -> AsyncIterator[tuple[Gateway, FakeUpstream, FakeUpstream]]:
    """A gateway, the upstream that is to fail, and the one that does not. The breaker is off: each request tries both."""

    def second(request: ReceivedRequest) -> Answer:
        raw = sound("second", stream=b'"stream": true' in request.body)
        return Answer((raw,), head=b"", framing="close")

    async with FakeUpstream() as first, FakeUpstream(second) as other:
        own = faulty or (candidate(http_upstream("first", first.url), total=total),)
        both = (*own, candidate(http_upstream("second", other.url)))
        both = tuple(replace(each, health=Health(failure_threshold=0)) for each in both)
        async with Gateway(snapshot(namespace(served("m", *both)))) as gateway:
            yield gateway, first, other


async def asked(gateway: Gateway, *, stream: bool) -> tuple[bytes, bytes | None]:
    """All that came, and the body where the answer is whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    body = json.dumps({"model": "m", "messages": [], **({"stream": True} if stream else {})}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n"
    writer.write(head + b"content-length: %d\r\n\r\n%b" % (len(body), body))
    seen = await reader.read()
    writer.close()
    whole = Answers(seen).whole
    assert len(whole) <= 1
    if whole and whole[0][0] != 200:
        raise AssertionError(whole)
    return seen, whole[0][2] if whole else None


def is_right(stream: bool, seen: bytes, body: bytes | None) -> str:
    """What it was, in a word; raises AssertionError where a client could be misled."""
    first, second = ((b"".join(events(name)) if stream else plain(name)) for name in ("first", "second"))
    if body in (first, second):
        return "first" if body == first else "second"
    assert b"second" not in seen, "a mixture"
    if not stream:
        assert body is None, f"a part that passes for the whole: {body!r}"
        return "cut"
    assert body is not None, "a stream is ended, also by an error"
    parts = body.split(b"\n\n")
    code = json.loads(parts[-2].removeprefix(b"data: "))["error"]["code"]
    assert (code, parts[-1]) == ("upstream_broken", b"")
    assert first.startswith(b"".join(part + b"\n\n" for part in parts[:-2]))
    return "told"


@pytest.mark.torture
@on_loop
async def test_an_answer_that_breaks_at_any_byte() -> None:
    draw = Random(seed("faults"))
    seen_all = set()
    async with standing() as (gateway, first, _):
        for _ in range(size("FAULTY_ANSWERS")):
            stream, framing = draw.random() < 0.6, draw.choice(("chunked", "length"))
            raw = sound("first", stream=stream, framing=framing)
            at, ending = draw.randrange(len(raw) + 1), draw.choice((Ending.CUT, Ending.RESET))
            before = len(first.requests)
            gateway.memory.retries._retries = SlidingCount(
                WINDOW
            )  # so many failures at once would exhaust it
            first.answer = Answer((raw[:at], ending), head=b"", framing="close")
            what = is_right(stream, *await asked(gateway, stream=stream))
            assert len(first.requests) == before + 1, "asked again"
            if at == len(raw) and ending is Ending.CUT:
                assert what == "first"
            seen_all.add((what, stream))
        await gateway.idle()
    assert {("second", True), ("told", True), ("second", False), ("cut", False)} <= seen_all


BODY = plain("first")
FAULTS: dict[str, Answer] = {
    "429": Answer((b'{"error": {"message": "slow"}}',), 429, (*JSON, ("retry-after", "30"))),
    "500": Answer((b"{}",), 500),
    "529": Answer((b"overloaded",), 529, (("content-type", "text/plain"),)),
    "408": Answer((b"{}",), 408),
    "our key refused": Answer((b"{}",), 401),
    "an error that hangs": Answer((b"{", Ending.HANG), 503),
    "redirect": Answer((b"",), 307, (("location", "http://169.254.169.254/"),)),
    "status 999": Answer((b"{}",), head=b"HTTP/1.1 999 What\r\ncontent-length: 2\r\n\r\n", framing="close"),
    "a web page": Answer((b"<html>",), headers=(("content-type", "text/html"),)),
    "no HTTP": Answer((b"SSH-2.0-OpenSSH_9\r\n", Ending.CUT), head=b"", framing="close"),
    "a head without an end": Answer((b"x: " + b"y" * 70_000, Ending.HANG), head=b"HTTP/1.1 200 OK\r\n", framing="close"),
    "a header that would end its line": Answer((b"{}",), head=b"HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 2\r\n\r\n"),
    "two lengths": Answer((b"{}",), head=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n"),
    "length and chunks": Answer((b"{}",), head=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n"),
    "101": Answer((b"{}",), head=b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    "early end": Answer((Ending.CUT,), head=b"", framing="close"),
    "reset": Answer((Ending.RESET,), head=b"", framing="close"),
    "reset after the head": Answer((Ending.RESET,)),
    "half a head": Answer((b"HTTP/1.1 200", Ending.CUT), head=b"", framing="close"),
    "an unknown coding": Answer((b"{}",), headers=(*JSON, ("content-encoding", "br"))),
    "a coding that is none": Answer((b"{}",), headers=(*JSON, ("content-encoding", "gzip"))),
}  # fmt: skip

OF_STREAMS: dict[str, Answer] = {
    "an empty stream": Answer((), headers=SSE),
    "half an event": Answer((events("first")[0][:30], Ending.CUT), headers=SSE),
    "an endless line": Answer((b"data: " + b"x" * (MAX_EVENT + 1), Ending.HANG), headers=SSE),
    "a bomb": Answer(
        (gzip.compress(b"data: " + b"x" * 20_000_000),), headers=(*SSE, ("content-encoding", "gzip"))
    ),
}


@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_before_the_first_byte_the_next_one_answers(stream: bool) -> None:
    async with standing() as (gateway, first, other):
        for name, first.answer in {**FAULTS, **(OF_STREAMS if stream else {})}.items():
            before = len(first.requests), len(other.requests)
            what = is_right(stream, *await asked(gateway, stream=stream))
            assert what == "second", name
            assert (len(first.requests), len(other.requests)) == (before[0] + 1, before[1] + 1), name
        await gateway.idle()


@on_loop
async def test_one_that_refuses_connections_is_followed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gone = candidate(http_upstream("first", f"http://127.0.0.1:{port}/v1"))
    async with standing(gone) as (gateway, _, other):
        assert is_right(True, *await asked(gateway, stream=True)) == "second"
        assert len(other.requests) == 1


@on_loop
async def test_what_is_longer_or_shorter_than_it_says() -> None:
    async with standing() as (gateway, first, _):
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        first.answer = Answer((BODY + b"more",), head=head % len(BODY), framing="close")
        assert is_right(False, *await asked(gateway, stream=False)) == "first"
        first.answer = Answer((BODY, Ending.CUT), head=head % (len(BODY) + 1), framing="close")
        assert is_right(False, *await asked(gateway, stream=False)) == "cut"


LATE = 0.15
LATE_AT: dict[str, tuple[Timeouts, Answer, str]] = {
    "it says nothing": (Timeouts(5.0, LATE), Answer(before=asyncio.Event()), "second"),
    "it says its first bytes too late": (Timeouts(5.0, 60.0, LATE, 60.0), Answer((Ending.HANG,), headers=SSE), "second"),
    "it falls silent": (Timeouts(5.0, 60.0, 60.0, LATE), Answer((events("first")[0], Ending.HANG), headers=SSE), "told"),
    "it falls silent within an event": (
        Timeouts(5.0, 60.0, 60.0, LATE), Answer((events("first")[0] + b"data: {", Ending.HANG), headers=SSE), "told"
    ),
}  # fmt: skip


@pytest.mark.torture
@pytest.mark.parametrize("case", LATE_AT)
def test_one_that_is_late_is_let_go_at_its_deadline(case: str) -> None:
    timeouts, answer, expected = LATE_AT[case]

    async def scenario() -> list[float]:
        gate = None if answer.before is None else asyncio.Event()
        async with FakeUpstream(replace(answer, before=gate)) as late:
            return await times(late.url, timeouts, expected)

    check_times(asyncio.run(scenario()))


@pytest.mark.torture
def test_one_that_takes_no_connection_is_let_go_at_its_deadline() -> None:
    async def scenario() -> list[float]:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as only:
            only.connect(full.getsockname())  # who comes now is left waiting
            return await times(f"http://127.0.0.1:{full.getsockname()[1]}/v1", Timeouts(LATE, 60.0), "second")

    check_times(asyncio.run(scenario()))


async def times(url: str, timeouts: Timeouts, expected: str) -> list[float]:
    """Seconds of each request whose first candidate is late."""
    slow = replace(candidate(http_upstream("first", url)), timeouts=timeouts)
    took = []
    async with asyncio.timeout(HANGS), standing(slow) as (gateway, _, _other):
        for _ in range(size("DEADLINES")):
            begun = monotonic()
            seen, body = await asked(gateway, stream=True)
            took.append(monotonic() - begun)
            told = b"upstream_timeout" in seen
            assert ("told" if told else is_right(True, seen, body)) == expected
    return took


def check_times(took: list[float]) -> None:
    """In the long form, each one. It needs a machine with nothing else to do, and none is tried again."""
    if is_long():
        latest = LATE + max(0.05 * LATE, 0.05)
        assert [seconds for seconds in took if seconds > latest] == []
