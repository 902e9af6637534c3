"""Transports without upstreams: the test plays the upstream, callback by callback."""

from collections.abc import Callable

from reconciler.gateway.transport.base import Exchange, Sink, Transport
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts, Upstream


class ScriptedExchange:
    """What the gateway did with it, and the sink to answer through."""

    def __init__(self, provider: str, request: UpstreamRequest, sink: Sink) -> None:
        self.provider = provider
        self.request = request
        self.sink = sink
        self.calls: list[str] = []

    @property
    def cancelled(self) -> bool:
        return "cancel" in self.calls

    @property
    def paused(self) -> bool:
        steering = [call for call in self.calls if call != "cancel"]
        return bool(steering) and steering[-1] == "pause"

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def cancel(self) -> None:
        self.calls.append("cancel")


class ScriptedTransports:
    """Both the pool and each transport in it. `opened` is called with every exchange, before `open` returns."""

    def __init__(self, opened: Callable[[ScriptedExchange], None] = lambda _: None) -> None:
        self.exchanges: list[ScriptedExchange] = []
        self._opened = opened

    def get(self, upstream: Upstream) -> Transport:
        return _Scripted(self, upstream.key.name)

    def add(self, exchange: ScriptedExchange) -> ScriptedExchange:
        self.exchanges.append(exchange)
        self._opened(exchange)
        return exchange


class _Scripted:
    def __init__(self, owner: ScriptedTransports, provider: str) -> None:
        self._owner = owner
        self._provider = provider

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        return self._owner.add(ScriptedExchange(self._provider, request, sink))

    def retire(self) -> None: ...

    async def aclose(self) -> None: ...
