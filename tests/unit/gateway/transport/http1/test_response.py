from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.transport.failures import NOT_HTTP, TOO_LARGE
from reconciler.gateway.transport.http1.response import (
    CUT,
    MAX_HEAD,
    UNANSWERED,
    BadResponse,
    ResponseParser,
)

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


class Told:
    """What an exchange would hear of one answer."""

    def __init__(self, pieces: list[bytes], *, bodiless: bool = False, then_closed: bool = False) -> None:
        self.parser = ResponseParser()
        self.parser.expect(bodiless=bodiless)
        self.body = b""
        self.fault = ""
        try:
            for piece in pieces:
                self.feed(piece)
            if then_closed:
                self.parser.end_of_input()
        except BadResponse as bad:
            self.fault = str(bad)

    def feed(self, piece: bytes) -> None:
        if self.parser.complete:  # an exchange hears nothing beyond the end
            return
        try:
            self.parser.feed(piece)
        finally:
            self.body += self.parser.take()

    @property
    def events(self) -> tuple[object, ...]:
        parser = self.parser
        return parser.status, parser.headers, self.body, parser.complete, self.fault


def told(*pieces: bytes, bodiless: bool = False, then_closed: bool = False) -> Told:
    return Told(list(pieces), bodiless=bodiless, then_closed=then_closed)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK + b"content-length: 2\r\n\r\nok", b"ok"),
        (OK + b"Content-Length:  2 \r\n\r\nok", b"ok"),
        (OK + b"content-length: 0\r\n\r\n", b""),
        (CHUNKED + b"1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n", b"ok"),
        (CHUNKED + b"2\r\nok\r\n0\r\nx-trailer: a\r\n\r\n", b"ok"),
        (OK + b"Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"content-length: 2\r\n\r\nok", b"ok"),
        (
            b"HTTP/1.1 103 Early Hints\r\nx: a\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
            + OK
            + b"content-length: 0\r\n\r\n",
            b"",
        ),
    ],
)
def test_an_answer_with_an_end_of_its_own(answer: bytes, body: bytes) -> None:
    heard = told(answer)
    assert (heard.body, heard.parser.complete, heard.parser.reusable, heard.fault) == (body, True, True, "")
    assert "x" not in dict(heard.parser.headers)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"connection: close\r\ncontent-length: 2\r\n\r\nok",
        OK + b"content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
        OK + b"content-length: 2\r\n\r\nok garbage",
        OK + b"connection: close\r\ncontent-length: 2\r\n\r\nok garbage",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
)
def test_a_whole_answer_that_no_other_may_follow(answer: bytes) -> None:
    heard = told(answer)
    assert (heard.body, heard.parser.complete, heard.parser.reusable) == (b"ok", True, False)


