"""One request and its answer, on a transport that is memory: every framing, byte for byte."""

import pytest
from fakes.hot_service import PATH, Asked, ScriptedService, hot_paths
from fakes.in_process import MemoryTransport
from fakes.loop import on_loop
from uvicorn.server import ServerState

from reconciler.listener.default_headers import DefaultHeaders
from reconciler.listener.guard import Headers
from reconciler.listener.head import Head
from reconciler.listener.hot_turn import CONTINUE, Turn

HEADERS: Headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]


class Stand:
    def __init__(self, *headers: tuple[bytes, bytes], origins: tuple[str, ...] = ()) -> None:
        self.service = ScriptedService()
        self.transport = MemoryTransport()
        self.overs = 0
        state = ServerState()
        state.default_headers = [(b"date", b"today")]
        self.turn = Turn(
            hot_paths(self.service, max_body=10, origins=origins),
            Head((PATH, self.service), [*HEADERS, *headers]),
            self.transport,
            DefaultHeaders(state),
            self._over,
        )

    def _over(self) -> None:
        self.overs += 1

    def whole(self, body: bytes = b"{}") -> Asked:
        self.turn.feed(body)
        self.turn.received = True
        self.turn.proceed()
        return self.service.asked[0]

    @property
    def written(self) -> list[bytes]:
        return self.transport.written


def test_head_and_first_data_are_one_write_and_the_length_is_kept() -> None:
    stand = Stand()
    reply = stand.whole().reply
    reply.head(200, (("content-type", "a/b"),), 4)
    assert (stand.written, reply.began) == ([], False)
    reply.data(b"ab")
    reply.data(b"cd")
    reply.finish()
    head = b"HTTP/1.1 200 OK\r\ndate: today\r\ncontent-type: a/b\r\ncontent-length: 4\r\n\r\n"
    assert (stand.written, reply.began) == ([head + b"ab", b"cd"], True)
    assert (stand.overs, stand.turn.keep_alive) == (1, True)


def test_without_a_length_it_is_chunked() -> None:
    stand = Stand()
    reply = stand.whole().reply
    reply.head(200, ())
    reply.data(b"x" * 26)
    reply.finish()
    head = b"HTTP/1.1 200 OK\r\ndate: today\r\ntransfer-encoding: chunked\r\n\r\n"
    assert stand.written == [head + b"1a\r\n" + b"x" * 26 + b"\r\n", b"0\r\n\r\n"]


@on_loop
async def test_before_http_1_1_the_end_of_the_connection_is_the_answers() -> None:
    stand = Stand()
    stand.turn.modern = stand.turn.keep_alive = False
    reply = stand.whole().reply
    reply.head(200, ())
    reply.data(b"x")
    assert stand.written == [b"HTTP/1.1 200 OK\r\ndate: today\r\nconnection: close\r\n\r\nx"]
    reply.abort()
    assert stand.transport.aborted  # a proper close would say that this is all


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("status", [204, 304])
def test_where_there_can_be_no_body_there_is_none(status: int, at_once: bool) -> None:
    stand = Stand()
    reply = stand.whole().reply
    if at_once:
        reply.answer(status, (), b"x")
    else:
        reply.head(status, (), 1)
        reply.data(b"x")
        reply.finish()
    assert len(stand.written) == 1
    assert stand.written[0].endswith(b"date: today\r\n\r\n")


@pytest.mark.parametrize("at_once", [True, False])
def test_a_reset_of_content_says_that_its_body_is_empty(at_once: bool) -> None:
    """Else the client reads on: only of 204 and 304 it knows (RFC 9112, 6.3)."""
    stand = Stand()
    reply = stand.whole().reply
    if at_once:
        reply.answer(205, (), b"x")
    else:
        reply.head(205, ())
        reply.data(b"x")
        reply.finish()
    assert stand.written == [b"HTTP/1.1 205 Reset Content\r\ndate: today\r\ncontent-length: 0\r\n\r\n"]


def test_no_data_is_no_end() -> None:
    stand = Stand()
    reply = stand.whole().reply
    reply.head(200, ())
    reply.data(b"")
    assert not reply.began
    reply.data(b"x")
    reply.data(b"")
    assert stand.written[0].endswith(b"\r\n\r\n1\r\nx\r\n")
    assert len(stand.written) == 1


def test_a_status_without_a_name() -> None:
    stand = Stand()
    stand.whole().reply.answer(299, (), b"")
    assert stand.written == [b"HTTP/1.1 299 \r\ndate: today\r\ncontent-length: 0\r\n\r\n"]


@pytest.mark.parametrize("header", [("a", "b\r\nc: d"), ("a\n", "b"), ("a", "b\r")])
def test_no_header_ends_its_line(header: tuple[str, str]) -> None:
    reply = Stand().whole().reply
    with pytest.raises(ValueError, match="line"):
        reply.head(200, (header,))


def test_an_answer_is_as_long_as_it_says() -> None:
    longer, shorter = Stand().whole().reply, Stand().whole().reply
    for reply in (longer, shorter):
        reply.head(200, (), 1)
    with pytest.raises(ValueError, match="longer"):
        longer.data(b"ab")
    with pytest.raises(ValueError, match="shorter"):
        shorter.finish()


