import asyncio
import signal
import socket

import httpx2
import pytest
from fakes.waiting import until
from starlette.types import Receive, Scope, Send

from reconciler.bootstrap import http_server as module
from reconciler.bootstrap.http_server import HttpServer, http_server, nothing_hot
from reconciler.listener import hot_protocol
from reconciler.listener.guard import Headers


async def hello(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def test_it_serves_the_socket_until_it_is_told_to_end_and_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def whole() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = http_server(hello, grace_seconds=1)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started, "the start")
        assert signal.getsignal(signal.SIGTERM) is before
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/")
        assert answer.text == "hello"
        assert "server" not in answer.headers
        server.should_exit = True
        await task
        assert listening.fileno() == -1

    asyncio.run(whole())


def test_what_is_no_http_is_refused_in_the_words_of_the_listener() -> None:
    def refuse(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:
        return [(b"content-type", b"application/x")], f"{status} {code} {path} {message}".encode()

    async def told(server: HttpServer) -> bytes:
        listening = socket.create_server(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started, "the start")
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET /x HTTP/1.1\r\nno colon\r\n\r\n")
        answer = await reader.read()
        writer.close()
        server.should_exit = True
        await task
        return answer

    answer = asyncio.run(told(http_server(hello, grace_seconds=1, hot=nothing_hot(refuse))))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\n400 invalid_http /x Invalid HTTP request: Invalid header token.")
    assert b"text/plain" in asyncio.run(told(http_server(hello, grace_seconds=1)))


class Serving:
    """`hello`, on a socket; an answer of its own for each of the requests that `held` holds back."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        self.begun = 0
        self.server = http_server(self, grace_seconds=5)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.task = asyncio.create_task(self.server.serve(sockets=[self.listening]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        if scope["path"] == "/held":
            await self.held.wait()
        await hello(scope, receive, send)

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        await until(lambda: self.server.started, "the start")
        return await asyncio.open_connection("127.0.0.1", self.port)


async def asked(writer: asyncio.StreamWriter, path: str = "/") -> None:
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
    await writer.drain()


def test_one_that_is_replaced_answers_whoever_is_connected_and_takes_nobody_else() -> None:
    async def whole() -> None:
        serving = Serving()
        idle, busy = await serving.connected(), await serving.connected()
        await asked(busy[1], "/held")
        await until(lambda: serving.begun == 1, "the request under way")
        serving.server.retire()
        serving.server.retire()
        await until(
            lambda: serving.listening.fileno() == -1 or not serving.server.servers[0].is_serving(), "its end"
        )
        await asked(idle[1])
        answer = await idle[0].read()  # until it is closed
        assert answer.endswith(b"hello")
        assert b"connection: close" in answer.lower()
        assert not serving.task.done()
        serving.held.set()
        await busy[0].readuntil(b"hello")
        for _, writer in (idle, busy):
            writer.close()
        await serving.task

    asyncio.run(whole())


def test_who_was_accepted_last_hears_of_the_end_as_well() -> None:
    async def whole() -> None:
        serving = Serving()
        others, late = await serving.connected(), await serving.connected()
        known = serving.server.server_state.connections
        await until(lambda: len(known) == 2, "both")
        port = late[1].get_extra_info("sockname")[1]
        (unknown,) = [each for each in known if each.transport.get_extra_info("peername")[1] == port]
        known.discard(unknown)
        serving.server.retire()
        await until(lambda: not serving.server.servers[0].is_serving(), "its end")
        known.add(unknown)
        await asked(late[1])
        answer = await late[0].readuntil(b"hello")
        while (
            b"connection: close" not in answer.lower()
        ):  # what came before it was seen is answered as always
            await asked(late[1])
            answer = await late[0].readuntil(b"hello")
        assert await late[0].read() == b""
        for _, writer in (others, late):
            writer.close()
        await serving.task

    asyncio.run(whole())


def test_who_is_idle_for_long_is_let_go_and_who_is_busy_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FAREWELL_SECONDS", 0.0)

    async def whole() -> None:
        serving = Serving()
        idle, busy = await serving.connected(), await serving.connected()
        await asked(busy[1], "/held")
        await until(lambda: serving.begun == 1, "the request under way")
        serving.server.retire()
        await until(lambda: serving.server.farewell, "the farewell")
        assert await idle[0].read() == b""
        serving.server.stop()  # now there is a hurry
        serving.held.set()
        assert (await busy[0].read()).endswith(b"hello")
        await serving.task
        assert serving.server.stopped_at is not None
        for _, writer in (idle, busy):
            writer.close()

    asyncio.run(whole())


def test_a_stop_that_ends_what_is_under_way_says_so_once_in_its_own_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def whole() -> None:
        serving = Serving()
        serving.server.grace_seconds = 0
        busy = await serving.connected()
        await asked(busy[1], "/held")
        await until(lambda: serving.begun == 1, "the request under way")
        serving.server.stop()
        await serving.task
        busy[1].close()

    asyncio.run(whole())
    warned = [each.getMessage() for each in caplog.records if each.levelname in {"WARNING", "ERROR"}]
    assert warned == ["what 1 connection had under way after 0 s is ended"]
    assert not [each for each in warned if "Cancel " in each]


def test_nothing_is_too_large_for_nobody() -> None:
    async def whole() -> None:
        serving = Serving()
        reader, writer = await serving.connected()
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"x" * 100_000)
        await writer.drain()
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert b"text/plain" in answer
        serving.server.stop()
        await serving.task
        writer.close()

    asyncio.run(whole())


@pytest.mark.parametrize("among_others", [True, False])
def test_where_others_accept_from_its_socket_it_lets_them(
    among_others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    let: list[bool] = []
    monkeypatch.setattr(hot_protocol, "let_others_accept", lambda: let.append(True))

    async def whole() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        server = http_server(hello, grace_seconds=1, among_others=among_others)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started, "the start")
        _, writer = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1])
        await until(lambda: len(server.server_state.connections) == 1, "the connection")
        writer.close()
        server.should_exit = True
        await task

    asyncio.run(whole())
    assert let == [True] * among_others
