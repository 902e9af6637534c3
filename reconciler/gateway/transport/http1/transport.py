"""The connections of one upstream, kept alive between requests."""

import asyncio
from functools import partial

from reconciler.gateway.transport.base import Exchange, Failure, Sink
from reconciler.gateway.transport.http1.connector import Connector
from reconciler.gateway.transport.http1.exchange import CLOSED, HttpExchange
from reconciler.gateway.transport.http1.origin import Origin, Unsendable, parse_url
from reconciler.gateway.transport.http1.origin_pool import OriginPool
from reconciler.gateway.transport.http1.request_head import RequestHead
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts

MAX_PREPARED = 256
"""Heads that are kept ready; an upstream has one for each endpoint that it serves."""

Headers = tuple[tuple[str, str], ...]


class HttpTransport:
    """`open` works after `retire` as well; its connections are then closed after it."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._prepared: dict[tuple[str, str], tuple[Headers, RequestHead, OriginPool]] = {}
        self._pools: dict[Origin, OriginPool] = {}
        self._under_way: set[HttpExchange] = set()
        self._retired = False
        connector.gate.watch(self)

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        prepared = self._prepared.get((request.method, request.url))
        if prepared is None or prepared[0] != request.headers:
            try:
                prepared = self._prepare(request)
            except Unsendable as unsendable:
                return _Refused(sink, f"the request can't be sent: {unsendable}")
        _, head, pool = prepared
        exchange = HttpExchange(self, self._under_way, pool, head, request.body, sink)
        exchange.start(timeouts.connect)
        return exchange

    def recheck(self) -> None:
        """For the egress policy: another one is in force."""
        for pool in self._pools.values():
            pool.recheck()

    def retire(self) -> None:
        self._retired = True
        for pool in self._pools.values():
            pool.retire()

    async def aclose(self) -> None:
        """Cuts what is under way; the sinks hear of it as BROKEN."""
        self.retire()
        for exchange in tuple(self._under_way):
            exchange.fail(Failure.STOPPING, CLOSED)
        for pool in self._pools.values():
            await pool.aclose()

    def _prepare(self, request: UpstreamRequest) -> tuple[Headers, RequestHead, OriginPool]:
        """Raises Unsendable."""
        origin, target = parse_url(request.url)
        proxy = self._connector.proxy(origin)
        authorization = None
        if proxy is not None and not origin.tls:  # RFC 9112, 3.2.2; with TLS there is a tunnel
            target, authorization = f"http://{origin.authority}{target}", proxy.authorization
        head = RequestHead(request.method, target, origin.authority, request.headers, authorization)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = OriginPool(
                partial(self._connector.connect, origin),
                retired=self._retired,
                denied=partial(self._connector.denied, origin),
            )
        if len(self._prepared) >= MAX_PREPARED:
            self._prepared.clear()
        prepared = self._prepared[request.method, request.url] = request.headers, head, pool
        return prepared


class _Refused:
    """A request that can't be sent: its sink hears so in a moment."""

    def __init__(self, sink: Sink, reason: str) -> None:
        self._telling = asyncio.get_running_loop().call_soon(sink.error, Failure.CONNECT, reason)

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def cancel(self) -> None:
        self._telling.cancel()
