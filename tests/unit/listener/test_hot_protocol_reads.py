"""What a connection makes of odd requests: trailers, versions, bodies behind an answer that nobody reads."""

import asyncio

import pytest
from fakes.hot_service import Asked, ScriptedService, hot_paths
from fakes.in_process import Wire
from fakes.loop import on_loop
from fakes.waiting import until
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener.slow_clients import MAX_HEAD

BEGIN = b"POST /hot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
CHUNKED = BEGIN + b"transfer-encoding: chunked\r\n\r\n"


class Stand:
    """`scopes` are those that the app got."""

    def __init__(self) -> None:
        self.service = ScriptedService()
        self.scopes: list[Scope] = []
        self.wire = Wire(DataPlane(self, hot_paths(self.service)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    @property
    def asked(self) -> list[Asked]:
        return self.service.asked


@on_loop
async def test_a_trailer_is_no_header() -> None:
    stand = Stand()
    stand.wire.send(CHUNKED + b"2\r\n{}\r\n0\r\nhost: evil\r\nx-late: 1\r\n\r\n")
    assert stand.asked[0].raw == b"{}"
    assert stand.asked[0].fields[b"host"] == b"localhost"
    assert b"x-late" not in stand.asked[0].fields
    stand.asked[0].reply.answer(200, (), b"")
    stand.wire.send(CHUNKED.replace(b"/hot", b"/cold") + b"2\r\n{}\r\n0\r\nx-late: 1\r\n\r\n")
    await until(lambda: stand.wire.received.count(b"HTTP/1.1 200") == 2, "the answers")
    assert b"x-late" not in dict(stand.scopes[0]["headers"])


@pytest.mark.parametrize("path", [b"/hot", b"/cold"])
@pytest.mark.parametrize("endless", [b"0\r\n", b"0\r\nx: ", b"1;", b'1;x="'])
@on_loop
async def test_what_is_no_piece_of_a_body_is_bounded(path: bytes, endless: bytes) -> None:
    stand = Stand()
    stand.wire.send(CHUNKED.replace(b"/hot", path) + b"2\r\n{}\r\n" + endless)
    for _ in range(MAX_HEAD // 1000):
        stand.wire.send(b"x-a: " + b"a" * 980 + b"\r\n" if endless == b"0\r\n" else b"a" * 987)
        await asyncio.sleep(0)
    assert stand.wire.received == b""
    for _ in range(3):
        if not stand.wire.closed:
            stand.wire.send(b"a" * 1000)
    await until(lambda: stand.wire.closed, "the end")
    assert stand.wire.received.startswith(b"HTTP/1.1 431 ")
    if path == b"/hot":
        assert stand.asked[0].calls == ["gone"]


@on_loop
async def test_a_large_body_in_small_pieces_is_not_bounded_so() -> None:
    stand = Stand()
    stand.wire.send(CHUNKED.replace(b"/hot", b"/cold"))
    for _ in range(100):
        stand.wire.send(b"3e8;x=y\r\n" + b"x" * 1000 + b"\r\n")
        await asyncio.sleep(0)
    stand.wire.send(b"0\r\n\r\n")
    await until(lambda: stand.wire.received.startswith(b"HTTP/1.1 200 "), "the answer")


@pytest.mark.parametrize("version", [b"0.9", b"1.0", b"2.0"])
@on_loop
async def test_who_does_not_speak_http_1_1_gets_no_chunks(version: bytes) -> None:
    stand = Stand()
    stand.wire.send(BEGIN.replace(b"1.1", version) + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    assert stand.wire.received == b""
    stand.wire.send(b"{}")
    reply = stand.asked[0].reply
    reply.head(200, ())
    reply.data(b"x")
    reply.finish()
    assert stand.wire.received.endswith(b"\r\nconnection: close\r\n\r\nx")
    assert stand.wire.closed


@on_loop
async def test_who_does_not_read_the_answer_before_is_told_of_with_its_body_too() -> None:
    """Its service knew nothing to hold back when its head came."""
    stand = Stand()
    stand.wire.send(BEGIN + b"content-length: 2\r\n\r\n{}" + BEGIN + b"content-length: 2\r\n\r\n")
    stand.wire.transport.full = True
    stand.asked[0].reply.answer(200, (), b"much")
    assert stand.asked[1].calls == ["blocked"]
    stand.wire.send(b"{}")
    assert stand.asked[1].calls == ["blocked", "body", "blocked"]
    stand.wire.transport.drained()
    assert stand.asked[1].calls[-1] == "writable"
