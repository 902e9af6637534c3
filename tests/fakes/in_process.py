"""The data plane without sockets: its protocol, as uvicorn makes it, on transports that are memory.

async with asking(plane) as client:          # an httpx2 client; each request has a connection of its own
    await client.post("/v1/embeddings", json=...)

wire = Wire(plane)                           # or one connection, byte for byte
wire.send(b"POST ...")
assert wire.received.startswith(b"HTTP/1.1 200 ")
"""

import asyncio
from typing import cast

import httptools
import httpx2
from fakes.waiting import until

from reconciler.bootstrap.http_server import http_server
from reconciler.gateway.app import DataPlane
from reconciler.listener.hot_protocol import HotProtocol


class MemoryTransport(asyncio.Transport):
    """`full`: more than the client reads; the protocol is told as it writes, and again when that is taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: HotProtocol | None = None
        self.written: list[bytes] = []
        self.reading = True
        self.half_closed = False
        self.aborted = False
        self.closing = False
        self.full = False
        self.unread = 0
        self._told = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closing, "written after the end"
        self.written.append(bytes(data))
        if self.full and not self._told and self.protocol is not None:
            self._told = True
            self.protocol.pause_writing()

    def drained(self) -> None:
        self.full = False
        if self._told and self.protocol is not None:
            self._told = False
            self.protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return self.unread

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.half_closed = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self.lose)

    def abort(self) -> None:
        self.aborted = True
        self.close()

    def lose(self) -> None:
        """The connection is gone, from whichever side."""
        self.closing = True
        protocol, self.protocol = self.protocol, None
        if protocol is not None:
            protocol.connection_lost(None)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Wire:
    """One connection to a data plane. Made on a running loop."""

    def __init__(self, plane: DataPlane, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """`loop`: whose time counts, where that is not the running one's."""
        self.server = http_server(plane.app, hot=plane.hot, grace_seconds=1)
        self.server.config.load()
        made = self.server.config.http_protocol_class(
            config=self.server.config,  # type: ignore[call-arg]  # as uvicorn calls it
            server_state=self.server.server_state,
            app_state={},
            _loop=loop or asyncio.get_running_loop(),
        )
        self.protocol = cast(HotProtocol, made)
        self.transport = MemoryTransport()
        self.transport.protocol = self.protocol
        self.protocol.connection_made(self.transport)

    def send(self, data: bytes) -> None:
        assert not self.transport.closing, "the connection is closed"
        self.protocol.data_received(data)

    def leave(self) -> None:
        self.transport.lose()

    @property
    def received(self) -> bytes:
        return b"".join(self.transport.written)

    @property
    def closed(self) -> bool:
        return self.transport.closing or self.transport.half_closed


class Answers:
    """The answers in a series of bytes: (status, headers, body) each; the last may be unfinished."""

    def __init__(self, data: bytes) -> None:
        self.whole: list[tuple[int, list[tuple[bytes, bytes]], bytes]] = []
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self._parser = httptools.HttpResponseParser(self)
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.status, self.headers, self.body = 0, [], b""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        if self.status >= 200:
            self.whole.append((self.status, self.headers, self.body))


class InProcess(httpx2.AsyncBaseTransport):
    """An answer that is cut comes as far as it was sent; one that never begins is an error of httpx2."""

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        headers = [
            (name, value) for name, value in request.headers.raw if name.lower() != b"transfer-encoding"
        ]
        if len(headers) != len(request.headers.raw):
            headers.append((b"content-length", b"%d" % len(body)))
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        wire = Wire(self._plane)
        wire.send(
            b"%b %b HTTP/1.1\r\n%b\r\n%b" % (request.method.encode(), request.url.raw_path, lines, body)
        )
        await until(lambda: wire.closed or Answers(wire.received).whole, "the answer")
        answers = Answers(wire.received)
        wire.leave()
        if not answers.status:
            raise httpx2.RemoteProtocolError("cut before an answer")
        # Bodies are as they came: nothing is compressed here.
        return httpx2.Response(answers.status, headers=answers.headers, content=answers.body)


def asking(plane: DataPlane) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=InProcess(plane), base_url="http://localhost")
