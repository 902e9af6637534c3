import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes.certificates import authority
from fakes.sink import RecordingSink
from fakes.upstream import Answer, Ending, FakeUpstream
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.factories import factories
from reconciler.gateway.transport.http1.connector import Connector
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.gateway.transport.pool import TransportPool
from reconciler.gateway.transport.simulator import SimulatorTransport
from reconciler.gateway.transport.translated import TranslatedTransport
from reconciler.provider_types.base import Adapter, Endpoint
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.provider_types.simulator import Behaviour
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import TLS, Timeouts, Upstream
from reconciler.snapshot.tls import UpstreamTLS, own_trust

PATIENT = Timeouts(connect=10, total=10)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def upstream(type_name: str, config: dict[str, object], transport: str | None = None) -> Upstream:
    provider_type = PROVIDER_TYPES[type_name]
    adapter: Adapter = provider_type.build(provider_type.config.model_validate(config), {})
    key = ResourceKey("Provider", "default", "p")
    return Upstream(key, transport or provider_type.transport, adapter, "fingerprint", 1)


def at(server: FakeUpstream) -> Upstream:
    return upstream("openai-compatible", {"baseURL": server.url})


def secured(server: FakeUpstream, tls: TLS) -> Upstream:
    return replace(at(server), tls=tls)


def ask(pool: TransportPool, asked: Upstream) -> RecordingSink:
    sink = RecordingSink()
    pool.get(asked).open(asked.adapter.encode(Endpoint.CHAT, b"{}"), sink, PATIENT)
    return sink


def run(answer: Answer, scenario: Callable[[FakeUpstream, TransportPool], Awaitable[None]]) -> None:
    async def whole() -> None:
        pool = TransportPool(factories(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), FixedClock()))
        async with FakeUpstream(answer) as server:
            try:
                await scenario(server, pool)
            finally:
                await pool.aclose()

    asyncio.run(whole())


def test_each_kind_has_its_transport() -> None:
    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        assert isinstance(pool.get(at(server)), HttpTransport)
        assert isinstance(pool.get(upstream("simulator", {})), SimulatorTransport)

    run(Answer(), scenario)


def connector(pool: TransportPool, asked: Upstream) -> Connector:
    transport = pool.get(asked)
    assert isinstance(transport, HttpTransport)
    return transport._connector


def test_a_trust_of_its_own_has_sessions_of_its_own() -> None:
    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        shared, named = connector(pool, at(server)), connector(pool, secured(server, UpstreamTLS(None, "a")))
        context = own_trust(authority().pem)
        own = connector(pool, secured(server, UpstreamTLS(context, None)))
        assert (named.tls, named.sessions, named.server_name) == (shared.tls, shared.sessions, "a")
        assert (own.tls, own.server_name, own.addresses) == (context, None, shared.addresses)
        assert own.sessions is not shared.sessions

    run(Answer(), scenario)


def test_a_tls_that_nobody_built_is_a_bug() -> None:
    class Unknown:
        server_name = None

    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        with pytest.raises(TypeError, match="Provider/p"):
            pool.get(secured(server, Unknown()))

    run(Answer(), scenario)


def test_only_what_speaks_another_wire_is_translated() -> None:
    async def scenario(_: FakeUpstream, pool: TransportPool) -> None:
        assert isinstance(pool.get(upstream("ollama", {})), TranslatedTransport)
        assert isinstance(pool.get(upstream("dashscope", {})), HttpTransport)

    run(Answer(), scenario)


def test_a_simulator_without_its_adapter_is_a_bug() -> None:
    async def scenario(_: FakeUpstream, pool: TransportPool) -> None:
        with pytest.raises(TypeError, match="Provider/p"):
            pool.get(upstream("lm-studio", {"baseURL": "http://host"}, transport="simulator"))

    run(Answer(), scenario)


def test_an_untouched_upstream_keeps_transport_and_connection_over_a_swap() -> None:
    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        untouched, replaced, replacement = at(server), at(server), at(server)
        for asked in (untouched, replaced):
            await ask(pool, asked).wait()
        transport = pool.get(untouched)
        assert [received.connection for received in server.requests] == [1, 2]
        pool.keep({untouched, replacement})
        await until(lambda: server.open_connections == 1)
        for asked in (untouched, replacement, untouched):
            await ask(pool, asked).wait()
        assert pool.get(untouched) is transport
        assert [received.connection for received in server.requests] == [1, 2, 1, 3, 1]

    run(Answer(), scenario)


def test_what_is_under_way_finishes_on_a_retired_transport() -> None:
    gate = asyncio.Event()

    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        sink = ask(pool, at(server))
        await until(lambda: sink.chunks)
        pool.keep(())
        await turns()
        gate.set()
        await sink.wait()
        assert (sink.body, sink.ended) == (b"ab", True)
        await until(lambda: server.open_connections == 0)

    run(Answer(steps=(b"a", gate, b"b")), scenario)


def test_a_request_that_holds_an_older_snapshot_is_still_served() -> None:
    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        old = at(server)
        await ask(pool, old).wait()
        pool.keep(())
        await until(lambda: server.open_connections == 0)
        sink = ask(pool, old)
        await sink.wait()
        assert sink.ended
        await until(lambda: server.open_connections == 0)
        await ask(pool, old).wait()
        assert [received.connection for received in server.requests] == [1, 2, 3]

    run(Answer(), scenario)


def test_a_dropped_upstream_is_retired_after_its_exchange_is_opened_and_once() -> None:
    async def scenario() -> None:
        pool = TransportPool({"simulator": counted})
        kept, dropped = upstream("simulator", {}), upstream("simulator", {})
        pool.keep({kept})
        transport = pool.get(dropped)
        assert pool.get(dropped) is transport
        pool.get(kept)
        assert retired == []
        await turns()
        assert retired == [transport]
        again = pool.get(dropped)
        pool.keep({kept})
        await turns()
        assert retired == [transport, again]

    retired: list[object] = []

    class Counted(SimulatorTransport):
        def retire(self) -> None:
            retired.append(self)

    def counted(_: Upstream) -> Counted:
        return Counted(Behaviour("", 0, 0, 1, 0, 1, 0, 1), FixedClock())

    asyncio.run(scenario())


def test_aclose_reaches_retired_transports_as_well() -> None:
    async def scenario(server: FakeUpstream, pool: TransportPool) -> None:
        retired, kept = at(server), at(server)
        sinks = [ask(pool, retired), ask(pool, kept)]
        await until(lambda: all(sink.chunks for sink in sinks))
        pool.keep({kept})
        await pool.aclose()
        assert [sink.failure for sink in sinks] == [Failure.STOPPING] * 2
        await until(lambda: server.open_connections == 0)

    run(Answer(steps=(b"a", Ending.HANG)), scenario)


def test_by_default_tls_is_the_systems() -> None:
    async def scenario() -> None:
        pool = TransportPool()
        assert isinstance(pool.get(upstream("lm-studio", {"baseURL": "http://host"})), HttpTransport)
        await pool.aclose()

    asyncio.run(scenario())
