import asyncio
import logging
from collections.abc import Iterable, Iterator

import pytest
from fakes.loop import on_loop
from fakes.sink import RecordingSink
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.waiting import turns

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.translated import MAX_REQUESTS, TranslatedTransport
from reconciler.protocol.errors import invalid_body
from reconciler.provider_types.base import Endpoint, Head, Headers, Step, UpstreamRequest
from reconciler.provider_types.translation import Malformed, refused
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Timeouts, Upstream

PATIENT = Timeouts(connect=10, total=10)


class Shouting:
    """Writes in capitals. `!` is malformed, `?` a bug; `>` asks for the next request; `#` gives its head once more."""

    def __init__(self, further: UpstreamRequest | None = None, *, late: bool = False) -> None:
        self._further = further
        self._late = late
        self._begun = False

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        self._head = Head(status, headers)
        return () if self._late else self._begin()

    def _begin(self) -> Iterator[Step]:
        if not self._begun:
            self._begun = True
            yield self._head

    def feed(self, chunk: bytes) -> Iterator[Step]:
        for character in chunk.decode():
            if character == "!":
                raise Malformed("an exclamation mark")
            if character == "?":
                raise ZeroDivisionError
            if character == "#":
                yield self._head
            elif character == ">" and self._further is not None:
                yield self._further
            elif character == "<":
                yield b"too early"
            else:
                yield from self._begin()
                yield character.upper().encode()

    def finish(self) -> Iterable[Step]:
        return (b".",) if self._begun else ()


def request(further: UpstreamRequest | None = None, *, late: bool = True, url: str = "u") -> UpstreamRequest:
    return UpstreamRequest("POST", url, (), b"", Shouting(further, late=late))


class Stand:
    """One request, opened; `upstream` is the exchange of the transport below."""

    def __init__(self, asked: UpstreamRequest | None = None, sink: RecordingSink | None = None) -> None:
        self.scripted = ScriptedTransports()
        upstream = Upstream(ResourceKey("Provider", "default", "p"), "none", None, "", 1)  # type: ignore[arg-type]  # nobody asks it
        self.transport = TranslatedTransport(self.scripted.get(upstream))
        self.sink = RecordingSink() if sink is None else sink
        self.exchange = self.transport.open(asked or request(), self.sink, PATIENT)

    @property
    def upstream(self) -> ScriptedExchange:
        return self.scripted.exchanges[-1]

    def seen(self) -> tuple[int | None, bytes, bool, Failure | None]:
        self.sink.check()
        return self.sink.status, self.sink.body, self.sink.ended, self.sink.failure


@on_loop
async def test_what_a_sink_hears_is_translated() -> None:
    stand = Stand()
    stand.upstream.sink.head(201, (("a", "b"),))
    assert stand.seen() == (None, b"", False, None)  # its head waits for what is an answer
    stand.upstream.sink.data(b"ab")
    assert (stand.sink.headers, stand.sink.chunks) == ((("a", "b"),), [b"AB"])
    stand.upstream.sink.data(b"c")
    stand.upstream.sink.end()
    assert stand.seen() == (201, b"ABC.", True, None)


@on_loop
async def test_a_request_without_a_translator_is_the_transports_own() -> None:
    stand = Stand(UpstreamRequest("POST", "u", (), b""))
    assert stand.upstream.sink is stand.sink
    assert stand.exchange is stand.upstream


@on_loop
async def test_what_comes_at_once_is_told_at_once() -> None:
    stand = Stand()
    stand.upstream.sink.whole(200, (), b"abc")
    assert stand.seen() == (200, b"ABC.", True, None)
    assert stand.sink.at_once
    again = Stand(request(late=False))
    again.upstream.sink.whole(200, (), b"")
    assert (again.seen(), again.sink.at_once) == ((200, b".", True, None), True)


@pytest.mark.parametrize("at_once", [True, False])
@on_loop
async def test_a_malformed_answer_is_a_broken_upstream(at_once: bool) -> None:
    stand = Stand()
    if at_once:
        stand.upstream.sink.whole(200, (), b"ab!c")
    else:
        stand.upstream.sink.head(200, ())
        stand.upstream.sink.data(b"ab!c")
        assert stand.upstream.cancelled
    assert stand.seen() == (200, b"AB", False, Failure.BROKEN)
    assert stand.sink.reason == "an exclamation mark"


@on_loop
async def test_a_malformed_answer_before_its_head_has_none() -> None:
    stand = Stand()
    stand.upstream.sink.whole(200, (), b"!")
    assert stand.seen() == (None, b"", False, Failure.BROKEN)


@on_loop
async def test_an_answer_without_a_head_is_none() -> None:
    stand = Stand()
    stand.upstream.sink.head(200, ())
    stand.upstream.sink.end()
    assert stand.seen() == (None, b"", False, Failure.BROKEN)
    whole = Stand()
    whole.upstream.sink.whole(200, (), b"")
    assert whole.seen() == (None, b"", False, Failure.BROKEN)