def test_an_old_upstream_may_keep_its_connection_where_it_says_so() -> None:
    heard = told(b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok")
    assert heard.parser.reusable


@pytest.mark.parametrize("head", [OK + b"\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
def test_an_answer_that_lasts_until_the_close(head: bytes) -> None:
    assert not told(head, b"ok").parser.complete
    heard = told(head, b"o", b"k", then_closed=True)
    assert (heard.body, heard.parser.complete, heard.parser.reusable, heard.fault) == (b"ok", True, False, "")


def test_the_answer_to_head_has_no_body() -> None:
    heard = told(OK + b"content-length: 5\r\n\r\n", bodiless=True)
    assert (heard.parser.complete, heard.parser.reusable, heard.body) == (True, False, b"")
    assert heard.parser.headers == (("content-length", "5"),)


@pytest.mark.parametrize(
    ("received", "fault"),
    [
        (b"", UNANSWERED),
        (b"HTTP/1.1 2", CUT),
        (b"HTTP/1.1 100 Continue\r\n\r\n", CUT),
        (OK + b"content-length: 3\r\n\r\nok", CUT),
        (CHUNKED + b"2\r\nok\r\n", CUT),
        (CHUNKED + b"2\r\nok\r\n0\r\n", CUT),
        (b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", CUT),
    ],
)
def test_a_close_in_the_middle(received: bytes, fault: str) -> None:
    assert told(*([received] if received else []), then_closed=True).fault == fault


@pytest.mark.parametrize(
    "lines",
    [
        b"content-length: 2\r\ncontent-length: 2\r\n",
        b"content-length: 2\r\ncontent-length: 3\r\n",
        b"content-length: 2, 2\r\n",
        b"content-length: -2\r\n",
        b"content-length: +2\r\n",
        b"content-length: 0x2\r\n",
        b"content-length: 99999999999999999999999\r\n",
        b"content-length:\r\n",
        b"content-length: 2\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 2\r\n",
        b"transfer-encoding: gzip, chunked\r\n",
        b"transfer-encoding: chunked, identity\r\n",
        b"transfer-encoding: gzip\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: xchunked\r\n",
        b"no colon\r\n",
        b"x : a\r\n",
        b": a\r\n",
        b"x: a\r\n folded: b\r\n",
        b"x: a\0b\r\n",
        b"x: a\rb\r\n",
        b"x: a\nb: c\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways(lines: bytes) -> None:
    heard = told(OK + lines + b"\r\n2\r\nok\r\n0\r\n\r\n")
    assert (heard.parser.status, heard.body, heard.fault) == (0, b"", NOT_HTTP)


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"HTTP/1.1 99 Low",
        b"HTTP/1.1 000 None",
        b"HTTP/1.1 042 Low",
        b"HTTP/1.1 2000 High",
        b"HTTP/1.1 abc Letters",
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.2 200 OK",
        b"HTTP/2.0 200 OK",
        b"HTTP/0.9 200 OK",
        b"ICY 200 OK",
        b"GET / HTTP/1.1",
        b"\x16\x03\x01\x02",
    ],
)
def test_a_first_line_that_is_none(line: bytes) -> None:
    heard = told(line + b"\r\ncontent-length: 2\r\n\r\nok")
    assert (heard.parser.status, heard.fault) == (0, NOT_HTTP)


def test_a_switch_of_protocols_nobody_asked_for() -> None:
    heard = told(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nxyz")
    assert (heard.parser.status, heard.fault) == (0, NOT_HTTP)


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n",
        b"0x2\r\nok\r\n",
        b"-2\r\nok\r\n",
        b"2 \r\nok\r\n",
        b"ffffffffffffffffff\r\n",
        b"2\nok\r\n",
        b"\r\n",
    ],
)
def test_a_bad_chunk_size(chunks: bytes) -> None:
    heard = told(CHUNKED + b"2\r\nok\r\n" + chunks)
    assert (heard.parser.status, heard.body, heard.fault) == (200, b"ok", NOT_HTTP)


def test_a_chunk_longer_than_it_says() -> None:
    heard = told(CHUNKED + b"2\r\noktoo\r\n0\r\n\r\n")
    assert (heard.body, heard.fault) == (b"ok", NOT_HTTP)


@pytest.mark.parametrize("piece", [1000, 10_000_000])
@pytest.mark.parametrize(
    "endless",
    [
        OK + b"x: " + b"y" * 2 * MAX_HEAD + b"\r\n\r\n",
        OK + b"x: y\r\n" * 600 + b"\r\n",
        OK + (b"x: " + b"y" * 1000 + b"\r\n") * 70 + b"\r\n",
        CHUNKED + b"0\r\n" + b"x: y\r\n" * 600 + b"\r\n",
        CHUNKED + b"0\r\nx: " + b"y" * 2 * MAX_HEAD + b"\r\n\r\n",
    ],
    ids=["long line", "many lines", "long lines", "many in the trailer", "long in the trailer"],
)
def test_what_would_be_kept_is_bounded(endless: bytes, piece: int) -> None:
    heard = told(*(endless[start : start + piece] for start in range(0, len(endless), piece)))
    assert heard.fault == TOO_LARGE


@pytest.mark.parametrize(
    "endless", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 " + b"x" * 1000, b"\r\n" * 100]
)
def test_an_endless_nothing_has_an_end(endless: bytes) -> None:
    assert told(*[endless] * 5000).fault in {TOO_LARGE, NOT_HTTP}


def test_an_endless_chunk_extension_has_an_end() -> None:
    assert told(CHUNKED, *[b"2;" + b"x" * 1000] * 100).fault == TOO_LARGE


def test_a_long_stream_is_not_endless_nothing() -> None:
    heard = told(CHUNKED, *[b"5\r\nevent\r\n"] * 50_000)
    assert (heard.fault, len(heard.body)) == ("", 250_000)


def test_headers_about_the_connection_are_not_passed_on() -> None:
    heard = told(
        OK
        + b"Content-Type: text/plain\r\nConnection: X-Hop, keep-alive\r\nconnection: y-hop\r\nKeep-Alive: timeout=7\r\n"
        b"X-Hop: 1\r\nY-HOP: 2\r\nX-Kept: a\r\nX-Kept: b\r\nUpgrade: x\r\nProxy-Authenticate: x\r\nTrailer: x\r\n"
        b"X-Empty:\r\ncontent-length: 0\r\n\r\n"
    )
    assert heard.parser.headers == (
        ("content-type", "text/plain"),
        ("x-kept", "a"),
        ("x-kept", "b"),
        ("x-empty", ""),
        ("content-length", "0"),
    )
    assert heard.parser.keep_alive == 7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"timeout=5, max=100", 5),
        (b"max=1, Timeout=5", 5),
        (b"timeout=x", None),
        (b"", None),
        (b"timeout=" + b"9" * 20, None),
    ],
)
def test_how_long_an_upstream_keeps(value: bytes, seconds: int | None) -> None:
    assert told(OK + b"keep-alive: " + value + b"\r\ncontent-length: 0\r\n\r\n").parser.keep_alive == seconds


