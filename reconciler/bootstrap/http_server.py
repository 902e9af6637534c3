"""uvicorn, set up alike for both listeners. It is told when to stop: signals belong to the process, not to a server."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn

from reconciler.listener.guard import Gate, Headers, rules
from reconciler.listener.hot import HotPaths
from reconciler.listener.hot_protocol import HotProtocol, hot_protocol
from reconciler.listener.sockets import BACKLOG

KEEP_ALIVE_SECONDS = 75
"""Longer than the clients' own limits: who closes second never cuts a request that is on its way."""


_LOOK_SECONDS = 0.05
_TURNS = 3
"""Of the event loop, until those who were cut have heard so."""


def _refuse(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:  # noqa: ARG001  alike for all
    """Where nothing is hot, only what is too slow or too large is refused here."""
    return [(b"content-type", b"text/plain; charset=utf-8")], message.encode()


_COLD = HotPaths({}, Gate(rules()), _refuse, 0)


FAREWELL_SECONDS = 10.0
"""So long a server that was replaced keeps a connection that is idle: longer than most clients do, so that no request is on
its way when it is closed. One that comes is answered, and the connection ends with it."""

LONGEST_FAREWELL = 3600.0
"""And so long, at most, what is under way."""


class HttpServer(uvicorn.Server):
    """`stop` ends it: no new connections, then what is under way, for at most the grace.

    `retire`: another one serves the same socket already, so there is no hurry.
    """

    farewell = False
    last_words: Callable[[], Awaitable[None]] | None = None
    """Ends all that is under way with an error that its client understands. Called where the grace was not enough."""
    stopped_at: float | None = None

    def stop(self) -> None:
        self.farewell = False
        self.should_exit = True
        self.stopped_at = asyncio.get_running_loop().time()

    def retire(self) -> None:
        if not self.should_exit:
            self.farewell = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tasks are cancelled after the grace by uvicorn; connections that have none are cut likewise."""
        if self.farewell:
            await self._see_off()
        await super().shutdown(sockets)
        if self.last_words is not None and self.server_state.connections and not self.force_exit:
            await self.last_words()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def _see_off(self) -> None:
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, HotProtocol):
                connection.retire(FAREWELL_SECONDS)
        clock = asyncio.get_running_loop().time
        end = clock() + LONGEST_FAREWELL
        while self.farewell and self.server_state.connections and clock() < end:  # noqa: ASYNC110  see below
            await asyncio.sleep(_LOOK_SECONDS)  # uvicorn tells nobody when one ends

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
            http=hot_protocol(_COLD if hot is None else hot),
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
