"""Around the transport of an upstream that speaks another wire: what its client hears is in the client's protocol.

It moves what a transport says through the translator that the request bears, and knows no wire itself. How one is
written stands in provider_types/translation.py.
"""

import asyncio
import logging
from collections.abc import Iterable

from reconciler.gateway.transport.base import Exchange, Failure, Sink, Transport
from reconciler.provider_types.base import Head, Headers, Step, Translator, UpstreamRequest
from reconciler.provider_types.translation import Malformed, Unasked
from reconciler.snapshot.model import Timeouts

MAX_REQUESTS = 4
"""That one request of a client may become at its upstream, one after the other."""

MISHANDLED = "the gateway failed to translate the answer"

log = logging.getLogger(__name__)


class TranslatedTransport:
    """Fits transport.base.Transport."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        if request.translator is None:
            return self._inner.open(request, sink, timeouts)
        exchange = TranslatedExchange(self._inner, sink, timeouts)
        exchange.start(request)
        return exchange

    def retire(self) -> None:
        self._inner.retire()

    async def aclose(self) -> None:
        await self._inner.aclose()


class TranslatedExchange:
    """An Exchange for who asked, and the Sink of the transport's own. A sink may cancel in any of its methods."""

    _translator: Translator
    _exchange: Exchange | None = None
    _paused = False
    _begun = False
    _requests = 0

    def __init__(self, inner: Transport, sink: Sink, timeouts: Timeouts) -> None:
        self._inner = inner
        self._sink: Sink | None = sink
        self._timeouts = timeouts

    def start(self, request: UpstreamRequest) -> None:
        """Calls nothing of the sink's."""
        translator = request.translator
        if translator is None:
            raise TypeError("a request that is to be translated bears no translator")
        self._translator = translator
        self._requests += 1
        if isinstance(translator, Unasked):
            asyncio.get_running_loop().call_soon(self.whole, 200, (), b"")
            return
        self._exchange = self._inner.open(request, self, self._timeouts)
        if self._paused:
            self._exchange.pause()

    # --- for who asked --------------------------------------------------------------------------------------

    def pause(self) -> None:
        self._paused = True
        if self._exchange is not None:
            self._exchange.pause()

    def resume(self) -> None:
        self._paused = False
        if self._exchange is not None:
            self._exchange.resume()

    def cancel(self) -> None:
        self._sink = None
        self._let_go()

    # --- from the transport ---------------------------------------------------------------------------------

    def head(self, status: int, headers: Headers) -> None:
        self._go_on(self._translator.head(status, headers))

    def data(self, chunk: bytes) -> None:
        self._go_on(self._translator.feed(chunk))

    def end(self) -> None:
        self._exchange = None
        if self._go_on(self._translator.finish()):
            sink, self._sink = self._sink, None
            if sink is None:
                return
            if self._begun:
                sink.end()
            else:
                sink.error(Failure.BROKEN, "ended without an answer")

    def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """What comes at once is told at once."""
        if self._sink is None:
            return
        self._sink = _Gathered(self._sink)
        first = self._translator
        self.head(status, headers)
        if body and self._translator is first and self._sink is not None:
            self.data(body)
        if self._translator is first and self._sink is not None:
            self.end()

    def error(self, failure: Failure, reason: str) -> None:
        sink, self._sink = self._sink, None
        self._exchange = None
        if sink is not None:
            sink.error(failure, reason)

    # --- what comes of it -----------------------------------------------------------------------------------

    def _go_on(self, steps: Iterable[Step]) -> bool:
        """Whether the answer is still this one."""
        held: list[bytes] = []
        try:
            for step in steps:
                if self._sink is None:
                    return False
                if isinstance(step, UpstreamRequest):
                    self._follow(step)
                    return False
                if isinstance(step, Head):
                    self._begin(step)
                else:
                    held.append(step)
            self._pass(held)
        except Malformed as malformed:
            self._pass(held)
            self._fail(str(malformed))
        except Exception:
            log.exception("an answer could not be translated, because of a bug")
            self._fail(MISHANDLED)
        return self._sink is not None

    def _begin(self, head: Head) -> None:
        if self._begun:
            raise TypeError("a translator gives one head")
        self._begun = True
        if self._sink is not None:
            self._sink.head(*head)

    def _pass(self, held: list[bytes]) -> None:
        if held and not self._begun:
            raise TypeError("a translator gives bytes after its head")
        together = b"".join(held)
        if together and self._sink is not None:
            self._sink.data(together)

    def _follow(self, request: UpstreamRequest) -> None:
        if self._sink is None:
            return
        if self._begun or self._requests == MAX_REQUESTS:
            raise Malformed("what came asks for more requests than one answer may take")
        if isinstance(self._sink, _Gathered):
            self._sink = self._sink.sink
        self._let_go()
        self.start(request)

    def _fail(self, reason: str) -> None:
        sink, self._sink = self._sink, None
        self._let_go()
        if sink is not None:
            sink.error(Failure.BROKEN, reason)

    def _let_go(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()


class _Gathered:
    """In front of a sink that is told of an answer at once, where it is good; else in the pieces that it has."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._head: Head | None = None
        self._body = b""

    def head(self, status: int, headers: Headers) -> None:
        self._head = Head(status, headers)

    def data(self, chunk: bytes) -> None:
        self._body += chunk

    def end(self) -> None:
        if self._head is not None:
            self.sink.whole(*self._head, self._body)

    def whole(self, status: int, headers: Headers, body: bytes) -> None:
        self.sink.whole(status, headers, body)

    def error(self, failure: Failure, reason: str) -> None:
        if self._head is not None:
            self.sink.head(*self._head)
        if self._body:
            self.sink.data(self._body)
        self.sink.error(failure, reason)
