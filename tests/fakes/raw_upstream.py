r"""An upstream whose every byte a test writes: one script, run for each connection.

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

The connection is closed where the script ends. `peer.number` counts from 1.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET
from ssl import SSLContext, SSLObject
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Request:
    """`head` with its blank line."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()

    @property
    def length(self) -> int:
        return int(self.header("content-length") or 0)

    def header(self, name: str) -> str | None:
        """The last of that name; its name as it was sent."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return dict(line.split(": ", 1) for line in lines if line).get(name)


class Peer:
    """One connection, from the upstream's side."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.reader = reader
        self._writer = writer

    @property
    def tls(self) -> SSLObject:
        tls = self._writer.get_extra_info("ssl_object")
        assert isinstance(tls, SSLObject)
        return tls

    async def request(self) -> Request:
        """The next request whole. Raises asyncio.IncompleteReadError where there is none."""
        head = await self.head()
        return Request(head, await self.reader.readexactly(Request(head, b"").length))

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def gone(self) -> None:
        """Until the other side closed."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass

    def abort(self) -> None:
        """The connection is closed at once: under TLS, without a word."""
        self._writer.transport.abort()

    def reset(self) -> None:
        """The connection will be closed with RST."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)


class RawUpstream:
    def __init__(self, script: Callable[[Peer], Awaitable[None]], tls: SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.open = 0
        self.bugs: list[BaseException] = []

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        """Accepts no further connections."""
        assert self._server is not None
        self._server.close()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=2**20, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raises what a script raised, but for the ends of connections."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        if self.bugs and error is None:
            raise self.bugs[0]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        task = asyncio.get_running_loop().create_task(
            self._serve(Peer(self.connections, reader, writer), writer)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, peer: Peer, writer: asyncio.StreamWriter) -> None:
        try:
            await self._script(peer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except Exception as bug:  # noqa: BLE001  raised again where the test sees it
            self.bugs.append(bug)
        finally:
            self.open -= 1
            writer.close()
