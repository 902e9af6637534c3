"""What happens to a request under way when its client leaves, reads slowly, or the configuration changes."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import openai
import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import turns, until
from openai.types.chat import ChatCompletionMessageParam

from reconciler.clock import SystemClock
from reconciler.gateway.limits.keeper import Keeper
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Candidate, Snapshot
from reconciler.store.ledger import Ledger

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
SSE = (("content-type", "text/event-stream"),)
DELTA = (
    b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "x", "choices": '
    b'[{"index": 0, "delta": {"role": "assistant", "content": "hi"}, "finish_reason": null}]}\n\n'
)
STOP = DELTA.replace(b'"finish_reason": null', b'"finish_reason": "stop"')
DONE = b"data: [DONE]\n\n"
USED = (
    b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "x", "choices": [], '
    b'"usage": {"prompt_tokens": 7, "completion_tokens": 77, "total_tokens": 84}}\n\n'
)


def serving(*candidates: Candidate, revision: int = 7) -> Snapshot:
    return snapshot(namespace(served("m", *candidates)), revision)


def only(upstream: FakeUpstream) -> Snapshot:
    return serving(candidate(http_upstream("first", upstream.url)))


async def connect(gateway: Gateway, *, stream: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request over a bare socket, whose reading the test controls."""
    body = json.dumps({"model": "m", "messages": HELLO, "stream": stream}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )
    await writer.drain()
    return reader, writer


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "steps",
    [(Ending.HANG,), (DELTA, Ending.HANG)],
    ids=["before the first byte", "after it"],
)
@on_loop
async def test_a_client_that_leaves_cancels_the_upstream(
    stream: bool, steps: tuple[bytes | Ending, ...]
) -> None:
    headers = SSE if stream else (("content-type", "application/json"),)
    async with FakeUpstream(Answer(steps, headers=headers)) as upstream:
        both = serving(candidate(http_upstream("first", upstream.url)), candidate(simulator("second")))
        async with Gateway(both) as gateway:
            reader, writer = await connect(gateway, stream=stream)
            await until(lambda: upstream.requests, "the request arrives")
            if len(steps) > 1:
                await reader.readuntil(b"\r\n\r\n")
            writer.close()
            await until(lambda: upstream.open_connections == 0, "the upstream is let go")
            await gateway.idle()
            assert gateway.telemetry.snapshot()["endings"] == {"chat": {"gone": 1}}
            assert len(upstream.requests) == 1


@pytest.mark.parametrize("drain", [True, False], ids=["drain", "cancel"])
@on_loop
async def test_what_becomes_of_an_answer_whose_client_left(drain: bool, tmp_path: Path) -> None:
    gate, limits = asyncio.Event(), Limits("Provider/first", 1, concurrent=1)
    ledger = Ledger(tmp_path / "s-records.db", "w", SystemClock())
    steps = (DELTA, gate, USED, DONE)
    async with FakeUpstream(Answer(steps, headers=SSE)) as upstream:
        one = replace(candidate(http_upstream("first", upstream.url)), drain=drain, limits=limits)
        async with Gateway(serving(one)) as gateway:
            keeper = Keeper(ledger, gateway.memory.limiters)
            keeping = asyncio.create_task(keeper.run())
            reader, writer = await connect(gateway, stream=True)
            await reader.readuntil(b"\n\n")
            writer.close()
            if drain:
                await turns(100)
                assert taken(gateway) == 1
                gate.set()
            await gateway.idle()
            await until(lambda: not taken(gateway), "its place is free")
            await until(
                lambda: upstream.open_connections == int(drain), "a connection that is used up is closed"
            )
            counted = gateway.telemetry.snapshot()
            keeper.end()
            await keeping
    ledger.close()
    assert counted["endings"] == {"chat": {"gone": 1}}
    as_told = {"m": {"first": {"input": 7, "output": 77}}}
    assert counted.get("tokens") == (as_told if drain else None)


def taken(gateway: Gateway) -> int:
    """Places of the provider's limit that are taken."""
    told = gateway.memory.limiters.snapshot().get("Provider/first")
    slots = told.get("maxConcurrent") if isinstance(told, dict) else None
    used = slots.get("used") if isinstance(slots, dict) else 0
    return used if isinstance(used, int) else 0


@on_loop
async def test_closing_the_sdks_stream_cancels_the_upstream() -> None:
    async with FakeUpstream(Answer((DELTA, Ending.HANG), headers=SSE)) as upstream:
        only = serving(candidate(http_upstream("first", upstream.url)))
        async with Gateway(only) as gateway, gateway.client() as client:
            stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
            await anext(aiter(stream))
            await stream.close()
            await until(lambda: upstream.open_connections == 0, "the upstream is let go")
            await gateway.idle()


@on_loop
async def test_a_client_that_leaves_while_it_sends_is_not_heard() -> None:
    async with Gateway(serving(candidate(simulator("only")))) as gateway:
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: 100\r\n\r\n{"
        )
        await writer.drain()
        await until(lambda: gateway.telemetry.snapshot()["in_flight"] == 1)
        writer.close()
        await gateway.idle()
        assert gateway.telemetry.snapshot()["endings"] == {"chat": {"gone": 1}}


