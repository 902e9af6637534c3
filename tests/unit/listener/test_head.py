"""Heads that are known: found only for what the parser would make the same of."""

import re

import pytest
from fakes.hot_service import PATH, ScriptedService, hot_paths
from fakes.in_process import Answers, Wire
from fakes.loop import on_loop
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener.guard import Headers
from reconciler.listener.head import (
    KEPT,
    LARGEST,
    STRANGE,
    Head,
    KnownHeads,
    Repeated,
    expects_continue,
    joined,
    named_twice,
    path_of,
)

LINES = b"POST /hot HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
HEADERS: Headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]


def request(body: bytes, length: bytes | None = None, lines: bytes = LINES) -> bytes:
    return lines + (b"%d" % len(body) if length is None else length) + b"\r\n\r\n" + body


def learnt(*more: tuple[bytes, bytes], data: bytes | None = None) -> KnownHeads:
    known = KnownHeads()
    told = [*HEADERS, (b"content-length", b"2"), *more]
    known.learn(request(b"{}") if data is None else data, Head((PATH, ScriptedService()), told))
    return known


# --- what is found ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 100_000, b"a\r\n\r\nb"])
def test_the_same_head_is_found_whatever_its_body(body: bytes) -> None:
    found = learnt().find(request(body))
    assert found is not None
    assert (found[0].headers, found[0].path, found[1]) == (HEADERS, PATH, body)


@pytest.mark.parametrize(
    "data",
    [
        request(b"{}", b"1"),
        request(b"{}", b"3"),
        request(b"{}", b"0000000002"),
        request(b"{}", b"2 "),
        request(b"{}", b"+2"),
        request(b"{}") + request(b"{}"),
        request(b"{}")[:-1],
        request(b"{}")[: len(LINES) + 3],
        request(b"{}", lines=LINES.replace(b"/hot", b"/HOT")),
        request(b"{}", lines=LINES.replace(b"localhost", b"Localhost")),
        request(
            b"{}", lines=LINES.replace(b"Content-Length:", b"Transfer-Encoding: chunked\r\nContent-Length:")
        ),
        request(b"{}", lines=LINES.replace(b"Content-Length", b"X-Content-Length")),
        b"\r\n" + request(b"{}"),
        b"",
    ],
)
def test_nothing_else_is(data: bytes) -> None:
    assert learnt().find(data) is None


@pytest.mark.parametrize("name", [b"transfer-encoding", b"expect", b"upgrade", b"trailer"])
def test_what_means_more_than_a_length_is_not_learnt(name: bytes) -> None:
    assert learnt((name, b"x")).find(request(b"{}")) is None


@pytest.mark.parametrize(
    "data",
    [
        request(b"{}") + b"POST ",
        request(b"{}", lines=LINES.replace(b"localhost", b"l" * LARGEST)),
        b"POST /hot HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_not_one_request_of_that_length_is_not_learnt(data: bytes) -> None:
    assert learnt(data=data).find(data) is None


def test_only_so_many_are_kept() -> None:
    known = KnownHeads()
    for number in range(KEPT + 1):
        data = request(b"{}", lines=LINES.replace(b"localhost", b"h%d" % number))
        known.learn(data, Head((PATH, ScriptedService()), HEADERS))
    assert known.find(request(b"{}", lines=LINES.replace(b"localhost", b"h0"))) is None
    assert known.find(request(b"{}", lines=LINES.replace(b"localhost", b"h%d" % KEPT))) is not None


# --- repeated over one connection -------------------------------------------------------------------------------


def repeated() -> Repeated:
    found = learnt().find(request(b"{}"))
    assert found is not None
    return Repeated(found[0])


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 100_000])
def test_a_repeated_head_is_known_at_every_length_of_its_body(size: int) -> None:
    body = b"x" * size
    again = repeated()
    for data in (request(b"{}"), request(body), request(body)):
        assert again.body_of(data) == data.partition(b"\r\n\r\n")[2]


BODIES = st.binary(max_size=120)


@given(
    st.lists(
        st.tuples(
            BODIES, st.none() | st.integers(0, 120).map(b"%d".__mod__), st.sampled_from([b"", b"x", b"\r\n"])
        )
    )
)
def test_nothing_is_taken_for_a_repeated_head_that_is_not_known(
    told: list[tuple[bytes, bytes | None, bytes]],
) -> None:
    known, again = learnt(), repeated()
    for body, length, more in told:
        data = request(body, length) + more
        found = known.find(data)
        assert again.body_of(data) == (None if found is None else found[1])


