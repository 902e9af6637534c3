"""HTTP/1.1 to one upstream, over httpx2's connection pool.

The pool is used below httpx2's client: no cookies are kept, no redirect is followed, no environment is read, and what
the adapter wrote is what is sent. One task carries one exchange.
"""

import asyncio
import logging
import ssl

import httpx2

from reconciler.gateway.transport.base import Exchange, Failure, Sink
from reconciler.gateway.transport.encoding import Inflater, decoder_for
from reconciler.gateway.transport.failures import died_unanswered, explain
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 4.5
"""Many servers close idle connections after 5 s; a request that meets the closing one is lost."""

_LIMITS = httpx2.Limits(
    max_connections=None, max_keepalive_connections=1000, keepalive_expiry=KEEPALIVE_SECONDS
)
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def system_trust() -> ssl.SSLContext:
    """TLS that trusts what the system trusts. Takes some 20 ms to make; one serves all upstreams."""
    return httpx2.create_ssl_context(trust_env=False)


class HttpTransport:
    """The connections of one upstream, kept alive between requests. `open` works after `retire` as well."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._http = httpx2.AsyncHTTPTransport(verify=tls, trust_env=False, limits=_LIMITS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._retired = False

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        exchange = HttpExchange(self._http, request, sink, timeouts)
        self._tasks.add(exchange.task)
        exchange.task.add_done_callback(self._ended)
        return exchange

    def retire(self) -> None:
        self._retired = True
        self._close_if_done()

    async def aclose(self) -> None:
        """Cuts what is under way; the sinks hear of it as BROKEN."""
        self._retired = True
        under_way = tuple(self._tasks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self._http.aclose()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("an exchange ended with a bug", exc_info=error)
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._retired and not self._tasks:
            closing = asyncio.get_running_loop().create_task(self._http.aclose())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


class HttpExchange:
    """One request and its answer. Runs as `task`, which never starts within the constructor."""

    def __init__(
        self,
        http: httpx2.AsyncHTTPTransport,
        request: UpstreamRequest,
        sink: Sink,
        timeouts: Timeouts,
    ) -> None:
        self._http = http
        self._request = request
        self._sink: Sink | None = sink
        self._timeouts = timeouts
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._reused = True
        self.task = asyncio.get_running_loop().create_task(self._run())

    def pause(self) -> None:
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def cancel(self) -> None:
        self._sink = None
        self.task.cancel()

    async def _run(self) -> None:
        try:
            await self._carry()
        except asyncio.CancelledError:
            self._fail(Failure.BROKEN, "the gateway closed the connection")
            raise
        except Exception as error:
            explained = explain(error)
            if explained is None:
                self._fail(Failure.BROKEN, "the gateway failed to handle the answer")
                raise
            self._fail(*explained)

    async def _carry(self) -> None:
        response = await self._answer()
        try:
            inflater = decoder_for(response.headers.get("content-encoding", ""))
            if self._sink is not None:
                self._sink.head(
                    response.status_code, _passed_on(response.headers, decoded=inflater is not None)
                )
            await self._body(response, inflater)
        finally:
            await response.aclose()
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.end()

    async def _body(self, response: httpx2.Response, inflater: Inflater | None) -> None:
        await self._flowing.wait()
        async for chunk in response.aiter_raw():
            for piece in (chunk,) if inflater is None else inflater.feed(chunk):
                if self._sink is not None:
                    self._sink.data(piece)
                await self._flowing.wait()
        if inflater is not None:
            inflater.finish()

    async def _answer(self) -> httpx2.Response:
        """The answer's head. A kept connection may die just as it is used: then, once, another one is taken."""
        async with asyncio.timeout(self._timeouts.total):
            try:
                return await self._attempt()
            except httpx2.TransportError as error:
                if not (self._reused and died_unanswered(error)):
                    raise
            return await self._attempt()

    async def _attempt(self) -> httpx2.Response:
        total = self._timeouts.total
        self._reused = True
        request = httpx2.Request(
            self._request.method,
            self._request.url,
            headers=[*self._request.headers, ("accept-encoding", "identity")],
            content=self._request.body,
            extensions={
                "timeout": {
                    "connect": self._timeouts.connect,
                    "read": total,
                    "write": total,
                    "pool": None,
                },
                "trace": self._note,
            },
        )
        return await self._http.handle_async_request(request)

    async def _note(self, event: str, _: object) -> None:
        if event == "connection.connect_tcp.started":
            self._reused = False

    def _fail(self, failure: Failure, reason: str) -> None:
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.error(failure, reason)


def _passed_on(headers: httpx2.Headers, *, decoded: bool) -> tuple[tuple[str, str], ...]:
    """The headers that are about the answer, and not about this connection."""
    dropped = _HOP_BY_HOP | {name.strip().lower() for name in headers.get("connection", "").split(",")}
    if decoded:
        dropped |= {"content-encoding", "content-length"}
    return tuple(
        (name, value)
        for raw_name, raw_value in headers.raw
        if (name := raw_name.decode("latin-1").lower()) not in dropped
        for value in (raw_value.decode("latin-1"),)
    )
