"""uvicorn, set up alike for both listeners. It is told when to stop: signals belong to the process, not to a server."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn

from reconciler.clock import until_next
from reconciler.listener.guard import Gate, Headers, Refusal, rules
from reconciler.listener.hot import HotPaths
from reconciler.listener.hot_protocol import HotProtocol, hot_protocol
from reconciler.listener.sockets import BACKLOG
from reconciler.listener.tls import ServerTLS

_log = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 75
"""Longer than the clients' own limits: who closes second never cuts a request that is on its way."""


_LOOK_SECONDS = 0.05
_TICKS_A_SECOND = 10
"""As uvicorn counts them."""
_MARGIN_SECONDS = 2
"""So much longer than this server waits uvicorn would."""
_TURNS = 3
"""Of the event loop, until it has told what happened to a connection."""
_LAST_SECONDS = 1.0
"""So long may take what they still have to do."""


def _refuse(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:  # noqa: ARG001  alike for all
    """Where nothing is hot, only what is no HTTP, too slow or too large is refused here."""
    return [(b"content-type", b"text/plain; charset=utf-8")], message.encode()


def nothing_hot(refuse: Refusal = _refuse) -> HotPaths:
    """For a listener that is served by its app alone."""
    return HotPaths({}, Gate(rules()), refuse, 0)


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
    grace_seconds: float | None = None
    tls: ServerTLS | None = None
    """Kept new while the server runs."""
    _renewing: "asyncio.Task[None] | None" = None

    def stop(self) -> None:
        self.farewell = False
        self.should_exit = True
        self.stopped_at = asyncio.get_running_loop().time()

    def retire(self) -> None:
        if not self.should_exit:
            self.farewell = self.should_exit = True

    async def main_loop(self) -> None:
        """uvicorn's, at moments at which others look as well."""
        clock, ticks = asyncio.get_running_loop().time, 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % _TICKS_A_SECOND
            await asyncio.sleep(until_next(clock(), 1 / _TICKS_A_SECOND))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.tls is not None:
            self._renewing = asyncio.get_running_loop().create_task(self.tls.keep())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """What is under way when the grace is over is ended, whether uvicorn has a task for it or not."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self.farewell:
            await self._see_off()
        await super().shutdown(sockets)
        if self.last_words is not None and self.server_state.connections and not self.force_exit:
            await self.last_words()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        await self._see_tasks_end()

    async def _see_tasks_end(self) -> None:
        """Who hears that the client is gone ends by itself."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        if tasks := tuple(self.server_state.tasks):
            _, late = await asyncio.wait(tasks, timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()

    async def _wait_tasks_to_complete(self) -> None:
        """Else uvicorn tells how many tasks it cancels, and what is served by callbacks has none."""
        try:
            async with asyncio.timeout(self.grace_seconds):
                await super()._wait_tasks_to_complete()
        except TimeoutError:
            busy = len(self.server_state.connections)
            connections = "1 connection" if busy == 1 else f"{busy} connections"
            _log.warning("what %s had under way after %s s is ended", connections, self.grace_seconds)

    async def _see_off(self) -> None:
        for server in self.servers:
            server.close()
        self._tell_the_end()
        for _ in range(_TURNS):
            await asyncio.sleep(0)  # what was accepted is connected then
        clock = asyncio.get_running_loop().time
        end = clock() + LONGEST_FAREWELL
        while self.farewell and self.server_state.connections and clock() < end:
            self._tell_the_end()  # also to who was accepted last
            await asyncio.sleep(_LOOK_SECONDS)  # uvicorn tells nobody when a connection ends

    def _tell_the_end(self) -> None:
        """Telling it twice changes nothing."""
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, HotProtocol):
                connection.retire(FAREWELL_SECONDS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(
    app: Callable[..., Awaitable[None]],
    *,
    grace_seconds: int,
    hot: HotPaths | None = None,
    tls: ServerTLS | None = None,
    among_others: bool = False,
) -> HttpServer:
    """Serve with `serve(sockets=[...])`. Without `hot`, all goes to `app`. `among_others`: they serve the same socket."""
    if tls is not None and hot is not None:
        hot.gate.scheme = "https"

    async def ended_in_silence(scope: object, receive: object, send: object) -> None:
        """Uvicorn would tell of a task that is cancelled as of a fault."""
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not server.should_exit:
                raise

    server = HttpServer(
        uvicorn.Config(
            ended_in_silence,
            http=hot_protocol(nothing_hot() if hot is None else hot, among_others=among_others),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=grace_seconds + _MARGIN_SECONDS,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls.context,
        )
    )
    server.tls, server.grace_seconds = tls, grace_seconds
    return server
