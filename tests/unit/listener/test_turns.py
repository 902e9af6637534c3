"""The queue of one connection by itself; with the parser before it it is tested in `test_hot_protocol`."""

import asyncio

from fakes.hot_service import PATH, Asked, ScriptedService, hot_paths
from fakes.in_process import MemoryTransport
from fakes.loop import on_loop
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from reconciler.listener.default_headers import DefaultHeaders
from reconciler.listener.guard import Headers
from reconciler.listener.head import Head, KnownHeads
from reconciler.listener.slow_clients import INVALID, Complaint
from reconciler.listener.turns import Turns

HEAD = (
    b"POST /hot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
)

HEADERS: Headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]


def request(body: bytes) -> bytes:
    return HEAD % (len(body), body)


class Stand:
    """Its own connection."""

    def __init__(self) -> None:
        self.service = ScriptedService()
        self.transport = MemoryTransport()
        self.state = ServerState()
        self.called: list[str] = []
        self.heads = KnownHeads()
        hot, loop = hot_paths(self.service), asyncio.get_running_loop()
        self.flow = FlowControl(self.transport)
        self.turns = Turns(self, loop, self.state, hot, self.heads, DefaultHeaders(self.state))
        self.turns.made(self.transport, self.flow)

    def await_body(self) -> None:
        self.called.append("await body")

    def linger(self) -> None:
        self.called.append("linger")

    def tell(self, complaint: Complaint) -> None:
        self.called.append(complaint.code)

    def knows(self) -> None:
        self.heads.learn(request(b"{}"), Head((PATH, self.service), HEADERS))

    def ask(self, *, received: bool = True) -> Asked:
        """As the parser reads it."""
        turn = self.turns.turn_of(Head((PATH, self.service), HEADERS))
        turn.received = received
        self.turns.queue.append(turn)
        self.turns.go_on()
        return self.service.asked[-1]


@on_loop
async def test_what_is_known_is_taken_again_and_again_at_any_length() -> None:
    stand = Stand()
    assert not stand.turns.take(request(b"{}"))
    stand.knows()
    for number, body in enumerate([b"{}", b"{}", b"", b"x" * 11, b"{}"]):
        assert stand.turns.may_know()
        assert stand.turns.take(request(body))
        asked = stand.service.asked[number]
        assert (asked.raw, stand.turns.may_know()) == (body, False)
        asked.reply.answer(200, (), b"")
    assert not stand.turns.take(request(b"{}") + b"x")
    assert len(stand.service.asked) == stand.state.total_requests == 5


@on_loop
async def test_the_last_answer_of_a_server_that_stops_says_so() -> None:
    stand = Stand()
    stand.knows()
    stand.turns.stopping = True
    stand.turns.take(request(b"{}"))
    stand.service.asked[0].reply.answer(200, (), b"")
    assert b"connection: close" in stand.transport.written[0]
    assert stand.transport.closing


@on_loop
async def test_another_head_takes_the_place_of_the_one_before() -> None:
    stand = Stand()
    stand.knows()
    other = request(b"[]").replace(b"localhost", b"127.0.0.1")
    told = [(b"host", b"127.0.0.1"), HEADERS[1]]
    stand.heads.learn(other, Head((PATH, stand.service), told))
    for data in (request(b"{}"), other, request(b"{}")):
        assert stand.turns.take(data)
        stand.service.asked[-1].reply.answer(200, (), b"")
    hosts = [asked.fields[b"host"] for asked in stand.service.asked]
    assert hosts == [b"localhost", b"127.0.0.1", b"localhost"]


@on_loop
async def test_a_body_that_is_not_complete_is_waited_for_and_lingered_over() -> None:
    stand = Stand()
    asked = stand.ask(received=False)
    assert stand.called == ["await body"]
    asked.reply.answer(400, (), b"")
    assert stand.called == ["await body", "linger"]
    assert stand.turns.queue == []


@on_loop
async def test_a_complaint_is_told_when_all_before_it_is_answered() -> None:
    stand = Stand()
    asked = stand.ask()
    stand.turns.complaint = INVALID
    stand.turns.go_on()
    assert stand.called == []
    asked.reply.answer(200, (), b"")
    stand.turns.rest()
    assert stand.called == ["invalid_http"]


@on_loop
async def test_who_reads_no_answers_may_ask_no_more() -> None:
    stand = Stand()
    stand.turns.write_paused = True
    asked = stand.ask()
    assert (asked.calls, stand.flow.read_paused) == (["body", "blocked"], True)
    stand.turns.write_paused = False
    asked.reply.answer(200, (), b"")
    assert not stand.flow.read_paused


@on_loop
async def test_nothing_is_under_way_on_a_connection_that_is_gone() -> None:
    stand = Stand()
    asked = stand.ask()
    stand.turns.lost()
    asked.reply.answer(200, (), b"")
    assert (asked.calls, stand.transport.written, stand.turns.queue) == (["body", "gone"], [], [])


@on_loop
async def test_it_is_idle_between_requests_alone() -> None:
    stand = Stand()
    stand.turns.idle_since = None
    asked = stand.ask()
    assert stand.turns.idle_since is None
    asked.reply.answer(200, (), b"")
    assert stand.turns.idle_since is not None
    stand.turns.idle_since = None
    stand.turns.in_head = True
    stand.turns.go_on()
    assert stand.turns.idle_since is None
