"""The policy, asked on the addresses that a name led to."""

import socket

import pytest
from fakes.http_transport import http_transport
from fakes.loop import on_loop
from fakes.raw_upstream import OK, Peer, RawUpstream
from fakes.sink import RecordingSink
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.egress import EgressGate, own_listeners
from reconciler.gateway.transport.http1.addresses import Address, Addresses
from reconciler.gateway.transport.http1.origin import Origin
from reconciler.gateway.transport.http1.proxy import Proxies, Proxy
from reconciler.gateway.transport.http1.transport import HttpTransport
from reconciler.json_types import JsonObject
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.egress import egress_of_spec
from reconciler.snapshot.model import Timeouts

PATIENT = Timeouts(connect=10, total=10)
LAN: JsonObject = {"network": "127.0.0.1"}


class Rebinding(Addresses):
    """Whose answers are others each time that they are asked for."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked = 0
        self.port = 0

    async def of(self, host: str, port: int) -> tuple[Address, ...]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return tuple((socket.AF_INET, (one, self.port or port)) for one in found)


def gated(*allow: JsonObject, **more: object) -> EgressGate:
    gate = EgressGate()
    gate.enforce(egress_of_spec({"egress": {"allow": [*allow], **more}}, guarded=True))  # type: ignore[dict-item]  # JSON
    return gate


async def serving(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.send(OK)


async def ask(transport: HttpTransport, url: str = "http://llm.test/v1") -> RecordingSink:
    sink = RecordingSink()
    transport.open(UpstreamRequest("POST", url, (("x", "1"),), b"{}"), sink, PATIENT)
    await sink.wait()
    return sink


@on_loop
async def test_a_name_that_leads_home_is_refused_and_nothing_is_sent() -> None:
    async with RawUpstream(serving) as upstream:
        transport = http_transport(gate=gated())
        sink = await ask(transport, f"http://localhost:{upstream.port}/v1")
        assert sink.failure is Failure.EGRESS
        assert f"- {{host: localhost, ports: [{upstream.port}]}}" in sink.reason
        assert upstream.connections == 0
        await transport.aclose()


@on_loop
async def test_dns_rebinding_gets_nothing() -> None:
    """The name was good when it was first asked for, and leads home now."""

    async def twice(peer: Peer) -> None:
        for _ in range(2):
            await peer.request()
            await peer.send(OK)

    async with RawUpstream(twice) as upstream:
        names = Rebinding(("127.0.0.1",), ("169.254.169.254",), ("127.0.0.2",))
        names.port = upstream.port
        transport = http_transport(gate=gated(LAN), addresses=names)
        assert (await ask(transport)).body == b"ok"
        transport.recheck()
        assert (await ask(transport)).body == b"ok"
        assert names.asked == 1
        await until(lambda: upstream.open == 0)
        await turns()
        first, second = await ask(transport), await ask(transport)
        assert [first.failure, second.failure] == [Failure.EGRESS, Failure.EGRESS]
        assert "the address of a metadata service" in first.reason
        assert "127.0.0.2, which is a loopback address" in second.reason
        await transport.aclose()


@on_loop
async def test_of_several_addresses_the_allowed_are_tried() -> None:
    async with RawUpstream(serving) as upstream:
        names = Rebinding(("169.254.169.254", "127.0.0.2", "127.0.0.1"))
        names.port = upstream.port
        transport = http_transport(gate=gated(LAN), addresses=names)
        assert (await ask(transport)).body == b"ok"
        await transport.aclose()


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"]
)
def test_other_spellings_of_loopback_are_loopback(host: str) -> None:
    @on_loop
    async def whole() -> None:
        async with RawUpstream(serving) as upstream:
            transport = http_transport(gate=gated())
            sink = await ask(transport, f"http://{host}:{upstream.port}/v1")
            assert sink.failure is Failure.EGRESS
            assert upstream.connections == 0
            await transport.aclose()

    whole()


@on_loop
async def test_the_gateway_itself_is_no_upstream_even_where_its_address_is_allowed() -> None:
    async with RawUpstream(serving) as upstream:
        gate = EgressGate(own_listeners([("127.0.0.1", upstream.port)]))
        gate.enforce(egress_of_spec({"egress": {"allow": [LAN]}}))
        transport = http_transport(gate=gate)
        sink = await ask(transport, f"http://127.0.0.1:{upstream.port}/v1")
        assert sink.failure is Failure.EGRESS
        assert "this gateway itself" in sink.reason
        await transport.aclose()


# --- a policy that changes ---------------------------------------------------------------------------------------


@on_loop
async def test_a_kept_connection_that_is_denied_by_now_is_closed() -> None:
    async with RawUpstream(serving) as upstream:
        gate = gated(LAN)
        transport, url = http_transport(gate=gate), f"http://127.0.0.1:{upstream.port}/v1"
        assert (await ask(transport, url)).ended
        gate.enforce(
            egress_of_spec({"egress": {"allow": [LAN], "deny": [{"network": "10.0.0.0/8"}]}}, guarded=True)
        )
        assert (await ask(transport, url)).ended
        assert upstream.connections == 1
        gate.enforce(egress_of_spec({}, guarded=True))
        await until(lambda: upstream.open == 0, "the end of the kept connection")
        assert (await ask(transport, url)).failure is Failure.EGRESS
        await transport.aclose()


@on_loop
async def test_what_is_under_way_is_finished_and_its_connection_carries_nothing_after_it() -> None:
    async def slowly(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")
        await until(lambda: going)
        await peer.send(b"cd")
        await peer.gone()

    going: list[bool] = []
    async with RawUpstream(slowly) as upstream:
        gate = gated(LAN)
        transport, url = http_transport(gate=gate), f"http://127.0.0.1:{upstream.port}/v1"
        sink = RecordingSink()
        transport.open(UpstreamRequest("POST", url, (), b"{}"), sink, PATIENT)
        await until(lambda: sink.chunks)
        gate.enforce(egress_of_spec({}, guarded=True))
        going.append(True)
        await sink.wait()
        assert sink.body == b"abcd"
        await until(lambda: upstream.open == 0, "the end of the connection")
        await transport.aclose()


@on_loop
async def test_a_connection_that_was_begun_under_another_policy_is_not_used() -> None:
    async with RawUpstream(serving) as upstream:
        gate = gated(LAN)
        transport, sink = http_transport(gate=gate), RecordingSink()
        url = f"http://127.0.0.1:{upstream.port}/v1"
        transport.open(UpstreamRequest("POST", url, (), b"{}"), sink, PATIENT)
        await turns(1)  # it is being made
        gate.enforce(egress_of_spec({}, guarded=True))
        await sink.wait()
        assert sink.failure is Failure.EGRESS
        await until(lambda: upstream.open == 0)
        await transport.aclose()


# --- proxies -----------------------------------------------------------------------------------------------------


@on_loop
async def test_behind_a_proxy_what_is_written_is_judged() -> None:
    async with RawUpstream(serving) as proxy:
        through = Proxies({"http": Proxy(Origin("http", "127.0.0.1", proxy.port))})
        transport = http_transport(gate=gated(), proxies=through)
        assert (await ask(transport, "http://llm.test/v1")).body == b"ok"
        for host in ("10.0.0.5", "167772165", "metadata.google.internal", "[fd00::1]"):
            sink = await ask(transport, f"http://{host}/v1")
            assert sink.failure is Failure.EGRESS, host
        assert proxy.connections == 1
        await transport.aclose()


@on_loop
async def test_a_kept_connection_to_a_proxy_is_judged_by_the_name_behind_it() -> None:
    async with RawUpstream(serving) as proxy:
        through = Proxies({"http": Proxy(Origin("http", "127.0.0.1", proxy.port))})
        gate = gated()
        transport = http_transport(gate=gate, proxies=through)
        assert (await ask(transport)).ended
        gate.enforce(egress_of_spec({"egress": {"deny": [{"host": "llm.test"}]}}, guarded=True))
        await until(lambda: proxy.open == 0, "the end of the kept connection")
        assert (await ask(transport)).failure is Failure.EGRESS
        await transport.aclose()
