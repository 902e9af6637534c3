"""The driver with a scripted upstream and a scripted ASGI server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NoReturn

import pytest
from fakes.conversation import JSON, SSE, ask
from fakes.loop import on_loop
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.waiting import turns, until
from starlette.types import Message

from reconciler.gateway.dispatch.actions import Ending, Outcome
from reconciler.gateway.dispatch.driver import HIGH_WATER, converse
from reconciler.gateway.dispatch.machine import Ask
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Upstream

DELTA = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": null}]}\n\n'


class Server:
    """The ASGI server's side: what was sent, and a client that may be slow, leave, or break the connection."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.left = asyncio.Event()
        self.fault: Exception | None = None
        self.outcomes: list[Outcome] = []
        self.receiving = 0

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def ended(self) -> bool:
        return (
            bool(self.sent)
            and self.sent[-1].get("more_body", self.sent[-1]["type"].endswith("start")) is False
        )

    async def wrote(self, body: bytes) -> None:
        await until(lambda: self.body == body, f"{body!r} was written")

    async def send(self, message: Message) -> None:
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)
        await self.reading.wait()

    async def receive(self) -> Message:
        self.receiving += 1
        try:
            await self.left.wait()
        finally:
            self.receiving -= 1
        return {"type": "http.disconnect"}


class Talk:
    """One conversation under way."""

    def __init__(self, asked: Ask) -> None:
        self.transports = ScriptedTransports()
        self.server = Server()
        self.task = asyncio.get_running_loop().create_task(
            converse(
                asked, self.transports, self.server.outcomes.append, self.server.receive, self.server.send
            )
        )

    async def exchange(self, number: int = 0) -> ScriptedExchange:
        await until(lambda: len(self.transports.exchanges) > number, f"exchange {number}")
        return self.transports.exchanges[number]

    @property
    def outcome(self) -> Outcome:
        (outcome,) = self.server.outcomes
        return outcome


@asynccontextmanager
async def talk(*providers: str, stream: bool = False, total: float = 100.0) -> AsyncIterator[Talk]:
    """Whatever the test does, nothing is left: no task, no timer, no exchange that is neither over nor cancelled."""
    talking = Talk(ask(*providers, stream=stream, total=total))
    try:
        yield talking
        async with asyncio.timeout(10):
            await talking.task
    finally:
        talking.task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await talking.task
    assert talking.server.receiving == 0
    assert len(asyncio.all_tasks()) == 1


@on_loop
async def test_an_answer_goes_through_and_ends() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        exchange.sink.head(200, (*JSON, ("content-length", "2")))
        exchange.sink.data(b"{}")
        exchange.sink.end()
        await talking.task
    start, body = talking.server.sent
    assert (start["status"], body["body"], body["more_body"]) == (200, b"{}", False)
    assert (b"x-routerctl-provider", b"a") in start["headers"]
    assert talking.outcome.ending is Ending.COMPLETE
    assert not exchange.cancelled


@on_loop
async def test_a_stream_is_written_as_it_comes() -> None:
    async with talk("a", stream=True) as talking:
        exchange = await talking.exchange()
        exchange.sink.head(200, SSE)
        sent = b""
        for _ in range(3):
            exchange.sink.data(DELTA)
            sent += DELTA
            await talking.server.wrote(sent)
        exchange.sink.data(b"data: [DONE]\n\n")
        await until(lambda: talking.server.body.endswith(b"[DONE]\n\n"))
        assert not talking.server.ended
        exchange.sink.end()
    assert talking.server.ended


@on_loop
async def test_the_next_candidate_is_opened_after_a_failure() -> None:
    async with talk("a", "b") as talking:
        first = await talking.exchange(0)
        first.sink.error(Failure.CONNECT, "refused")
        second = await talking.exchange(1)
        assert (first.provider, second.provider) == ("a", "b")
        second.sink.head(204, ())
        second.sink.end()
    assert talking.server.ended
    assert [attempt.failure for attempt in talking.outcome.attempts] == [Failure.CONNECT, None]


@on_loop
async def test_an_error_answer_is_whole() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        exchange.sink.error(Failure.CONNECT, "refused")
    start, body = talking.server.sent
    assert start["status"] == 502
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]


@on_loop
async def test_the_timer_fires() -> None:
    async with talk("a", total=0.01) as talking:
        exchange = await talking.exchange()
    assert exchange.cancelled
    assert talking.server.sent[0]["status"] == 504


