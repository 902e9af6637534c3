from fakes.loop import on_loop
from fakes.serving import http_upstream, simulator
from fakes.upstream import Answer, Ending, FakeUpstream

from reconciler.bootstrap.upstreams.asking import TOO_LARGE, Asker, Reply, asking
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.egress import OPEN, Egress, Entry
from reconciler.snapshot.model import Upstream


async def asked(upstream: Upstream, asker: Asker, path: str = "/v1/models") -> Reply:
    request: UpstreamRequest = upstream.adapter.probe(path)
    return await asker.ask(upstream, request, most=100)


@on_loop
async def test_all_of_an_answer_comes_with_its_status() -> None:
    async with FakeUpstream(Answer((b"a" * 60, b"b"), status=418)) as up, asking({}, OPEN) as asker:
        reply = await asked(http_upstream("up", up.url), asker)
        simulated = await asked(simulator("sim"), asker)
    assert (reply.status, reply.body, reply.failure, reply.good) == (418, b"a" * 60 + b"b", None, False)
    assert reply.seconds > 0
    assert simulated.good


@on_loop
async def test_what_is_too_much_too_late_or_broken_is_told() -> None:
    answers = {
        Failure.BROKEN: Answer((b"a" * 101, Ending.HANG)),
        Failure.TIMEOUT: Answer((b"a", Ending.HANG)),
    }
    for failure, answer in answers.items():
        async with FakeUpstream(answer) as up, asking({}, OPEN, seconds=0.2) as asker:
            reply = await asked(http_upstream("up", up.url), asker)
        assert (reply.failure, reply.body) == (failure, b"")
        assert failure is Failure.TIMEOUT or reply.reason == TOO_LARGE


@on_loop
async def test_the_egress_policy_and_the_gateways_own_listeners_are_heeded() -> None:
    async with FakeUpstream() as up:
        upstream = http_upstream("up", up.url)
        async with asking({}, Egress(deny=(Entry(host="127.0.0.1"),))) as asker:
            denied = await asked(upstream, asker)
        async with asking({}, OPEN, listeners=[("127.0.0.1", up.port)]) as asker:
            own = await asked(upstream, asker)
    assert (denied.failure, own.failure) == (Failure.EGRESS, Failure.EGRESS)
    assert "this gateway itself" in own.reason
    assert up.requests == []
