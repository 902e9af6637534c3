"""One request to an upstream, and all of its answer: bounded in time and size. Nothing of it is kept."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from reconciler.gateway.transport.base import Exchange, Failure
from reconciler.gateway.transport.egress import EgressGate, own_listeners
from reconciler.gateway.transport.http1.proxy import proxies
from reconciler.gateway.transport.pool import TransportPool
from reconciler.provider_types.base import Headers, UpstreamRequest
from reconciler.snapshot.egress import Egress
from reconciler.snapshot.model import Timeouts, Upstream

MAX_BODY = 32 * 1024 * 1024
TOO_LARGE = "the answer is too large"


@dataclass(frozen=True, slots=True)
class Reply:
    """With a `failure` the status is 0, unless the answer broke off. `seconds`: until its first bytes."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    failure: Failure | None = None
    reason: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.failure is None and 200 <= self.status <= 299


class _Reading:
    """Fits transport.base.Sink."""

    def __init__(self, most: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._most = most
        self._began = self._loop.time()
        self._reply = Reply(0)
        self._body = bytearray()
        self.exchange: Exchange | None = None
        self.told: asyncio.Future[Reply] = self._loop.create_future()

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        self._reply = Reply(status, headers, seconds=self._loop.time() - self._began)

    def data(self, chunk: bytes) -> None:
        self._body += chunk
        if len(self._body) > self._most:
            if self.exchange is not None:
                self.exchange.cancel()
            self.error(Failure.BROKEN, TOO_LARGE)

    def end(self) -> None:
        self._tell(
            Reply(self._reply.status, self._reply.headers, bytes(self._body), seconds=self._reply.seconds)
        )

    def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        self.head(status, headers)
        self.data(body)
        self.end()

    def error(self, failure: Failure, reason: str) -> None:
        head = self._reply
        self._tell(Reply(head.status, head.headers, b"", failure, reason, head.seconds))

    def _tell(self, reply: Reply) -> None:
        if not self.told.done():
            self.told.set_result(reply)


class Asker:
    """Asks over connections of its own, which `asking` closes."""

    def __init__(self, pool: TransportPool, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds

    async def ask(
        self,
        upstream: Upstream,
        request: UpstreamRequest,
        *,
        seconds: float | None = None,
        most: int = MAX_BODY,
    ) -> Reply:
        """Raises nothing for what an upstream does."""
        bound = self._seconds if seconds is None else seconds
        reading = _Reading(most)
        reading.exchange = exchange = self._pool.get(upstream).open(
            request, reading, Timeouts(connect=bound, total=bound)
        )
        try:
            async with asyncio.timeout(bound):
                return await reading.told
        except TimeoutError:
            return Reply(0, failure=Failure.TIMEOUT, reason=f"no answer within {bound:g} s", seconds=bound)
        finally:
            exchange.cancel()


@asynccontextmanager
async def asking(
    environ: Mapping[str, str],
    policy: Egress,
    *,
    listeners: Sequence[tuple[str, int]] = (),
    seconds: float = 10.0,
) -> AsyncIterator[Asker]:
    """`listeners` are the gateway's own, where they are known: no provider may be there."""
    gate = EgressGate(own_listeners(listeners))
    gate.enforce(policy)
    pool = TransportPool(proxies=proxies(environ), gate=gate)
    try:
        yield Asker(pool, seconds)
    finally:
        await pool.aclose()
