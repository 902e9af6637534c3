"""Requests of all kinds on one connection, in any pieces, answered at any moments: each once, in order, and none twice."""

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import pytest
from fakes.hot_service import PATH, refuse
from fakes.in_process import Answers, Wire
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import size
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener.access import Access
from reconciler.listener.guard import Gate, rules
from reconciler.listener.hot import Fields, HotPaths, Reply, Service

MAX_BODY = 100
JSON = b"content-type: application/json\r\n"

Manner = Literal["at once", "with its body", "later", "streamed", "streamed and cut"]
MANNERS: tuple[Manner, ...] = ("at once", "with its body", "later", "streamed", "streamed and cut")


class Request:
    """Under way at the service. After its end nothing may be told to it."""

    def __init__(self, number: int, manner: Manner, reply: Reply) -> None:
        self.number = number
        self.manner = manner
        self.reply = reply
        self.raw: bytes | None = None
        self.ended = ""
        self._writes = False

    def body(self, raw: bytes) -> None:
        assert not self.ended
        assert self.raw is None, "a body after the body"
        self.raw = raw
        if self.manner == "with its body":
            self.finish()
        elif self.manner.startswith("streamed"):
            self.reply.head(200, (("x-number", str(self.number)),))
            self.reply.data(b"%d" % self.number)

    def too_large(self, limit: int) -> None:
        assert not self.ended
        self._end("too large", 413, b"limit %d" % limit)

    def too_slow(self, seconds: float) -> None:
        assert not self.ended
        self._end("too slow", 408, b"after %d" % seconds)

    def gone(self) -> None:
        assert not self.ended
        self.ended = "gone"

    def blocked(self) -> None:
        assert not self.ended or self._writes

    def writable(self) -> None:
        assert not self.ended

    def finish(self) -> None:
        """As the upstream's answer ends."""
        if self.ended or (self.raw is None and self.manner != "at once"):
            return
        if not self.manner.startswith("streamed"):
            self._end("answered", 200, b"%d %b" % (self.number, self.raw or b""))
        elif self.manner == "streamed":
            self._end("answered", 0, b" %b" % (self.raw or b""))
        else:
            self.ended = "cut"
            self.reply.abort()

    def _end(self, how: str, status: int, body: bytes) -> None:
        self.ended, self._writes = how, True
        if status:
            self.reply.answer(status, (("x-number", str(self.number)),), body)
        else:
            self.reply.data(body)
            self.reply.finish()
        self._writes = False


