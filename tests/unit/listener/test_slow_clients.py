"""Connections whose clients are slow, or say too much. Time is moved by hand."""

import asyncio

import pytest
from fakes.clockwork import Clockwork
from fakes.hot_service import Asked, ScriptedService, hot_paths
from fakes.in_process import Answers, Wire
from fakes.loop import on_loop
from fakes.waiting import turns, until
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener.slow_clients import (
    BODY_SECONDS,
    HEAD_SECONDS,
    LINGER,
    LOOK_SECONDS,
    MAX_HEAD,
    MAX_HEADERS,
    STALL_SECONDS,
    Unread,
    Wait,
    Watch,
)

BEGIN = b"POST /hot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
WHOLE = BEGIN + b"content-length: 2\r\n\r\n{}"
HALF = BEGIN + b"content-length: 4\r\n\r\n{}"
COLD = b"PUT /cold HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\n{}"
KEPT = 75


class Stand:
    """`begins`: the app sends the head of its answer before it has read the request."""

    def __init__(self, *, begins: bool = False) -> None:
        self.loop = Clockwork()
        self.service = ScriptedService()
        self.began = asyncio.Event()
        self.heard: list[str] = []
        self._begins = begins
        self.wire = Wire(DataPlane(self, hot_paths(self.service)), self.loop.as_loop())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        if self._begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        self.began.set()
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        self.heard.append(message["type"])

    @property
    def asked(self) -> list[Asked]:
        return self.service.asked

    @property
    def answers(self) -> list[tuple[int, bytes]]:
        return [(status, body) for status, _, body in Answers(self.wire.received).whole]

    @property
    def cut(self) -> bool:
        return self.wire.transport.closing

    def refused(self, status: int, code: str) -> bool:
        """As the last thing that was said, and gently: what is still on its way is read first."""
        assert self.answers[-1][1].startswith(f"{status} {code} ".encode())
        assert self.answers[-1][0] == status
        assert b"connection: close" in self.wire.received
        assert self.wire.transport.half_closed
        assert not self.cut
        self.loop.pass_by(LINGER)
        return self.cut


@on_loop
async def test_who_says_nothing_is_let_go() -> None:
    stand = Stand()
    stand.loop.pass_by(KEPT - 1)
    assert not stand.cut
    stand.loop.pass_by(1)
    assert stand.cut
    assert stand.wire.received == b""


@on_loop
async def test_a_server_that_is_replaced_answers_once_more() -> None:
    idle, busy, late = Stand(), Stand(), Stand()
    for stand in (busy, late):
        stand.wire.send(WHOLE)
        stand.asked[0].reply.head(200, (), 1)
        stand.asked[0].reply.data(b"x")  # its head said nothing of an end
    for stand in (idle, busy, late):
        stand.wire.protocol.retire(10)
    busy.asked[0].reply.finish()
    assert not busy.cut
    busy.wire.send(WHOLE)
    busy.asked[1].reply.answer(200, (), b"y")
    assert b"connection: close" in busy.wire.received
    assert busy.cut
    for stand in (idle, late):
        stand.loop.pass_by(10)
    assert idle.cut
    assert not late.cut
    late.asked[0].reply.finish()
    late.loop.pass_by(10 + LOOK_SECONDS)
    assert late.cut


@on_loop
async def test_nothing_is_waited_for_while_an_answer_is() -> None:
    stand = Stand()
    stand.wire.send(WHOLE)
    stand.loop.pass_by(3600)
    assert not stand.cut
    stand.asked[0].reply.answer(200, (), b"at last")
    stand.loop.pass_by(KEPT - 1)
    assert not stand.cut
    stand.loop.pass_by(1)
    assert stand.cut


@pytest.mark.parametrize("at", [1, 20, 40, 70])
@on_loop
async def test_a_head_that_does_not_end(at: int) -> None:
    stand = Stand()
    stand.loop.pass_by(20)
    stand.wire.send(WHOLE[:at])
    stand.loop.pass_by(HEAD_SECONDS - 1)
    assert stand.wire.received == b""
    stand.loop.pass_by(1)
    assert stand.refused(408, "request_timeout")
    assert stand.asked == []


@on_loop
async def test_a_head_that_drips_is_no_faster() -> None:
    stand = Stand()
    for at in range(30):
        stand.wire.send(WHOLE[at : at + 1])
        stand.loop.pass_by(HEAD_SECONDS / 31)
    stand.loop.pass_by(HEAD_SECONDS / 31)
    assert stand.refused(408, "request_timeout")