@on_loop
async def test_a_slow_client_holds_the_upstream_back() -> None:
    """What is under way is bounded by the buffers between, whatever the upstream would send."""
    chunk = b'{"pad": "' + b"x" * 65_536 + b'"}'
    many = 1000
    async with FakeUpstream(Answer((chunk,) * many)) as upstream, Gateway(only(upstream)) as gateway:
        reader, writer = await connect(gateway, stream=False)
        await reader.readuntil(b"\r\n\r\n")
        sent = -1
        while sent != upstream.bytes_sent:
            sent = upstream.bytes_sent
            await turns(2000)
        assert sent < many * len(chunk) / 2, "the upstream was not held back"
        received = 0
        while (piece := await reader.read(1 << 20)) and not piece.endswith(b"0\r\n\r\n"):
            received += len(piece)
        assert received > many * len(chunk) - 2**20
        writer.close()
        await gateway.idle()
        assert gateway.telemetry.snapshot()["endings"] == {"chat": {"complete": 1}}


@on_loop
async def test_who_does_not_read_holds_back_the_upstream_of_the_next_request_too() -> None:
    """It is asked when the answers before it lie in the buffers, whole, and begins to answer after that."""
    chunk, many = b'{"pad": "' + b"x" * 65_536 + b'"}', 1000
    whole = b"HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n" + b"x" * 50_000
    endless = Answer((chunk,) * many)

    def answer(request: ReceivedRequest) -> Answer:
        """In one piece, which needs no more than one reading."""
        return endless if b"last" in request.body else Answer((whole,), head=b"", framing="close")

    async with FakeUpstream(answer) as upstream, Gateway(only(upstream)) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        for note in ("",) * 250 + ("last",):
            asked = json.dumps({"model": "m", "messages": HELLO, "user": note}).encode()
            writer.write(head + b"content-length: %d\r\n\r\n%b" % (len(asked), asked))
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: b"last" in upstream.requests[-1].body, "the last request")
        sent, before = -1, upstream.bytes_sent
        while sent != upstream.bytes_sent:
            sent = upstream.bytes_sent
            await turns(2000)
        assert sent - before < many * len(chunk) / 2, "it was not held back"
        writer.close()
        await gateway.idle()


@on_loop
async def test_streams_under_way_finish_on_the_upstream_they_began_with() -> None:
    gate = asyncio.Event()

    async def one(client: openai.AsyncOpenAI, started: list[str]) -> str:
        raw = await client.chat.completions.with_raw_response.create(model="m", messages=HELLO, stream=True)
        started.append(raw.headers["x-routerctl-revision"])
        return "".join([chunk.choices[0].delta.content or "" async for chunk in raw.parse()])

    answer = Answer((DELTA, gate, DELTA, STOP, DONE), headers=SSE)
    async with FakeUpstream(answer) as old, FakeUpstream(Answer((STOP, DONE), headers=SSE)) as new:
        before = serving(candidate(http_upstream("old", old.url)), revision=7)
        after = serving(candidate(http_upstream("new", new.url)), revision=8)
        async with Gateway(before) as gateway, gateway.client() as client:
            started: list[str] = []
            streams = [asyncio.ensure_future(one(client, started)) for _ in range(10)]
            await until(lambda: len(started) == 10, "all streams run")
            gateway.publish(after)
            assert await one(client, started) == "hi"
            gate.set()
            assert await asyncio.gather(*streams) == ["hihihi"] * 10
            assert started == ["7"] * 10 + ["8"]
            assert (len(old.requests), len(new.requests)) == (10, 1)
            await gateway.idle()
            await until(lambda: old.open_connections == 0, "the old connections are closed")


@on_loop
async def test_a_request_falls_over_within_the_snapshot_it_began_with() -> None:
    gate = asyncio.Event()
    failing = Answer((b"{}",), 503, before=gate)
    async with FakeUpstream(failing) as first, FakeUpstream(Answer((b'{"choices": []}',))) as second:
        before = serving(
            candidate(http_upstream("first", first.url)), candidate(http_upstream("second", second.url))
        )
        async with Gateway(before) as gateway, gateway.http() as client:
            asked = asyncio.ensure_future(
                client.post("/v1/chat/completions", json={"model": "m", "messages": HELLO})
            )
            await until(lambda: first.requests, "the first provider is asked")
            gateway.publish(snapshot(namespace(), 8))
            gate.set()
            answer = await asked
            assert answer.headers["x-routerctl-provider"] == "second"
            assert answer.headers["x-routerctl-revision"] == "7"


@on_loop
async def test_a_provider_that_did_not_change_keeps_its_connection() -> None:
    async with FakeUpstream(Answer((b'{"choices": []}',), framing="length")) as upstream:
        kept = http_upstream("kept", upstream.url)
        async with Gateway(serving(candidate(kept))) as gateway, gateway.http() as client:
            for revision in range(8, 12):
                await client.post("/v1/chat/completions", json={"model": "m", "messages": HELLO})
                gateway.publish(serving(candidate(kept), revision=revision))
            assert (len(upstream.requests), upstream.connections) == (4, 1)


@on_loop
async def test_a_stopping_server_lets_go_of_upstreams() -> None:
    endless = Answer((DELTA, Ending.HANG), headers=SSE)
    async with FakeUpstream(endless) as upstream, Gateway(only(upstream)) as gateway:
        reader, writer = await connect(gateway, stream=True)
        await reader.readuntil(b"\n\n")
        await gateway.stop()
        await until(lambda: upstream.open_connections == 0, "the upstream is let go")
        writer.close()