@pytest.mark.parametrize("chunk", [b"?", b"<", b"a#"])
@on_loop
async def test_a_translators_bug_breaks_its_answer_alone(
    chunk: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    stand = Stand()
    stand.upstream.sink.head(200, ())
    stand.upstream.sink.data(chunk)
    stand.sink.check()
    assert (stand.sink.failure, stand.sink.reason) == (
        Failure.BROKEN,
        "the gateway failed to translate the answer",
    )
    assert "because of a bug" in caplog.text


@on_loop
async def test_a_broken_upstream_is_one() -> None:
    stand = Stand()
    stand.upstream.sink.head(200, ())
    stand.upstream.sink.data(b"a")
    stand.upstream.sink.error(Failure.TIMEOUT, "late")
    assert stand.seen() == (200, b"A", False, Failure.TIMEOUT)


@on_loop
async def test_pauses_and_cancels_reach_the_upstream() -> None:
    stand = Stand()
    stand.exchange.pause()
    assert stand.upstream.paused
    stand.exchange.resume()
    assert not stand.upstream.paused
    stand.upstream.sink.head(200, ())
    stand.sink.cancel(stand.exchange)
    assert stand.upstream.cancelled
    stand.upstream.sink.data(b"a")
    stand.upstream.sink.error(Failure.BROKEN, "")
    stand.upstream.sink.whole(200, (), b"")
    stand.exchange.cancel()
    stand.sink.check()


class Leaving(RecordingSink):
    """Cancels as soon as it hears of a head."""

    stand: Stand | None = None

    def head(self, status: int, headers: Headers) -> None:
        super().head(status, headers)
        assert self.stand is not None
        self.cancel(self.stand.exchange)


@on_loop
async def test_a_sink_may_cancel_when_it_hears_the_head() -> None:
    sink = Leaving()
    sink.stand = stand = Stand(sink=sink)
    stand.upstream.sink.head(200, ())
    stand.upstream.sink.data(b"ab")
    assert stand.seen() == (200, b"", False, None)


@pytest.mark.parametrize("at_once", [True, False])
@on_loop
async def test_an_answer_may_be_another_requests(at_once: bool) -> None:
    stand = Stand(request(request(url="second")))
    first = stand.upstream
    stand.exchange.pause()
    if at_once:
        first.sink.whole(200, (), b">ignored")
    else:
        first.sink.head(200, ())
        first.sink.data(b">ignored")
        assert first.cancelled
    second = stand.upstream
    assert (second.request.url, second.paused) == ("second", True)
    second.sink.head(202, ())
    second.sink.data(b"x")
    assert stand.sink.chunks == [b"X"]
    second.sink.end()
    assert stand.seen() == (202, b"X.", True, None)


@on_loop
async def test_an_answer_takes_so_many_requests_at_most() -> None:
    asked = request()
    for _ in range(MAX_REQUESTS):
        asked = request(asked)
    stand = Stand(asked)
    for _ in range(MAX_REQUESTS):
        stand.upstream.sink.whole(200, (), b">")
    assert len(stand.scripted.exchanges) == MAX_REQUESTS
    assert stand.seen() == (None, b"", False, Failure.BROKEN)


@on_loop
async def test_no_other_request_follows_a_head() -> None:
    stand = Stand(request(request()))
    stand.upstream.sink.head(200, ())
    stand.upstream.sink.data(b"a>")
    assert stand.seen() == (200, b"A", False, Failure.BROKEN)
    assert len(stand.scripted.exchanges) == 1


@on_loop
async def test_what_is_refused_is_never_asked() -> None:
    stand = Stand(refused(invalid_body("no"), Endpoint.CHAT))
    assert stand.scripted.exchanges == []
    assert stand.seen() == (None, b"", False, None)  # never from inside open
    stand.exchange.pause()
    stand.exchange.resume()
    await turns()
    assert (stand.sink.status, stand.sink.ended, stand.sink.at_once) == (400, True, True)
    gone = Stand(refused(invalid_body("no"), Endpoint.CHAT))
    gone.sink.cancel(gone.exchange)
    await turns()
    gone.sink.check()


def test_the_rest_is_the_transports_own() -> None:
    class Counting:
        calls: tuple[str, ...] = ()

        def open(self, *_: object) -> ScriptedExchange:
            raise AssertionError("nobody asks")

        def retire(self) -> None:
            self.calls += ("retire",)

        async def aclose(self) -> None:
            self.calls += ("aclose",)

    inner = Counting()
    transport = TranslatedTransport(inner)
    transport.retire()
    asyncio.run(transport.aclose())
    assert inner.calls == ("retire", "aclose")
