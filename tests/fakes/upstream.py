r"""A real HTTP/1.1 upstream on loopback that does what a test tells it, faults included.

    async with FakeUpstream(Answer(steps=(b"data: 1\\n\\n", gate, b"data: 2\\n\\n"))) as upstream:
        ... upstream.url ...
        gate.set()

It counts connections and keeps every request. It does not judge requests.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Literal, Self


class Ending(Enum):
    """What may stand as a step, instead of bytes."""

    CUT = "close the connection at once"
    RESET = "close it with RST"
    HANG = "send nothing more until the connection is closed"


Step = bytes | asyncio.Event | Ending


@dataclass(frozen=True)
class Answer:
    """`steps` are written one after the other; an Event is waited for. With `head`, the bytes before the body are yours.

    `framing`: `length` counts all bytes of `steps`, also those that a CUT keeps back.
    """

    steps: tuple[Step, ...] = (b"{}",)
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    framing: Literal["length", "chunked", "close"] = "chunked"
    head: bytes | None = None
    before: asyncio.Event | None = None


@dataclass(frozen=True)
class ReceivedRequest:
    """Header names in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        values = [value for given, value in self.headers if given == name]
        return ", ".join(values) if values else None


class FakeUpstream:
    """`answer` is given to each request, or made for it. It can be replaced while the server runs."""

    def __init__(
        self, answer: Answer | Callable[[ReceivedRequest], Answer | Awaitable[Answer]] | None = None
    ) -> None:
        self.answer = answer if answer is not None else Answer()
        self.requests: list[ReceivedRequest] = []
        self.connections = 0
        self.open_connections = 0
        self.bytes_sent = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=2**20)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def close_idle(self) -> None:
        """Ends every connection from this side."""
        for task in tuple(self._tasks):
            task.cancel()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer, self.connections))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        try:
            while (request := await _read(reader, number)) is not None:
                self.requests.append(request)
                answer = self.answer if isinstance(self.answer, Answer) else self.answer(request)
                if not isinstance(answer, Answer):
                    answer = await answer
                if not await self._write(answer, reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open_connections -= 1
            writer.close()

    async def _write(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection may be used again."""
        if answer.before is not None and await _gone(reader, answer.before):
            return False
        writer.write(_head(answer))
        for step in answer.steps:
            match step:
                case bytes():
                    writer.write(b"%x\r\n%b\r\n" % (len(step), step) if answer.framing == "chunked" else step)
                    self.bytes_sent += len(step)
                    await writer.drain()
                case asyncio.Event():
                    if await _gone(reader, step):
                        return False
                case Ending.HANG:
                    await reader.read()
                    return False
                case Ending.CUT | Ending.RESET:
                    await writer.drain()
                    if step is Ending.RESET:
                        linger = struct.pack("ii", 1, 0)
                        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
                    return False
        if answer.framing == "chunked":
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return answer.framing != "close"


async def _gone(reader: asyncio.StreamReader, gate: asyncio.Event) -> bool:
    """Waits for the gate; True where the client left before it opened."""
    opened = asyncio.ensure_future(gate.wait())
    left = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({opened, left}, return_when=asyncio.FIRST_COMPLETED)
        return not opened.done()
    finally:
        opened.cancel()
        left.cancel()
        await asyncio.gather(opened, left, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, number: int) -> ReceivedRequest | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
    length = int(dict(headers).get("content-length", "0"))
    return ReceivedRequest(method, target, headers, await reader.readexactly(length), number)


def _head(answer: Answer) -> bytes:
    if answer.head is not None:
        return answer.head
    framing = {
        "length": f"content-length: {sum(len(step) for step in answer.steps if isinstance(step, bytes))}\r\n",
        "chunked": "transfer-encoding: chunked\r\n",
        "close": "connection: close\r\n",
    }[answer.framing]
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return f"HTTP/1.1 {answer.status} Fake\r\n{lines}{framing}\r\n".encode("latin-1")