@on_loop
async def test_a_head_that_was_not_written_can_be_another() -> None:
    stand = Stand()
    reply = stand.whole().reply
    reply.head(200, ())
    reply.answer(500, (), b"bug")
    assert stand.written == [
        b"HTTP/1.1 500 Internal Server Error\r\ndate: today\r\ncontent-length: 3\r\n\r\nbug"
    ]
    reply.head(200, ())
    reply.data(b"x")
    reply.finish()
    reply.answer(200, (), b"")
    reply.abort()
    assert (len(stand.written), stand.overs, stand.transport.closing) == (1, 1, False)


@on_loop
async def test_an_answer_that_is_cut_closes_the_connection() -> None:
    stand = Stand()
    reply = stand.whole().reply
    reply.head(200, ())
    reply.data(b"x")
    reply.abort()
    assert (stand.transport.closing, stand.transport.aborted, stand.turn.keep_alive) == (True, False, False)
    assert stand.overs == 0


def test_a_body_comes_in_one_piece_and_once() -> None:
    stand = Stand()
    for piece in (b"a", b"b"):
        stand.turn.feed(piece)
        stand.turn.proceed()
    asked = stand.whole(b"c")
    stand.turn.proceed()
    assert (asked.raw, asked.calls) == (b"abc", ["body"])


def test_a_body_over_the_limit_is_told_once_and_closes_the_connection() -> None:
    stand = Stand()
    stand.turn.feed(b"x" * 11)
    stand.turn.proceed()
    stand.turn.feed(b"x" * 11)
    stand.turn.proceed()
    assert stand.service.asked[0].calls == ["too large: 10"]
    assert stand.written[0].startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in stand.written[0]


def test_a_length_over_the_limit_is_enough() -> None:
    stand = Stand((b"content-length", b"11"), (b"expect", b"100-continue"))
    stand.turn.proceed()
    assert stand.service.asked[0].calls == ["too large: 10"]
    assert stand.written[0].startswith(b"HTTP/1.1 413 ")


def test_a_length_within_it_does_not_count_twice() -> None:
    stand = Stand((b"content-length", b"8"))
    stand.turn.proceed()
    assert stand.whole(b"12345678").raw == b"12345678"


def test_who_waits_for_leave_to_send_gets_it_once() -> None:
    stand = Stand((b"expect", b"100-Continue"))
    stand.turn.proceed()
    stand.turn.proceed()
    assert stand.written == [CONTINUE]


def test_who_speaks_http_1_0_gets_no_leave() -> None:
    """It would take that for the answer (RFC 9110, 10.1.1)."""
    stand = Stand((b"expect", b"100-continue"))
    stand.turn.modern = stand.turn.keep_alive = False
    stand.turn.proceed()
    assert stand.written == []


def test_who_sent_it_all_needs_no_leave() -> None:
    stand = Stand((b"expect", b"100-continue"))
    stand.whole()
    assert stand.written == []


def test_a_service_gets_the_headers_by_name_and_several_of_one_name_as_one() -> None:
    once, twice = Stand((b"x", b"a")), Stand((b"x", b"a"), (b"y", b"b"), (b"x", b"c"))
    assert once.whole().fields == {**dict(HEADERS), b"x": b"a"}
    assert twice.whole().fields == {**dict(HEADERS), b"x": b"a, c", b"y": b"b"}


def test_the_gate_stands_before_the_service() -> None:
    stand = Stand((b"origin", b"http://evil.example"))
    stand.turn.received = True
    stand.turn.proceed()
    assert stand.service.asked == []
    assert stand.written[0].startswith(
        b"HTTP/1.1 403 Forbidden\r\ndate: today\r\nx-path: /hot\r\ncontent-length: "
    )
    assert b"403 origin_not_allowed" in stand.written[0]


def test_pages_of_an_allowed_origin_may_read() -> None:
    stand = Stand((b"origin", b"https://app.example"), origins=("https://app.example",))
    stand.whole().reply.answer(200, (("x-routerctl-revision", "7"),), b"ok")
    assert b"access-control-allow-origin: https://app.example\r\n" in stand.written[0]
    assert b"access-control-expose-headers: x-routerctl-revision\r\nvary: Origin\r\n" in stand.written[0]


def test_a_service_may_answer_at_once_and_is_asked_nothing_more() -> None:
    stand = Stand()
    stand.service.at_once = b"not now"
    asked = stand.whole()
    stand.turn.blocked()
    stand.turn.writable()
    stand.turn.gone()
    assert (asked.calls, stand.overs) == ([], 1)


def test_a_service_that_answered_at_once_is_not_asked_for_the_rest_either() -> None:
    stand = Stand((b"content-length", b"8"))
    stand.service.at_once = b"not now"
    for piece in (b"1234", b"5678", b"too much"):
        stand.turn.feed(piece)
        stand.turn.proceed()
    stand.turn.received = True
    stand.turn.proceed()
    assert (stand.service.asked[0].calls, stand.overs, len(stand.written)) == ([], 1, 1)


def test_who_is_gone_is_told_of_once_and_written_to_no_more() -> None:
    stand = Stand()
    stand.turn.gone()  # before its turn came: nobody knows of it
    assert stand.service.asked == []
    stand = Stand()
    asked = stand.whole()
    stand.turn.blocked()
    stand.turn.writable()
    stand.turn.gone()
    stand.turn.gone()
    asked.reply.answer(500, (), b"")
    assert asked.calls == ["body", "blocked", "writable", "gone"]
    assert (stand.written, stand.overs) == ([], 0)
