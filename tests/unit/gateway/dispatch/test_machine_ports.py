"""The machine on its real alarms, with a scripted upstream and a scripted client."""

import asyncio
import gc
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from fakes.conversation import JSON, SSE, ask
from fakes.loop import on_loop
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.waiting import until

from reconciler.gateway.dispatch.alarms import Alarms
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.outcome import Ending, Headers, Outcome
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Upstream

DELTA = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": null}]}\n\n'


class Client:
    """What the client got, and the books. `narrow`: it says that it is blocked as soon as anything is written."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = ()
        self.length: int | None = None
        self.body = b""
        self.end = ""
        self.narrow = False
        self.fault: Exception | None = None
        self.outcomes: list[Outcome] = []
        self.bugs: list[Exception] = []
        self.talk: Machine

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:
        assert not self.status
        self.status, self.headers, self.length = status, headers, length

    def data(self, chunk: bytes) -> None:
        if self.fault is not None:
            raise self.fault
        self.body += chunk
        if self.narrow:
            self.talk.blocked()

    def finish(self) -> None:
        self.end += "finished"

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.head(status, headers, len(body))
        if self.fault is not None:
            raise self.fault
        self.body, self.end = body, "answered"

    def abort(self) -> None:
        self.end += "aborted"

    def over(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def bug(self, error: Exception) -> None:
        self.bugs.append(error)


class Talk:
    """One conversation under way."""

    def __init__(self, *providers: str, stream: bool, total: float, transports: ScriptedTransports) -> None:
        self.transports = transports
        self.client = Client()
        self.alarms = Alarms()
        asked = ask(*providers, stream=stream, total=total)
        self.machine = Machine(asked, transports, self.alarms, self.client, self.client)
        self.client.talk = self.machine
        self.machine.start()

    @property
    def exchange(self) -> ScriptedExchange:
        return self.transports.exchanges[-1]

    @property
    def outcome(self) -> Outcome:
        (outcome,) = self.client.outcomes
        return outcome


@contextmanager
def talk(
    *providers: str,
    stream: bool = False,
    total: float = 100.0,
    transports: ScriptedTransports | None = None,
) -> Iterator[Talk]:
    """Whatever the test does, it is over once, and no deadline is left."""
    talking = Talk(*providers, stream=stream, total=total, transports=transports or ScriptedTransports())
    yield talking
    assert len(talking.client.outcomes) + len(talking.client.bugs) == 1
    assert talking.alarms._at == {}


@on_loop
async def test_an_answer_goes_through_and_ends() -> None:
    with talk("a") as talking:
        exchange = talking.exchange
        exchange.sink.head(200, (*JSON, ("content-length", "2")))
        exchange.sink.data(b"{}")
        assert (talking.client.body, talking.client.end) == (b"{}", "")
        exchange.sink.end()
    assert (talking.client.status, talking.client.length, talking.client.end) == (200, 2, "finished")
    assert ("x-routerctl-provider", "a") in talking.client.headers
    assert talking.outcome.ending is Ending.COMPLETE
    assert not exchange.cancelled


@on_loop
async def test_a_stream_is_written_as_it_comes() -> None:
    with talk("a", stream=True) as talking:
        sink = talking.exchange.sink
        sink.head(200, SSE)
        for count in range(1, 4):
            sink.data(DELTA)
            assert talking.client.body == DELTA * count
        sink.data(b"data: [DONE]\n\n")
        assert talking.client.end == ""
        sink.end()
    assert talking.client.end == "finished"


@on_loop
async def test_the_next_candidate_is_opened_after_a_failure() -> None:
    with talk("a", "b") as talking:
        assert talking.exchange.provider == "a"
        talking.exchange.sink.error(Failure.CONNECT, "refused")
        assert talking.exchange.provider == "b"
        talking.exchange.sink.head(204, ())
        talking.exchange.sink.end()
    assert (talking.client.status, talking.client.end) == (204, "finished")
    assert [attempt.failure for attempt in talking.outcome.attempts] == [Failure.CONNECT, None]


@on_loop
async def test_an_error_is_answered_at_once() -> None:
    with talk("a") as talking:
        talking.exchange.sink.error(Failure.CONNECT, "refused")
    assert (talking.client.status, talking.client.end) == (502, "answered")


@on_loop
async def test_a_whole_answer_is_answered_at_once() -> None:
    with talk("a") as talking:
        talking.exchange.sink.whole(200, JSON, b"{}")
    assert (talking.client.status, talking.client.body, talking.client.end) == (200, b"{}", "answered")
    assert talking.outcome.ending is Ending.COMPLETE
    assert talking.exchange.calls == []


@on_loop
async def test_a_whole_refusal_is_followed_by_the_next_candidate() -> None:
    with talk("a", "b") as talking:
        talking.exchange.sink.whole(500, JSON, b"{}")
        assert talking.exchange.provider == "b"
        talking.exchange.sink.whole(200, JSON, b"{}")
    assert [attempt.status for attempt in talking.outcome.attempts] == [500, 200]


@on_loop
async def test_a_deadline_that_is_met_is_acted_on() -> None:
    with talk("a", total=0.01) as talking:
        await until(lambda: talking.client.end, "the answer")
    assert talking.exchange.cancelled
    assert talking.client.status == 504


@on_loop
async def test_a_stream_that_falls_silent_is_let_go() -> None:
    """The alarm was set for the first piece; the second moved the deadline, and no more than that."""
    with talk("a", stream=True, total=0.05) as talking:
        sink = talking.exchange.sink
        sink.head(200, SSE)
        sink.data(DELTA)
        sink.data(DELTA)
        assert len(talking.alarms._at) == 1
        await until(lambda: talking.client.end, "the end")
    assert talking.exchange.cancelled
    assert talking.client.end == "finished"
    assert talking.client.body.count(b'"error"') == 1
    assert talking.outcome.attempts[0].failure is Failure.TIMEOUT


@on_loop
async def test_a_broken_plain_answer_is_cut() -> None:
    with talk("a") as talking:
        talking.exchange.sink.head(200, JSON)
        talking.exchange.sink.data(b"{")
        talking.exchange.sink.error(Failure.BROKEN, "cut")
    assert (talking.client.body, talking.client.end) == (b"{", "aborted")
    assert talking.outcome.ending is Ending.BROKEN


@on_loop
async def test_a_slow_client_pauses_the_upstream_until_it_reads() -> None:
    """Also where the connection says so while it is being written to."""
    with talk("a") as talking:
        exchange = talking.exchange
        exchange.sink.head(200, JSON)
        talking.client.narrow = True
        exchange.sink.data(b"x")
        assert exchange.paused
        talking.machine.blocked()
        talking.machine.writable()
        assert not exchange.paused
        exchange.sink.end()
    assert exchange.calls == ["pause", "resume"]


@on_loop
async def test_a_client_that_still_reads_the_answer_before_pauses_the_upstream_at_its_first_bytes() -> None:
    with talk("a", stream=True) as talking:
        exchange = talking.exchange
        talking.machine.blocked()
        assert not exchange.paused
        exchange.sink.head(200, SSE)
        exchange.sink.data(DELTA)
        assert exchange.paused
        talking.machine.writable()
        assert not exchange.paused
        talking.machine.gone()


@on_loop
async def test_a_client_that_leaves_cancels_the_upstream_before_the_call_returns() -> None:
    with talk("a", "b") as talking:
        talking.machine.gone()
        assert talking.exchange.cancelled
    talking.exchange.sink.error(Failure.BROKEN, "too late")
    talking.machine.gone()
    assert talking.outcome.ending is Ending.GONE
    assert (talking.client.status, talking.client.end) == (0, "")
    assert len(talking.transports.exchanges) == 1


@on_loop
async def test_a_bug_is_told_once_and_frees_the_exchange() -> None:
    """Also one that shows in a transport's callback, where nobody would hear of it."""

    class Broken(ScriptedTransports):
        def add(self, exchange: ScriptedExchange) -> ScriptedExchange:
            if self.exchanges:
                raise ZeroDivisionError
            return super().add(exchange)

    with talk("a", "b", transports=Broken()) as talking:
        talking.exchange.sink.error(Failure.CONNECT, "refused")
    assert [type(bug) for bug in talking.client.bugs] == [ZeroDivisionError]
    talking.machine.gone()