@on_loop
async def test_each_head_has_its_own_time() -> None:
    stand = Stand()
    stand.service.at_once = b"no"
    for _ in range(3):
        stand.wire.send(BEGIN)
        stand.loop.pass_by(HEAD_SECONDS - 1)
        stand.wire.send(b"content-length: 0\r\n\r\n")
    assert stand.answers == [(503, b"no")] * 3
    assert not stand.wire.closed


@on_loop
async def test_a_late_head_behind_a_request_is_refused_after_it_was_answered() -> None:
    stand = Stand()
    stand.wire.send(WHOLE + BEGIN)
    stand.loop.pass_by(HEAD_SECONDS)
    assert stand.wire.received == b""
    stand.asked[0].reply.answer(200, (), b"whole")
    assert stand.answers[0] == (200, b"whole")
    assert stand.refused(408, "request_timeout")


@on_loop
async def test_a_body_that_pauses_too_long_is_the_services_to_refuse() -> None:
    stand = Stand()
    stand.wire.send(HALF)
    stand.loop.pass_by(BODY_SECONDS - 1)
    stand.wire.send(b"x")
    stand.loop.pass_by(BODY_SECONDS - 1)
    assert stand.asked[0].calls == []
    stand.loop.pass_by(1)
    assert stand.asked[0].calls == [f"too slow: {BODY_SECONDS:g}"]
    assert stand.answers == [(408, b"slow")]
    stand.loop.pass_by(LINGER)
    assert stand.cut


@on_loop
async def test_a_body_that_must_wait_for_its_turn_is_not_late() -> None:
    stand = Stand()
    stand.wire.send(WHOLE + HALF.replace(b"\r\n\r\n{}", b"\r\nexpect: 100-continue\r\n\r\n"))
    stand.loop.pass_by(10 * BODY_SECONDS)
    stand.asked[0].reply.answer(200, (), b"whole")
    assert b"100 Continue" in stand.wire.received
    stand.loop.pass_by(BODY_SECONDS - 1)
    assert stand.asked[1].calls == []
    stand.loop.pass_by(1)
    assert stand.asked[1].calls == [f"too slow: {BODY_SECONDS:g}"]


@on_loop
async def test_a_body_that_we_do_not_read_is_not_late() -> None:
    stand = Stand()
    stand.wire.send(HALF)
    stand.wire.protocol.flow.pause_reading()
    stand.loop.pass_by(10 * BODY_SECONDS)
    assert stand.asked[0].calls == []


@on_loop
async def test_a_cold_body_that_pauses_too_long() -> None:
    stand = Stand()
    stand.wire.send(COLD)
    await stand.began.wait()
    stand.loop.pass_by(BODY_SECONDS)
    assert stand.refused(408, "request_timeout")
    await until(lambda: stand.heard, "the end of the app")
    assert stand.heard == ["http.disconnect"]
    assert b"x-path: /cold" in stand.wire.received


@on_loop
async def test_a_cold_body_whose_answer_has_begun_is_cut() -> None:
    stand = Stand(begins=True)
    stand.wire.send(COLD)
    await stand.began.wait()
    stand.loop.pass_by(BODY_SECONDS)
    assert stand.cut
    await until(lambda: stand.heard, "the end of the app")
    assert b"408" not in stand.wire.received


def large(size: int) -> bytes:
    return BEGIN + b"x-large: " + b"x" * size + b"\r\n"


@pytest.mark.parametrize("piece", [1000, MAX_HEAD, 10 * MAX_HEAD])
@pytest.mark.parametrize("end", [b"", b"content-length: 0\r\n\r\n"], ids=["endless", "whole"])
@on_loop
async def test_a_head_that_is_too_large(piece: int, end: bytes) -> None:
    stand = Stand()
    sent = large(2 * MAX_HEAD) + end
    for at in range(0, len(sent), piece):
        if not stand.wire.closed:
            stand.wire.send(sent[at : at + piece])
    assert stand.refused(431, "request_headers_too_large")
    assert stand.asked == []


@on_loop
async def test_a_large_head_that_came_with_another_request() -> None:
    stand = Stand()
    stand.wire.send(WHOLE + large(2 * MAX_HEAD))  # what is the head's is not known yet
    stand.wire.send(b"x" * (MAX_HEAD + 1))
    stand.asked[0].reply.answer(200, (), b"whole")
    assert stand.answers[0] == (200, b"whole")
    assert stand.refused(431, "request_headers_too_large")


