"""The order of requests on one connection, hot and cold; transports are memory, the service and the app are scripted."""

import asyncio

import pytest
from fakes.hot_service import Asked, ScriptedService, hot_paths
from fakes.in_process import Answers, Wire
from fakes.loop import on_loop
from fakes.waiting import turns, until
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener import slow_clients
from reconciler.listener.slow_clients import READ_AHEAD

BEGIN = b"POST /hot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


def hot(body: bytes = b"{}", *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return BEGIN + lines + b"content-length: %d\r\n\r\n%b" % (len(body), body)


def cold(path: bytes = b"/cold", method: bytes = b"GET") -> bytes:
    return method + b" " + path + b" HTTP/1.1\r\nhost: localhost\r\n\r\n"


class Stand:
    """`gate` holds back the answers of the app."""

    def __init__(self, *, max_body: int = 1000) -> None:
        self.service = ScriptedService()
        self.gate = asyncio.Event()
        self.gate.set()
        self.paths: list[str] = []
        self.wire = Wire(DataPlane(self, hot_paths(self.service, max_body=max_body)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The app."""
        del receive
        self.paths.append(scope["path"])
        await self.gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"cold"})

    @property
    def asked(self) -> list[Asked]:
        return self.service.asked

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, _, body in Answers(self.wire.received).whole]

    async def answered(self, *bodies: bytes) -> None:
        await until(lambda: len(self.bodies) >= len(bodies), f"{len(bodies)} answers")
        assert self.bodies == list(bodies)


def answer(asked: Asked, body: bytes = b"hot") -> None:
    asked.reply.answer(200, (), body)


@on_loop
async def test_a_hot_request_needs_no_task() -> None:
    stand = Stand()
    stand.wire.send(hot(b"[1]"))
    assert stand.asked[0].raw == b"[1]"
    assert stand.asked[0].fields[b"content-type"] == b"application/json"
    answer(stand.asked[0])
    assert stand.bodies == [b"hot"]
    assert len(asyncio.all_tasks()) == 1
    assert stand.wire.server.server_state.total_requests == 1


@pytest.mark.parametrize(
    "target",
    [b"/hot?key=x", b"/h%6Ft", b"/%68ot?x", b"http://localhost/hot", b"/hot#x"],
)
@on_loop
async def test_the_path_is_the_one_that_asgi_would_see(target: bytes) -> None:
    stand = Stand()
    stand.wire.send(hot().replace(b"/hot", target, 1))
    assert len(stand.asked) == 1
    assert stand.paths == []


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /hot",
        b"PUT /hot",
        b"POST /hot/",
        b"POST //hot",
        b"POST /HOT",
        b"POST /hot;x",
        b"POST /./hot",
        b"POST *",
    ],
)
@on_loop
async def test_all_else_goes_to_asgi(request_line: bytes) -> None:
    stand = Stand()
    stand.wire.send(hot().replace(b"POST /hot", request_line, 1))
    await until(lambda: stand.wire.received, "an answer")
    assert stand.asked == []


@on_loop
async def test_pipelined_requests_are_answered_in_order() -> None:
    stand = Stand()
    stand.wire.send(hot(b"1") + cold(b"/a") + hot(b"2") + cold(b"/b") + cold(b"/c") + hot(b"3"))
    await turns()
    assert (len(stand.asked), stand.paths) == (1, [])
    answer(stand.asked[0], b"one")
    await until(lambda: len(stand.asked) == 2, "the second hot one")
    assert stand.bodies == [b"one", b"cold"]
    answer(stand.asked[1], b"two")
    await until(lambda: len(stand.asked) == 3, "the third hot one")
    answer(stand.asked[2], b"three")
    await stand.answered(b"one", b"cold", b"two", b"cold", b"cold", b"three")
    assert [each.raw for each in stand.asked] == [b"1", b"2", b"3"]
    assert stand.paths == ["/a", "/b", "/c"]


@on_loop
async def test_a_hot_one_waits_behind_a_cold_one() -> None:
    stand = Stand()
    stand.gate.clear()
    stand.wire.send(cold() + hot())
    await until(lambda: stand.paths, "the cold one")
    await turns()
    assert stand.asked == []
    stand.gate.set()
    await until(lambda: stand.asked, "the hot one")
    answer(stand.asked[0])
    await stand.answered(b"cold", b"hot")


@on_loop
async def test_thousands_that_are_answered_at_once_do_not_pile_up() -> None:
    stand = Stand()
    stand.service.at_once = b"no"
    stand.wire.send(hot() * 3000)
    assert stand.bodies == [b"no"] * 3000


@pytest.mark.parametrize("size", [1, 7, 40])
@on_loop
async def test_requests_may_come_in_any_pieces(size: int) -> None:
    stand = Stand()
    chunked = BEGIN + b"transfer-encoding: chunked\r\n\r\n2;x=y\r\nab\r\n3\r\ncde\r\n0\r\nt: x\r\n\r\n"
    sent = chunked + hot(b"12345")
    for at in range(0, len(sent), size):
        stand.wire.send(sent[at : at + size])
    answer(stand.asked[0])
    answer(stand.asked[1])
    assert [each.raw for each in stand.asked] == [b"abcde", b"12345"]


@pytest.mark.parametrize(
    "headers",
    [
        b"connection: close\r\n",
        b"connection: x, Close\r\n",
    ],
)
@on_loop
async def test_who_wants_the_connection_closed_gets_that(headers: bytes) -> None:
    stand = Stand()
    stand.wire.send(hot().replace(b"content-type", headers + b"content-type", 1))
    answer(stand.asked[0])
    assert b"connection: close\r\n" in stand.wire.received
    assert stand.wire.transport.closing


@on_loop
async def test_http_1_0_is_answered_and_closed() -> None:
    stand = Stand()
    stand.wire.send(hot(b"{}", b"connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0"))
    reply = stand.asked[0].reply
    reply.head(200, ())
    reply.data(b"x")
    reply.finish()
    assert b"chunked" not in stand.wire.received
    assert stand.wire.received.endswith(b"\r\n\r\nx")
    assert stand.wire.transport.closing


@on_loop
async def test_leave_to_send_is_given_when_its_turn_has_come() -> None:
    stand = Stand()
    waiting = BEGIN + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    stand.wire.send(hot() + waiting)
    assert stand.wire.received == b""
    answer(stand.asked[0])
    assert stand.wire.received.endswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    stand.wire.send(b"{}")
    answer(stand.asked[1])
    assert stand.bodies == [b"hot", b"hot"]


@on_loop
async def test_a_body_over_the_limit_is_refused_and_the_rest_read_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slow_clients, "LINGER", 0.01)
    stand = Stand(max_body=10)
    stand.wire.send(BEGIN + b"content-length: 100\r\n\r\n" + b"x" * 50)
    assert stand.asked[0].calls == ["too large: 10"]
    assert b"connection: close\r\n" in stand.wire.received
    assert stand.wire.transport.half_closed
    assert not stand.wire.transport.closing
    written = stand.wire.received
    stand.wire.send(b"x" * 50 + hot())
    assert (len(stand.asked), stand.wire.received) == (1, written)
    await until(lambda: stand.wire.transport.closing, "the end of the connection")


@pytest.mark.parametrize("before", [b"", hot(), cold()])
@on_loop
async def test_what_is_no_http_is_a_400_after_the_answers_before_it(
    before: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    stand = Stand()
    stand.wire.send(before + b"no http at all\r\n\r\n")
    if before == hot():
        assert stand.wire.received == b""
        stand.wire.send(b"more")
        answer(stand.asked[0])
    await until(lambda: stand.wire.transport.closing, "the end of the connection")
    statuses = [status for status, _, _ in Answers(stand.wire.received).whole]
    assert statuses == [200, 400][not before :]
    assert "Invalid HTTP request" in caplog.text


@on_loop
async def test_a_body_that_is_no_http_ends_its_request() -> None:
    stand = Stand()
    stand.wire.send(BEGIN + b"transfer-encoding: chunked\r\n\r\n1\r\n")
    stand.wire.send(b"no chunk")
    assert stand.asked[0].calls == ["gone"]
    assert stand.wire.received.startswith(b"HTTP/1.1 400 ")
    stand = Stand()
    stand.wire.send(hot() + BEGIN + b"transfer-encoding: chunked\r\n\r\nno chunk")
    assert (len(stand.asked), stand.wire.received) == (1, b"")
    answer(stand.asked[0])
    assert [status for status, _, _ in Answers(stand.wire.received).whole] == [200, 400]


@on_loop
async def test_a_cold_body_that_is_no_http_closes_the_connection() -> None:
    stand = Stand()
    stand.gate.clear()
    stand.wire.send(b"POST /cold HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nno chunk")
    assert stand.wire.received.startswith(b"HTTP/1.1 400 ")


@on_loop
async def test_a_cold_body_that_nobody_read_does_not_hold_up_what_follows() -> None:
    stand = Stand()
    stand.wire.send(cold(method=b"POST")[:-2] + b"content-length: 100000\r\n\r\n" + bytes(100_000))
    assert not stand.wire.transport.reading  # uvicorn reads no further than its app does
    await stand.answered(b"cold")
    assert stand.wire.transport.reading


@on_loop
async def test_a_client_that_leaves_is_told_of_at_once() -> None:
    stand = Stand()
    stand.wire.send(hot() + hot() + cold())
    stand.wire.leave()
    assert [each.calls for each in stand.asked] == [["body", "gone"]]
    assert stand.wire.server.server_state.connections == set()
    answer(stand.asked[0])
    assert stand.wire.received == b""


@on_loop
async def test_a_client_that_leaves_a_cold_request_with_one_behind_it() -> None:
    stand = Stand()
    stand.gate.clear()
    stand.wire.send(cold() + hot())
    await until(lambda: stand.paths, "the cold one")
    stand.wire.leave()
    stand.gate.set()
    await until(lambda: not stand.wire.server.server_state.tasks, "the end of its task")
    assert (stand.asked, stand.wire.received) == ([], b"")


@on_loop
async def test_backpressure_reaches_the_service() -> None:
    stand = Stand()
    stand.wire.send(hot())
    stand.wire.transport.full = True
    reply = stand.asked[0].reply
    reply.head(200, ())
    reply.data(b"x")
    assert stand.asked[0].calls == ["body", "blocked"]
    stand.wire.transport.drained()
    assert stand.asked[0].calls == ["body", "blocked", "writable"]
    stand.wire.transport.full = True
    reply.data(b"x")
    reply.finish()
    stand.wire.send(hot())  # what its predecessor wrote still waits
    assert stand.asked[1].calls == ["body", "blocked"]
    answer(stand.asked[1])
    stand.wire.transport.drained()
    assert not stand.wire.transport.closing


@on_loop
async def test_what_is_read_ahead_is_bounded() -> None:
    stand = Stand(max_body=10 * READ_AHEAD)
    stand.wire.send(hot())
    stand.wire.send(BEGIN + b"content-length: %d\r\n\r\n" % (2 * READ_AHEAD))
    assert stand.wire.transport.reading
    stand.wire.send(b"x" * (READ_AHEAD + 1))
    assert not stand.wire.transport.reading
    answer(stand.asked[0])
    assert stand.wire.transport.reading
    stand.wire.send(b"x" * (READ_AHEAD - 1))
    assert len(stand.asked[1].raw or b"") == 2 * READ_AHEAD


@on_loop
async def test_a_stopping_server_answers_what_was_asked() -> None:
    idle, busy, halfway = Stand(), Stand(), Stand()
    busy.wire.send(hot() + hot())
    halfway.wire.send(BEGIN[:30])
    for stand in (idle, busy, halfway):
        stand.wire.protocol.shutdown()
    assert idle.wire.transport.closing
    for asked in (busy.asked[0], None):
        answer(asked or busy.asked[1])
    assert busy.bodies == [b"hot", b"hot"]
    assert busy.wire.transport.closing
    halfway.wire.send(BEGIN[30:] + b"content-length: 0\r\n\r\n")
    answer(halfway.asked[0])
    assert b"connection: close" in halfway.wire.received
    assert halfway.wire.transport.closing


@pytest.mark.parametrize("size", [1, 50, 10_000])
@on_loop
async def test_an_upgrade_is_declined_and_the_body_is_a_body(size: int) -> None:
    """As Java's client asks for HTTP/2."""
    stand = Stand()
    upgrade = (b"connection: Upgrade, HTTP2-Settings", b"upgrade: h2c", b"http2-settings: AAMAAABk")
    sent = hot(b'{"a": 1}', *upgrade) + cold() + hot(b"2", *upgrade) + hot(b"3")
    for at in range(0, len(sent), size):
        stand.wire.send(sent[at : at + size])
    bodies = [b'{"a": 1}', b"2", b"3"]
    while bodies:
        await until(lambda: len(stand.asked) + len(bodies) > 3, "the request")
        assert stand.asked[-1].raw == bodies.pop(0)
        answer(stand.asked[-1])
    await stand.answered(b"hot", b"cold", b"hot", b"hot")
    assert not stand.wire.transport.closing


@on_loop
async def test_a_cold_upgrade_is_declined_as_well() -> None:
    stand = Stand()
    stand.wire.send(cold().replace(b"host", b"connection: upgrade\r\nupgrade: websocket\r\nhost", 1) * 2)
    await stand.answered(b"cold", b"cold")


@on_loop
async def test_a_tunnel_is_none_of_ours() -> None:
    stand = Stand()
    stand.wire.send(b"CONNECT evil.example:443 HTTP/1.1\r\nhost: localhost\r\n\r\nhello")
    await until(lambda: stand.wire.received, "an answer")
    assert stand.asked == []


@on_loop
async def test_headers_of_the_server_are_on_every_answer_and_follow_the_clock() -> None:
    stand = Stand()
    for day in (b"monday", b"tuesday"):
        stand.wire.server.server_state.default_headers = [(b"date", day), (b"server", b"x")]
        stand.wire.send(hot())
        answer(stand.asked[-1])
    found = [
        [value for name, value in headers if name == b"date"]
        for _, headers, _ in Answers(stand.wire.received).whole
    ]
    assert found == [[b"monday"], [b"tuesday"]]