@pytest.mark.parametrize("length", [b"02", b"+2", b" 2", b"-1", b"", b"2\r\nx: y"])
def test_a_length_that_is_written_otherwise_is_not_its(length: bytes) -> None:
    assert repeated().body_of(request(b"{}", length)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        LINES,
        LINES + b"0",
        request(b"")[:-1],
        request(b"{}")[1:],
        request(b"x" * 10, b"9"),
        request(b"x" * 100, b"99"),
    ],
)
def test_too_few_bytes_or_too_many_are_not_it(data: bytes) -> None:
    assert repeated().body_of(data) is None


# --- on a connection --------------------------------------------------------------------------------------------


class Stand:
    """A service that answers with what it was asked."""

    def __init__(self) -> None:
        self.service = ScriptedService()
        self.wire = Wire(DataPlane(self, hot_paths(self.service, max_body=100)))
        self.answered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def send(self, data: bytes) -> None:
        self.wire.send(data)
        for asked in self.service.asked[self.answered :]:
            self.answered += 1
            if asked.raw is not None:
                asked.reply.answer(200, (), b"%b %b" % (asked.fields[b"host"], asked.raw))

    @property
    def told(self) -> bytes:
        return re.sub(rb"date: [^\r]*\r\n", b"", b"".join(self.wire.transport.written))

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, _, body in Answers(self.wire.received).whole]


@on_loop
async def test_the_second_request_is_not_parsed_and_answered_alike() -> None:
    stand = Stand()
    stand.send(request(b"[1]"))
    stand.wire.protocol.parser = None  # type: ignore[assignment]  # whoever parses now fails
    stand.send(request(b"[12]"))
    stand.send(request(b"[3]"))
    assert stand.bodies == [b"localhost [1]", b"localhost [12]", b"localhost [3]"]
    assert stand.service.asked[1].fields == dict(HEADERS)


@on_loop
async def test_who_never_repeats_a_head_is_looked_up_no_more() -> None:
    stand = Stand()
    for number in range(STRANGE + 1):
        stand.send(request(b"[]", lines=LINES + b"").replace(b"Host", b"X-Id: %d\r\nHost" % number))
    assert stand.wire.protocol._turns._strange == STRANGE
    assert len(stand.bodies) == STRANGE + 1


BAD = request(b"{}", lines=LINES.replace(b"localhost", b"elsewhere.example"))
PIECES = st.sampled_from(
    [
        request(b"[1]"),
        request(b""),
        request(b"x" * 101),
        request(b"[1]") + request(b"[2]"),
        request(b"[1]")[:30],
        request(b"[1]")[30:],
        request(b"[1]").replace(b"Host", b"Connection: close\r\nHost"),
        request(b"[1]").replace(b"HTTP/1.1", b"HTTP/1.0"),
        request(b"[1]").replace(b"Host", b"Host: other\r\nHost"),
        b"POST /hot HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
        BAD,
        b"junk\r\n\r\n",
    ]
)


@on_loop
async def _same(pieces: list[bytes]) -> None:
    knowing, parsing = Stand(), Stand()
    for piece in pieces:
        if parsing.wire.transport.is_closing():
            break
        parsing.wire.protocol._turns._strange = STRANGE
        knowing.send(piece)
        parsing.send(piece)
        assert knowing.told == parsing.told
        assert knowing.wire.transport.is_closing() == parsing.wire.transport.is_closing()
    given_, expected = knowing.service.asked, parsing.service.asked
    assert [each.raw for each in given_] == [each.raw for each in expected]
    assert [each.fields for each in given_] == [each.fields for each in expected]


@given(st.lists(PIECES, max_size=8))
def test_who_knows_heads_and_who_parses_each_answer_the_same(pieces: list[bytes]) -> None:
    _same(pieces)


# --- parts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "path"),
    [(b"/a?b#c", b"/a"), (b"/%61", b"/a"), (b"http://host/a", b"/a"), (b"a b", None), (b"", None)],
)
def test_the_path_is_that_of_the_url(url: bytes, path: bytes | None) -> None:
    assert path_of(url) == path


def test_names_that_stand_twice_are_joined() -> None:
    assert joined([(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]) == {b"a": b"1, 3", b"b": b"2"}
    assert joined([]) == {}


def test_who_waits_for_leave_says_so() -> None:
    assert expects_continue([(b"expect", b"100-Continue")])
    assert not expects_continue([(b"expect", b"else")])


@pytest.mark.parametrize(
    ("url", "hosts", "after"),
    [
        (b"/a", [b"x"], [b"x"]),
        (b"*", [b"x"], [b"x"]),
        (b"http://y/a", [], []),
        (b"http://x?b", [b"X:80"], [b"X:80"]),
        (b"https://x:80/", [b"x"], [b"x", b"x:80"]),
        (b"http://y/a", [b"x"], [b"x", b"y"]),
    ],
)
def test_a_target_may_name_another_host(url: bytes, hosts: list[bytes], after: list[bytes]) -> None:
    found = named_twice(url, [(b"host", host) for host in hosts])
    assert [value for _, value in found] == after