@pytest.mark.parametrize("line", [b"\r\n", b"\n", b"\r"])
@on_loop
async def test_line_ends_and_nothing_else(line: bytes) -> None:
    stand = Stand()
    stand.wire.send(line * (MAX_HEAD + 1))
    assert stand.refused(431, "request_headers_too_large")


@pytest.mark.parametrize("size", [1, 100, 100_000])
@on_loop
async def test_too_many_headers(size: int) -> None:
    stand = Stand()
    many = b"".join(b"x-%d: 1\r\n" % number for number in range(MAX_HEADERS))
    sent = BEGIN + many + b"content-length: 0\r\n\r\n"
    for at in range(0, len(sent), size):
        stand.wire.send(sent[at : at + size])
    assert stand.refused(431, "request_headers_too_large")
    assert b"x-path: /hot" in stand.wire.received


@on_loop
async def test_as_much_as_may_be_said_may_be_said_again() -> None:
    stand = Stand()
    stand.service.at_once = b"no"
    head = large(MAX_HEAD - 200) + b"content-length: 0\r\n\r\n"
    for _ in range(2):
        stand.wire.send(head[:5000])
        stand.wire.send(head[5000:])
    stand.wire.send(BEGIN + b"content-length: 200000\r\n\r\n" + b"x" * 200_000)
    assert [status for status, _ in stand.answers] == [503] * 3


@on_loop
async def test_who_takes_nothing_of_an_answer_is_cut() -> None:
    stand = Stand()
    stand.wire.send(WHOLE)
    stand.wire.transport.unread = 5000
    stand.loop.pass_by(LOOK_SECONDS + STALL_SECONDS - 1)
    assert not stand.cut
    stand.loop.pass_by(1)
    assert stand.wire.transport.aborted
    await turns()
    assert stand.asked[0].calls == ["body", "gone"]


@on_loop
async def test_who_takes_a_little_is_not() -> None:
    stand = Stand()
    stand.wire.send(WHOLE)
    for unread in range(5000, 4980, -1):
        stand.wire.transport.unread = unread
        stand.loop.pass_by(STALL_SECONDS - LOOK_SECONDS)
    stand.wire.protocol.resume_writing()  # all was taken, and as much was written again
    stand.loop.pass_by(STALL_SECONDS - LOOK_SECONDS)
    assert not stand.cut


@on_loop
async def test_a_connection_that_is_closed_does_not_wait_for_ever_either() -> None:
    stand = Stand()
    stand.wire.transport.unread = 5000
    stand.wire.transport.closing = True  # what was written is still to go out
    stand.loop.pass_by(LOOK_SECONDS + STALL_SECONDS)
    assert stand.wire.transport.aborted


@on_loop
async def test_who_reads_no_answers_may_ask_no_more() -> None:
    stand = Stand()
    stand.service.at_once = b"no"
    stand.wire.transport.full = True
    stand.wire.send(WHOLE)
    assert not stand.wire.transport.reading
    stand.wire.transport.drained()
    assert stand.wire.transport.reading


@on_loop
async def test_a_lost_connection_leaves_no_timer() -> None:
    stand = Stand()
    stand.wire.send(BEGIN)
    stand.wire.leave()
    stand.loop.pass_by(0)
    assert stand.loop.timers == []


@on_loop
async def test_a_watch_looks_when_it_is_told_and_no_sooner() -> None:
    loop = Clockwork()
    looks: list[float] = []

    def waits(now: float) -> tuple[Wait, ...]:
        looks.append(now - 1000)
        return ()

    watch = Watch(loop.as_loop(), waits)
    watch.sooner(10)
    watch.sooner(20)
    loop.pass_by(10 + LOOK_SECONDS)
    assert looks == [10, 10 + LOOK_SECONDS]
    watch.end()
    watch.sooner(5)
    loop.pass_by(5)
    assert looks[2:] == [15 + LOOK_SECONDS]


def test_what_is_unread() -> None:
    unread = Unread()
    assert unread.since(0, 1) is None
    assert [unread.since(size, now) for now, size in ((2, 10), (3, 10), (4, 12), (5, 11), (6, 11))] == [
        2, 2, 2, 5, 5,
    ]  # fmt: skip
    unread.taken()
    assert unread.since(11, 7) == 7
