"""Answers that come at once, and are read without the parser where they are plain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.gateway.transport.http1.response import BadResponse, ResponseParser

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


class Told:
    """What an exchange would hear of one answer that comes in these pieces."""

    def __init__(self, *pieces: bytes, bodiless: bool = False) -> None:
        self.parser = parser = ResponseParser()
        parser.expect(bodiless=bodiless)
        body, fault = b"", ""
        try:
            for piece in pieces:
                if not parser.complete:
                    parser.feed(piece)
                body += parser.take()
        except BadResponse as bad:
            body, fault = body + parser.take(), str(bad)
        self.events = parser.status, parser.headers, body, parser.complete, fault


WORDS = st.lists(
    st.sampled_from(
        [
            b"content-length: 2",
            b"Content-Length:2",
            b"content-length: 02",
            b"content-length: 3",
            b"content-length: +2",
            b"content-length:",
            b"connection: keep-alive",
            b"Connection: close",
            b"connection: x-own",
            b"keep-alive: timeout=7, max=9",
            b"transfer-encoding: chunked",
            b"transfer-encoding: gzip",
            b"content-encoding: gzip",
            b"upgrade: h2c",
            b"trailer: x-own",
            b"server: own",
            b"x-own: one",
            b"X-Own:\ttwo \t",
            b"x-own: t\tw\xe9",
            b"x-own: \x00",
            b"x-own: a\nb",
            b"x own: one",
            b" folded",
            b"x-own",
            b": nameless",
            b"",
        ]
    ),
    max_size=4,
)
STARTS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 ",
        b"HTTP/1.1 200",
        b"HTTP/1.1 404 Not Found",
        b"HTTP/1.1 204 No Content",
        b"HTTP/1.1 304 Not Modified",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 2x0 OK",
        b"HTTP/1.1 99 OK",
        b"ICY 200 OK",
    ]
)
BODIES = st.sampled_from([b"", b"o", b"ok", b"{}{", b"2\r\nok\r\n0\r\n\r\n"])


@given(STARTS, WORDS, BODIES, st.booleans())
@settings(max_examples=1000)
def test_what_comes_at_once_is_read_as_what_comes_in_two(
    start: bytes, lines: list[bytes], body: bytes, sized: bool
) -> None:
    given = [*lines, b"content-length: %d" % len(body)] if sized else lines
    answer = b"\r\n".join([start, *given, b"", body])
    at_once, in_two = Told(answer), Told(answer[:1], answer[1:])
    assert at_once.events == in_two.events
    one, other = at_once.parser, in_two.parser
    assert (one.keep_alive, one.coding, one.reusable) == (other.keep_alive, other.coding, other.reusable)


WHOLE = OK + b"content-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def test_a_plain_answer_is_read_without_the_parser() -> None:
    parser = ResponseParser()
    parser.discard()
    for _ in range(2):
        parser.expect()
        parser.feed(WHOLE)
        assert (parser.status, parser.take(), parser.complete, parser.reusable) == (200, b"{}", True, True)
        assert parser.headers == (("content-type", "application/json"), ("content-length", "2"))


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE + b"{",
        WHOLE[:-1],
        WHOLE.replace(b": 2", b": 2\r\nconnection: close"),
        WHOLE.replace(b": 2", b": 2\r\ncontent-length: 2"),
        WHOLE.replace(b"200", b"204"),
        OK + b"content-length: 0\r\n\r\n",
        OK + b"x: y\r\n" * 100 + b"content-length: 2\r\n\r\n{}",
        OK + b"x: " + b"y" * 9000 + b"\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
def test_any_other_is_read_by_the_parser(answer: bytes) -> None:
    parser = ResponseParser()
    parser.discard()
    with pytest.raises(AttributeError):
        parser.feed(answer)
    assert not parser.status


def test_the_answer_to_head_is_read_by_the_parser() -> None:
    answered = Told(WHOLE, bodiless=True)
    assert answered.events == (200, answered.parser.headers, b"", True, "")


def test_both_ways_take_turns_on_a_connection() -> None:
    parser = ResponseParser()
    chunked = CHUNKED + b"2\r\nok\r\n0\r\n\r\n"
    for pieces in (
        [WHOLE],
        [chunked],
        [WHOLE[:30], WHOLE[30:]],
        [WHOLE],
        [b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE],
    ) * 2:
        parser.expect()
        for piece in pieces:
            assert not parser.complete
            parser.feed(piece)
        assert (parser.complete, parser.reusable, len(parser.take())) == (True, True, 2)