class Numbered:
    """A `Service`."""

    access = Access.CLIENT

    def __init__(self, manners: list[Manner]) -> None:
        self.asked: list[Request] = []
        self._manners = manners

    def read(self, fields: Fields) -> "Numbered":
        assert b"x-trailer" not in fields
        return self

    def begin(self, reply: Reply) -> Request:
        assert all(each.ended for each in self.asked), "two at once"
        number = len(self.asked)
        request = Request(number, self._manners[number % len(self._manners)], reply)
        self.asked.append(request)
        if request.manner == "at once":
            request.finish()
        return request


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    body = b"cold"
    if scope["method"] == "POST":
        body += (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": body[:4]})


# --- what clients send --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """`sound`: it is HTTP. `whole`: the connection may go on after it."""

    data: bytes
    sound: bool = True
    last: bool = False


def hot(body: bytes, *, chunked: bool = False, version: bytes = b"1.1", more: bytes = b"") -> Sent:
    head = b"POST %b HTTP/%b\r\nhost: localhost\r\n%b%b" % (PATH.encode(), version, JSON, more)
    last = version != b"1.1" or b"close" in more or len(body) > MAX_BODY
    if chunked and version == b"1.1":
        half = len(body) // 2
        pieces = [piece for piece in (body[:half], body[half:]) if piece]
        chunks = b"".join(b"%x;x=y\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        return Sent(
            head + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\nx-trailer: a\r\n\r\n", last=last
        )
    return Sent(head + b"content-length: %d\r\n\r\n%b" % (len(body), body), last=last)


bodies = st.binary(max_size=MAX_BODY + 50)
options = st.sampled_from([b"", b"", b"", b"connection: close\r\n", b"expect: 100-continue\r\n", b"x: a\r\nx: b\r\n",
                           b"connection: upgrade\r\nupgrade: h2c\r\n", b"origin: http://evil.test\r\n"])  # fmt: skip
valid: st.SearchStrategy[Sent] = st.one_of(
    st.builds(hot, bodies, chunked=st.booleans(), version=st.sampled_from([b"1.1", b"1.1", b"1.0"]), more=options),
    st.just(Sent(b"GET /cold HTTP/1.1\r\nhost: localhost\r\n\r\n")),
    st.just(Sent(b"POST /cold HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabc")),
    st.just(Sent(b"POST %b HTTP/1.1\r\nhost: evil.test\r\ncontent-length: 2\r\n\r\n{}" % PATH.encode())),
)  # fmt: skip
invalid: st.SearchStrategy[Sent] = st.one_of(
    st.binary(min_size=1, max_size=60),
    st.builds(
        lambda sent, at, byte: sent.data[: at % len(sent.data)] + byte + sent.data[at % len(sent.data) :],
        valid,
        st.integers(0, 500),
        st.binary(min_size=1, max_size=3),
    ),
    st.builds(lambda sent, at: sent.data[: at % len(sent.data)], valid, st.integers(0, 500)),
).map(lambda data: Sent(data, sound=False))

Step = Literal["send", "finish", "full", "drained", "turn"]
ALL: tuple[Step, ...] = ("drained", "send", "finish")
steps = st.lists(st.sampled_from(["send", "send", "finish", "full", "drained", "turn"]), max_size=40)


@dataclass
class Course:
    sent: list[Sent]
    cuts: list[int]
    steps: list[Step]
    manners: list[Manner]
    stops: bool

    @property
    def pieces(self) -> list[bytes]:
        whole = b"".join(each.data for each in self.sent)
        places = sorted({0, len(whole), *(cut % (len(whole) + 1) for cut in self.cuts)})
        return [whole[start:stop] for start, stop in pairwise(places)]


@dataclass
class Stand:
    course: Course
    service: Numbered = field(init=False)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.service = Numbered(self.course.manners)
        services: dict[str, Service] = {PATH: self.service}
        hot_paths = HotPaths(services, Gate(rules()), refuse, MAX_BODY)
        self.wire = Wire(DataPlane(app, hot_paths))

    def take(self, step: Step, pieces: list[bytes]) -> None:
        wire = self.wire
        if wire.transport.closing:
            return
        if step == "send" and pieces:
            wire.send(pieces.pop(0))
        elif step == "finish" and self.service.asked:
            self.service.asked[-1].finish()
        elif step == "full":
            wire.transport.full = True
        elif step == "drained":
            wire.transport.drained()


async def play(course: Course) -> Stand:
    """All is sent, and answered, as far as the connection lets it; then the client leaves."""
    stand, pieces = Stand(course), course.pieces
    for step in course.steps:
        stand.take(step, pieces)
        if step == "turn":
            await asyncio.sleep(0)
    if course.stops and not stand.wire.transport.closing:
        stand.wire.protocol.shutdown()
    quiet = 0
    while quiet < 8:
        before = len(stand.wire.received), len(pieces)
        for step in ALL:
            stand.take(step, pieces)
        await asyncio.sleep(0)
        quiet = quiet + 1 if (len(stand.wire.received), len(pieces)) == before else 0
    stand.wire.leave()
    await asyncio.sleep(0)
    return stand


def told_by(wire: Wire) -> list[tuple[int, dict[bytes, bytes], bytes]]:
    """All answers that the client may take for whole: also one that ends with the connection."""
    read = Answers(wire.received)
    found = [(status, dict(headers), body) for status, headers, body in read.whole]
    names = {name for name, _ in read.headers}
    unfinished = read.status >= 200 and len(read.whole) < wire.received.count(
        b"HTTP/1.1 "
    ) - wire.received.count(b" 100 Con")
    if unfinished and not names & {b"content-length", b"transfer-encoding"} and not wire.transport.aborted:
        found.append((read.status, dict(read.headers), read.body))
    return found


def judged(course: Course) -> Stand:
    stand = asyncio.run(play(course))
    numbers = []
    for status, headers, body in told_by(stand.wire):
        told = headers.get(b"x-number")
        if told is not None:
            request = stand.service.asked[int(told)]
            numbers.append(request.number)
            assert (status == 200) == (request.ended == "answered")
            assert status != 200 or body == b"%d %b" % (request.number, request.raw or b"")
    assert numbers == sorted(set(numbers)), "an answer twice, or out of order"
    assert all(request.ended for request in stand.service.asked)
    answered = [each.number for each in stand.service.asked if each.ended not in ("gone", "cut")]
    assert numbers == answered, "an answer that was given did not arrive"
    return stand


def courses(sent: st.SearchStrategy[Sent]) -> st.SearchStrategy[Course]:
    return st.builds(
        Course,
        st.lists(sent, min_size=1, max_size=6),
        st.lists(st.integers(0, 2000), max_size=30),
        steps,
        st.lists(st.sampled_from(MANNERS), min_size=1, max_size=6),
        st.booleans(),
    )


@pytest.mark.torture
@settings(max_examples=size("CONNECTIONS"), deadline=None)
@given(courses(valid))
def test_every_request_is_answered_once_and_in_order(course: Course) -> None:
    course.stops = False
    stand = judged(course)
    closed = [headers.get(b"connection") == b"close" for _, headers, _ in told_by(stand.wire)]
    last = next((place for place, each in enumerate(course.sent) if each.last), len(course.sent) - 1)
    assert not any(closed[:-1])
    assert len(closed) <= last + 1
    if not any(closed) and not any(each.ended == "cut" for each in stand.service.asked):
        assert len(closed) == last + 1


@pytest.mark.torture
@settings(max_examples=size("CONNECTIONS"), deadline=None)
@given(courses(st.one_of(valid, valid, invalid)))
def test_what_is_no_http_disturbs_no_answer(course: Course) -> None:
    judged(course)