@on_loop
async def test_a_broken_plain_answer_returns_without_an_end() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        exchange.sink.head(200, JSON)
        exchange.sink.data(b"{")
        exchange.sink.error(Failure.BROKEN, "cut")
    assert talking.server.body == b"{"
    assert not talking.server.ended
    assert talking.outcome.ending is Ending.BROKEN


@on_loop
async def test_a_slow_client_pauses_the_upstream_until_it_reads() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        talking.server.reading.clear()
        exchange.sink.head(200, JSON)
        piece = b"x" * 4096
        count = 0
        while not exchange.paused:
            exchange.sink.data(piece)
            count += 1
            await turns(1)
            assert count * len(piece) < 4 * HIGH_WATER, "nothing holds the upstream back"
        talking.server.reading.set()
        await until(lambda: not exchange.paused, "the upstream goes on")
        exchange.sink.end()
    assert len(talking.server.body) == count * len(piece)
    assert exchange.calls == ["pause", "resume"]


@on_loop
async def test_a_client_that_leaves_cancels_the_upstream_at_once() -> None:
    async with talk("a", "b") as talking:
        exchange = await talking.exchange()
        talking.server.left.set()
        await until(lambda: exchange.cancelled)
    assert talking.outcome.ending is Ending.GONE
    assert talking.server.sent == []
    assert len(talking.transports.exchanges) == 1


@on_loop
async def test_a_client_that_leaves_while_it_is_slow_is_let_go() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        talking.server.reading.clear()
        exchange.sink.head(200, JSON)
        exchange.sink.data(b"x" * (2 * HIGH_WATER))
        await until(lambda: exchange.paused)
        talking.server.left.set()
        await until(lambda: exchange.cancelled)
        talking.server.reading.set()
    assert len(talking.server.body) < 2 * HIGH_WATER
    assert talking.outcome.ending is Ending.GONE


@on_loop
async def test_a_server_that_finds_the_client_gone_while_writing() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        talking.server.fault = OSError("gone")
        exchange.sink.head(200, JSON)
        exchange.sink.data(b"{")
    assert exchange.cancelled
    assert talking.outcome.ending is Ending.GONE


@on_loop
async def test_a_stopping_server_lets_go_of_the_upstream() -> None:
    async with talk("a") as talking:
        exchange = await talking.exchange()
        talking.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking.task
        assert exchange.cancelled
        talking.task = asyncio.get_running_loop().create_task(asyncio.sleep(0))
    assert talking.outcome.ending is Ending.GONE


@on_loop
async def test_a_bug_reaches_the_caller_and_frees_the_exchange() -> None:
    """Also one that shows in a transport's callback, where nobody would hear of it."""

    class Broken(ScriptedTransports):
        def add(self, exchange: ScriptedExchange) -> ScriptedExchange:
            if self.exchanges:
                raise ZeroDivisionError
            return super().add(exchange)

    transports, server = Broken(), Server()
    task = asyncio.get_running_loop().create_task(
        converse(ask("a", "b"), transports, server.outcomes.append, server.receive, server.send)
    )
    await until(lambda: transports.exchanges)
    transports.exchanges[0].sink.error(Failure.CONNECT, "refused")
    with pytest.raises(ZeroDivisionError):
        await task
    assert server.outcomes == []
    assert len(asyncio.all_tasks()) == 1


@on_loop
async def test_a_bug_while_answering_lets_go_of_the_exchange() -> None:
    server, transports = Server(), ScriptedTransports()

    def report(_: Outcome) -> None:
        raise ZeroDivisionError

    task = asyncio.get_running_loop().create_task(
        converse(ask("a"), transports, report, server.receive, server.send)
    )
    await until(lambda: transports.exchanges)
    server.left.set()
    with pytest.raises(ZeroDivisionError):
        await task
    assert transports.exchanges[0].cancelled


@on_loop
async def test_a_transport_that_can_not_be_had_is_a_bug() -> None:
    class Without(ScriptedTransports):
        def get(self, upstream: Upstream) -> NoReturn:
            raise KeyError(upstream.transport)

    server = Server()
    with pytest.raises(KeyError):
        await converse(ask("a"), Without(), server.outcomes.append, server.receive, server.send)
    assert len(asyncio.all_tasks()) == 1
    assert server.outcomes == []
