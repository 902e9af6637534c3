"""The real data plane under a real uvicorn, on the test's own event loop.

async with Gateway(snapshot) as gateway:
    client = gateway.client()            # the openai SDK, async
"""

import asyncio
import socket
from types import TracebackType
from typing import Self

import httpx2
import openai
from fakes.waiting import until

from reconciler.bootstrap.http_server import http_server
from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.http import MAX_BODY
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.listener.tls import ServerTLS
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry

CLIENT_KEY = "sk-client-canary-9876543210"


class Gateway:
    """`publish` puts another snapshot in force, as a worker does."""

    def __init__(
        self,
        snapshot: Snapshot | None = None,
        *,
        hosts: tuple[str, ...] = (),
        origins: tuple[str, ...] = (),
        max_body: int = MAX_BODY,
        pool: TransportPool | None = None,
        tls: ServerTLS | None = None,
        grace: int = 1,
    ) -> None:
        self.registry = Registry()
        self.pool = TransportPool() if pool is None else pool
        self.telemetry = Telemetry()
        self.memory = Memory()
        self.registry.listen(lambda published: self.pool.keep(tuple(published.upstreams.values())))
        self.registry.listen(lambda published: self.memory.breakers.keep(tuple(published.upstreams.values())))
        if snapshot is not None:
            self.registry.publish(snapshot)
        plane = data_plane(
            self.registry,
            self.pool,
            self.telemetry,
            hosts=hosts,
            origins=origins,
            max_body=max_body,
            memory=self.memory,
        )
        self._scheme = "http" if tls is None else "https"
        self._server = http_server(plane.app, hot=plane.hot, grace_seconds=grace, tls=tls)
        self._server.last_words = self.pool.aclose
        self._socket = socket.socket()
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def publish(self, snapshot: Snapshot) -> None:
        self.registry.publish(snapshot)

    def client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key=CLIENT_KEY, max_retries=0)

    def sync_client(self) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=CLIENT_KEY, max_retries=0)

    def http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, trust_env=False)

    async def idle(self) -> None:
        """Waits until no request is under way."""
        await until(lambda: self.telemetry.snapshot()["in_flight"] == 0, "the end of all requests")

    async def stop(self) -> None:
        """As the server does on SIGTERM."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task
            self._task = None

    async def __aenter__(self) -> Self:
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self._task = asyncio.get_running_loop().create_task(self._server.serve([self._socket]))
        await until(lambda: self._server.started, "the start of the server")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
        self._socket.close()
        await self.pool.aclose()
