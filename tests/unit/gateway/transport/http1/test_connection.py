"""What a connection does to its socket. What it tells who asked is in test_exchange.py."""

import asyncio

import pytest
from fakes.raw_upstream import OK

from reconciler.gateway.transport.http1.connection import AT_ONCE, PIECE, Connection
from reconciler.gateway.transport.http1.request_head import RequestHead

HEAD = RequestHead("POST", "/", "host", ())


class Socket(asyncio.Transport):
    """Keeps what is written, and asks for a pause after so many writes."""

    def __init__(self, pause_after: int = 1_000_000) -> None:
        super().__init__()
        self.connection: Connection | None = None
        self.written: list[bytes | bytearray | memoryview] = []
        self.calls: list[str] = []
        self._pause_after = pause_after

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(data)
        if self.connection is not None and len(self.written) % self._pause_after == 0:
            self.connection.pause_writing()

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def abort(self) -> None:
        self.calls.append("abort")

    def is_closing(self) -> bool:
        return "abort" in self.calls

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default


class Asking:
    """Who asks, and who owns."""

    def __init__(self) -> None:
        self.heard: list[str | None] = []
        self.losses: list[Exception | None] = []
        self.ended: list[Connection] = []

    def received(self, fault: str | None) -> None:
        self.heard.append(fault)

    def lost(self, error: Exception | None) -> None:
        self.losses.append(error)

    def closed(self, connection: Connection) -> None:
        self.ended.append(connection)


def connected(socket: Socket, asking: Asking) -> Connection:
    connection = Connection(asking, 0.0)
    connection.connection_made(socket)
    socket.connection = connection
    return connection


def test_a_small_request_is_one_write() -> None:
    socket, asking = Socket(), Asking()
    connected(socket, asking).send(asking, HEAD, b"x" * AT_ONCE)
    (written,) = socket.written
    assert bytes(written).endswith(b"\r\n\r\n" + b"x" * AT_ONCE)


def test_a_large_body_is_not_copied_and_waits_for_the_socket() -> None:
    socket, asking = Socket(pause_after=3), Asking()
    connection = connected(socket, asking)
    body = b"x" * (5 * PIECE + 1)
    connection.send(asking, HEAD, body)
    assert len(socket.written) == 3
    connection.resume_writing()
    assert len(socket.written) == 6
    connection.resume_writing()
    assert len(socket.written) == 7
    head, *pieces = socket.written
    assert all(isinstance(piece, memoryview) and piece.obj is body for piece in pieces)
    assert [len(piece) for piece in pieces] == [PIECE] * 5 + [1]
    connection.resume_writing()
    assert len(socket.written) == 7
    assert bytes(head).startswith(b"POST / HTTP/1.1\r\n")


def test_a_connection_whose_request_is_not_written_is_not_used_again() -> None:
    socket, asking = Socket(pause_after=1), Asking()
    connection = connected(socket, asking)
    connection.send(asking, HEAD, b"x" * (2 * PIECE))
    connection.data_received(OK)
    assert asking.heard == [None]
    assert not connection.finish()
    assert socket.calls == ["abort"]
    connection.connection_lost(None)
    connection.resume_writing()
    assert asking.ended == [connection]
    assert asking.losses == []


def test_a_whole_answer_leaves_it_usable() -> None:
    socket, asking = Socket(), Asking()
    connection = connected(socket, asking)
    connection.send(asking, HEAD, b"")
    assert not connection.answered
    connection.data_received(OK)
    assert connection.answered
    assert connection.finish()
    assert (connection.reused, connection.usable, socket.calls) == (True, True, [])


def test_what_comes_to_nobody_closes_it() -> None:
    socket, asking = Socket(), Asking()
    connected(socket, asking).data_received(b"x")
    assert (socket.calls, asking.heard) == (["abort"], [])


def test_a_fault_is_told() -> None:
    socket, asking = Socket(), Asking()
    connection = connected(socket, asking)
    connection.send(asking, HEAD, b"")
    connection.data_received(b"nonsense")
    assert asking.heard == ["the answer is not valid HTTP"]


def test_its_end_is_told_to_its_owner_and_to_who_asked() -> None:
    socket, asking = Socket(), Asking()
    connection = connected(socket, asking)
    connection.send(asking, HEAD, b"")
    error = ConnectionResetError()
    connection.connection_lost(error)
    assert (asking.ended, asking.losses, connection.usable) == ([connection], [error], False)
    for harmless in (connection.pause, connection.resume, connection.close):
        harmless()
    assert socket.calls == []
    with pytest.raises(RuntimeError):
        connection.send(asking, HEAD, b"")


def test_reading_stops_and_goes_on() -> None:
    socket, asking = Socket(), Asking()
    connection = connected(socket, asking)
    connection.pause()
    connection.resume()
    assert socket.calls == ["pause", "resume"]
