"""Scenarios of the gateway's transport against one scripted upstream, on either event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import uvloop
from fakes.http_transport import http_transport
from fakes.raw_upstream import Peer, RawUpstream
from fakes.sink import RecordingSink

from reconciler.gateway.transport.base import Exchange
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts

PATIENT = Timeouts(connect=10, total=10)

Script = Callable[[Peer], Awaitable[None]]
Scenario = Callable[[RawUpstream, HttpTransport], Awaitable[None]]


def run(script: Script, scenario: Scenario, *, on_uvloop: bool = False) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), RawUpstream(script) as upstream:
            transport = http_transport()
            try:
                await scenario(upstream, transport)
            finally:
                await transport.aclose()

    on_either_loop(whole(), on_uvloop=on_uvloop)


def on_either_loop(work: Coroutine[None, None, None], *, on_uvloop: bool) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if on_uvloop else None) as runner:
        runner.run(work)


def opened(
    upstream: RawUpstream,
    transport: HttpTransport,
    sink: RecordingSink,
    body: bytes = b"{}",
    method: str = "POST",
) -> Exchange:
    return transport.open(UpstreamRequest(method, upstream.url, (("x", "canary"),), body), sink, PATIENT)


async def asked(
    upstream: RawUpstream, transport: HttpTransport, body: bytes = b"{}", method: str = "POST"
) -> RecordingSink:
    sink = RecordingSink()
    opened(upstream, transport, sink, body, method)
    await sink.wait()
    return sink
