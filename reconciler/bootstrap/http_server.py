"""uvicorn, set up alike for both listeners. It is told when to stop: signals belong to the process, not to a server."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn

from reconciler.listener.sockets import BACKLOG

KEEP_ALIVE_SECONDS = 75
"""Longer than the clients' own limits: who closes second never cuts a request that is on its way."""


class HttpServer(uvicorn.Server):
    """`should_exit` ends it: no new connections, then what is under way, for at most the grace."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(app: Callable[..., Awaitable[None]], *, grace_seconds: int) -> HttpServer:
    """Serve with `serve(sockets=[...])`."""
    return HttpServer(
        uvicorn.Config(
            app,
            http="httptools",
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