def test_what_encodings_an_answer_has() -> None:
    heard = told(OK + b"content-encoding: gzip\r\ncontent-encoding: br\r\ncontent-length: 0\r\n\r\n")
    assert heard.parser.coding == ",gzip,br"


def test_a_connection_has_many_answers() -> None:
    parser = ResponseParser()
    for status in (200, 404, 500):
        parser.expect()
        parser.feed(b"HTTP/1.1 %d X\r\nx-%d: a\r\ncontent-length: 2\r\n\r\nok" % (status, status))
        assert (parser.status, parser.take(), parser.reusable) == (status, b"ok", True)
        assert dict(parser.headers).keys() == {f"x-{status}", "content-length"}
    parser.discard()


# --- any pieces ---------------------------------------------------------------------------------------------------

_names = st.sampled_from([b"x-a", b"Content-Type", b"connection", b"keep-alive", b"content-encoding", b"x-b"])
_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20).map(str.encode)
_headers = st.lists(st.tuples(_names, _values), max_size=5).map(
    lambda pairs: b"".join(name + b": " + value + b"\r\n" for name, value in pairs)
)
_chunks = st.lists(st.binary(min_size=1, max_size=50), max_size=6)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Whole answers, some of them broken somewhere."""
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n"]))
    head = b"HTTP/1.%d %d X\r\n" % (draw(st.integers(0, 1)), draw(st.sampled_from([200, 204, 304, 429, 500])))
    chunks = draw(_chunks)
    framing = draw(st.sampled_from(["chunked", "length", "close"]))
    if framing == "chunked":
        body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
        head += b"transfer-encoding: chunked\r\n"
    else:
        body = b"".join(chunks)
        head += b"content-length: %d\r\n" % len(body) if framing == "length" else b""
    whole = interim + head + draw(_headers) + b"\r\n" + body
    if draw(st.booleans()):
        at = draw(st.integers(0, len(whole)))
        whole = whole[:at] + draw(st.binary(max_size=3)) + whole[at + draw(st.integers(0, 2)) :]
    return whole


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(edges)]


@given(answers(), st.lists(st.integers(0, 10_000), max_size=12), st.booleans())
def test_any_pieces_tell_the_same(answer: bytes, places: list[int], bodiless: bool) -> None:
    whole = told(answer, bodiless=bodiless, then_closed=True)
    assert told(*cut(answer, places), bodiless=bodiless, then_closed=True).events == whole.events
    assert (
        told(*cut(answer, list(range(len(answer)))), bodiless=bodiless, then_closed=True).events
        == whole.events
    )


@given(st.lists(st.binary(max_size=300), max_size=20), st.sampled_from([b"", b"HTTP/1.1 ", OK, CHUNKED]))
def test_random_bytes_break_nothing(pieces: list[bytes], before: bytes) -> None:
    heard = told(before, *pieces, then_closed=True)
    assert heard.parser.complete or heard.fault in {NOT_HTTP, TOO_LARGE, CUT, UNANSWERED}
    assert len(heard.body) <= sum(map(len, pieces))