@on_loop
async def test_a_bug_while_answering_lets_go_of_the_exchange() -> None:
    with talk("a", stream=True) as talking:
        talking.client.fault = ZeroDivisionError()
        talking.exchange.sink.head(200, SSE)
        talking.exchange.sink.data(DELTA)
        assert talking.exchange.cancelled
    assert talking.client.bugs == [talking.client.fault]


@pytest.mark.parametrize("ending", ["whole", "refused", "too late"])
@on_loop
async def test_a_bug_while_answering_at_once_is_told_once(ending: str) -> None:
    with talk("a", total=0.01 if ending == "too late" else 100.0) as talking:
        talking.client.fault = ZeroDivisionError()
        match ending:
            case "whole":
                talking.exchange.sink.whole(200, JSON, b"{}")
            case "refused":
                talking.exchange.sink.whole(400, JSON, b"{}")
            case _:
                await until(lambda: talking.client.bugs, "the bug")
        talking.exchange.sink.end()
        talking.machine.due()
        talking.machine.gone()
    assert talking.client.bugs == [talking.client.fault]
    assert talking.machine.over


@on_loop
async def test_a_bug_while_leaving_is_told() -> None:
    class Stuck(ScriptedExchange):
        def cancel(self) -> None:
            raise ZeroDivisionError

    class Sticky(ScriptedTransports):
        def add(self, exchange: ScriptedExchange) -> ScriptedExchange:
            return super().add(Stuck(exchange.provider, exchange.request, exchange.sink))

    with talk("a", transports=Sticky()) as talking:
        talking.machine.gone()
    assert [type(bug) for bug in talking.client.bugs] == [ZeroDivisionError]


