"""uvicorn, set up alike for both listeners. It is told when to stop: signals belong to the process, not to a server."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn

from reconciler.listener.hot import HotPaths
from reconciler.listener.hot_protocol import hot_protocol
from reconciler.listener.sockets import BACKLOG

KEEP_ALIVE_SECONDS = 75
"""Longer than the clients' own limits: who closes second never cuts a request that is on its way."""


_TURNS = 3
"""Of the event loop, until those who were cut have heard so."""


class HttpServer(uvicorn.Server):
    """`should_exit` ends it: no new connections, then what is under way, for at most the grace."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tasks are cancelled after the grace by uvicorn; connections that have none are cut likewise."""
        await super().shutdown(sockets)
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(
    app: Callable[..., Awaitable[None]], *, grace_seconds: int, hot: HotPaths | None = None
) -> HttpServer:
    """Serve with `serve(sockets=[...])`. Without `hot`, all goes to `app`."""
    return HttpServer(
        uvicorn.Config(
            app,
            http="httptools" if hot is None else hot_protocol(hot),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=grace_seconds,
        )
    )
