"""The least that a proxy in Python can do: `python -m benchmarks.empty_proxy UPSTREAM_PORT`. Says its port.

Bytes go to and fro between two sockets, unread, on the event loop that the gateway has.
"""

import asyncio
import signal
import sys
from typing import cast

import uvloop


class _Side(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: asyncio.Transport | None = None
        self.waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are, but for their class

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self.waiting.append(data)
        else:
            self.other.write(data)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        if self.other is not None:
            self.other.close()


class _Client(_Side):
    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        upstream, side = await loop.create_connection(_Side, "127.0.0.1", self._port)
        side.other, self.other = self.transport, upstream
        upstream.writelines(self.waiting)


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(port), "127.0.0.1", 0, backlog=2048)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()


def main(port: int) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(port))


if __name__ == "__main__":
    main(int(sys.argv[1]))