@on_loop
async def test_a_transport_that_can_not_be_had_is_a_bug() -> None:
    class Without(ScriptedTransports):
        def get(self, upstream: Upstream) -> NoReturn:
            raise KeyError(upstream.transport)

    with talk("a", transports=Without()) as talking:
        pass
    assert [type(bug) for bug in talking.client.bugs] == [KeyError]


@pytest.mark.parametrize("ending", ["end", "whole", "gone"])
@on_loop
async def test_there_is_no_task(ending: str) -> None:
    with talk("a") as talking:
        assert len(asyncio.all_tasks()) == 1
        sink = talking.exchange.sink
        match ending:
            case "end":
                sink.head(200, JSON)
                sink.end()
            case "whole":
                sink.whole(200, JSON, b"{}")
            case _:
                talking.machine.gone()
        assert len(asyncio.all_tasks()) == 1


@pytest.mark.skipif(
    bool(os.environ.get("ROUTERCTL_TEST_COMPILED")), reason="what is compiled has no weak references"
)
@pytest.mark.parametrize("ending", ["whole", "stream", "broken", "gone", "bug"])
@on_loop
async def test_what_is_over_is_left_to_no_garbage_collector(ending: str) -> None:
    """Machine and trials hold each other only as long as something is under way."""
    gc.collect()
    gc.disable()
    try:
        talking = Talk("a", "b", stream=True, total=100.0, transports=ScriptedTransports())
        sink = talking.exchange.sink
        match ending:
            case "whole":
                sink.whole(200, JSON, b"{}")
            case "stream":
                sink.whole(200, SSE, DELTA + b"data: [DONE]\n\n")
            case "broken":
                sink.error(Failure.CONNECT, "refused")
                talking.exchange.sink.error(Failure.CONNECT, "refused")
            case "gone":
                talking.machine.gone()
            case _:
                talking.client.fault = ZeroDivisionError()
                sink.whole(200, JSON, b"{}")
        left = weakref.ref(talking.machine)
        talking.client.bugs.clear()  # its traceback holds what it passed through
        talking.client.fault = None
        for exchange in talking.transports.exchanges:  # a real one lets go of its sink at the end
            del exchange.sink
        del sink, talking.client.talk, talking
        assert left() is None
    finally:
        gc.enable()
