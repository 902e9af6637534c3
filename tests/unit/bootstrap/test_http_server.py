import asyncio
import signal
import socket

import httpx2
from fakes.waiting import until
from starlette.types import Receive, Scope, Send

from reconciler.bootstrap.http_server import http_server


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
