"""One request and its answer: what a connection hears becomes what a sink is told."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator

from reconciler.gateway.transport.base import Failure, Sink
from reconciler.gateway.transport.encoding import EncodingError, Inflater, decoder_for
from reconciler.gateway.transport.failures import explain_loss
from reconciler.gateway.transport.http1.connection import Connection
from reconciler.gateway.transport.http1.origin_pool import OriginPool
from reconciler.gateway.transport.http1.request_head import RequestHead
from reconciler.gateway.transport.http1.response import BadResponse, Headers, ResponseParser

log = logging.getLogger(__name__)

CLOSED = "the gateway closed the connection"
MISHANDLED = "the gateway failed to handle the answer"


class HttpExchange:
    """Not started by its constructor. It takes itself out of those `under_way` once it needs nothing any more, and keeps its
    `owner` alive until then. While paused, what was read already is held: one reading of the socket, at most
    a few; the rest waits at the upstream.
    """

    _connection: Connection | None = None
    _connect_seconds = 0.0
    _retried = False
    _told_head = False
    _paused = False
    _over = False
    _fault: tuple[Failure, str] | None = None
    _inflater: Inflater | None = None
    _held: deque[bytes] | None = None
    _pieces: Iterator[bytes] | None = None

    def __init__(
        self,
        owner: object,
        under_way: set["HttpExchange"],
        pool: OriginPool,
        head: RequestHead,
        body: bytes,
        sink: Sink,
    ) -> None:
        self._owner = owner
        self._under_way = under_way
        self._pool = pool
        self._head = head
        self._body = body
        self._sink: Sink | None = sink
        self._flow: ResponseParser | None = None

    def start(self, connect_seconds: float) -> None:
        """Calls nothing of the sink's."""
        self._under_way.add(self)
        self._connect_seconds = connect_seconds
        connection = self._pool.take()
        if connection is None:
            self._pool.make(self, connect_seconds)
        else:
            self.connected(connection)

    # --- for who asked --------------------------------------------------------------------------------------

    def pause(self) -> None:
        self._paused = True
        self._flow = None
        if self._told_head and self._connection is not None:
            self._connection.pause()

    def resume(self) -> None:
        if not self._paused or self._sink is None:
            return
        self._paused = False
        if self._connection is not None:
            self._connection.resume()
        asyncio.get_running_loop().call_soon(self._go_on)

    def cancel(self) -> None:
        if self._sink is not None:
            self._sink = None
            self._release()

    def fail(self, failure: Failure, reason: str) -> None:
        """Ends it from this side."""
        sink = self._sink
        self.cancel()
        if sink is not None:
            try:
                sink.error(failure, reason)
            except Exception:
                log.exception("an exchange ended with a bug")

    # --- from the pool --------------------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        """Calls nothing of the sink's: it may come from within `open`, or from the end of another exchange."""
        self._connection = connection
        try:
            connection.send(self, self._head, self._body)
        except (OSError, RuntimeError) as error:  # TLS is beyond use, or the loop's socket is
            connection.close()
            asyncio.get_running_loop().call_soon(self.lost, error)

    def unconnected(self, failure: Failure, reason: str) -> None:
        self.fail(failure, reason)

    # --- from the connection, and from the deadline ---------------------------------------------------------

    def received(self, fault: str | None) -> None:
        connection = self._connection
        try:
            answer, sink = self._flow, self._sink
            if answer is not None and fault is None and sink is not None and not answer.complete:
                pieces = answer.pieces  # the middle of an answer, as most of a stream is
                if pieces:
                    sink.data(pieces.pop() if len(pieces) == 1 else answer.take())
                return
            if fault is None and connection is not None and not self._paused:
                answer = connection.answer
                if not self._told_head:
                    if (
                        answer.complete and not answer.coding
                    ):  # all of it came in one reading, as most plain ones do
                        self._whole(connection)
                        return
                elif self._inflater is None and self._held is None and not answer.complete:
                    self._flow = answer
                    body = answer.take()
                    if body and self._sink is not None:
                        self._sink.data(body)
                    return
            self._received(fault)
        except EncodingError as error:
            self.fail(Failure.BROKEN, str(error))
        except Exception as error:  # noqa: BLE001  the loop is no place for it
            self._bug(error)

    def lost(self, error: Exception | None) -> None:
        connection, self._connection = self._connection, None
        self._flow = None
        if connection is None:
            return
        if connection.reused and not connection.answered and not self._retried:
            self._retried = True  # it died of old age, just as it was used
            self._pool.make(self, self._connect_seconds, fresh=True)
            return
        if error is not None:
            self._fault = Failure.BROKEN, explain_loss(error)
        else:
            try:
                connection.answer.end_of_input(sure=connection.ends_surely)
                self._over = True
            except BadResponse as bad:
                self._fault = Failure.BROKEN, str(bad)
        self._go_on()

    # --- to the sink, which may pause or cancel at any call -------------------------------------------------

    def _received(self, fault: str | None) -> None:
        connection = self._connection
        if connection is None:
            return
        answer = connection.answer
        body = answer.take()
        if answer.status and not self._told_head:
            self._tell_head(answer.status, answer.headers, answer.coding)
            if self._sink is None:
                return
        self._note_end(connection, fault)
        if self._held is None and self._inflater is None and not self._paused and self._sink is not None:
            if body:
                self._sink.data(body)
            if self._over or self._fault is not None:
                self._pass_on()
        else:
            self._hold(body)
            self._pass_on()

    def _whole(self, connection: Connection) -> None:
        sink, self._sink = self._sink, None
        answer = connection.answer
        status, headers, body = answer.status, answer.headers, answer.take()
        self._over = self._told_head = True
        self._connection = None
        if connection.finish():
            self._pool.put_back(connection)
        self._under_way.discard(self)
        if sink is not None:
            sink.whole(status, headers, body)

    def _note_end(self, connection: Connection, fault: str | None) -> None:
        """Where this is the end, the connection is let go before the sink is told: it may have a next request."""
        if connection.answer.complete:
            self._over = True
            self._connection = self._flow = None
            if self._paused:
                connection.resume()  # the pause is this exchange's alone
            if connection.finish():
                self._pool.put_back(connection)
        elif fault is not None:
            self._fault = Failure.BROKEN, fault
            self._connection = self._flow = None
            connection.close()

    def _tell_head(self, status: int, headers: Headers, coding: str) -> None:
        """Raises EncodingError, before the head is told."""
        self._told_head = True
        self._body = b""
        self._inflater = decoder_for(coding) if coding else None
        if self._inflater is not None:
            headers = tuple(item for item in headers if item[0] not in {"content-encoding", "content-length"})
        if self._sink is not None:
            self._sink.head(status, headers)
        if self._paused:
            self.pause()

    def _hold(self, body: bytes) -> None:
        if body:
            if self._held is None:
                self._held = deque()
            self._held.append(body)

    def _go_on(self) -> None:
        try:
            self._pass_on()
        except EncodingError as error:
            self.fail(Failure.BROKEN, str(error))
        except Exception as error:  # noqa: BLE001  the loop is no place for it
            self._bug(error)

    def _pass_on(self) -> None:
        """What is held, and the end where it is known."""
        while self._sink is not None and not self._paused:
            piece = self._next_piece()
            if piece is None:
                self._end()
                return
            self._sink.data(piece)

    def _next_piece(self) -> bytes | None:
        while True:
            piece = None if self._pieces is None else next(self._pieces, None)
            if piece is not None:
                return piece
            if not self._held:
                self._held = None
                return None
            chunk = self._held.popleft()
            self._pieces = iter((chunk,)) if self._inflater is None else self._inflater.feed(chunk)

    def _end(self) -> None:
        if self._fault is not None:
            self.fail(*self._fault)
        elif self._over and self._sink is not None:
            if self._inflater is not None:
                self._inflater.finish()
            sink, self._sink = self._sink, None
            self._release()
            sink.end()

    def _release(self) -> None:
        """Once, when nothing more is to be told."""
        connection, self._connection = self._connection, None
        self._flow = None
        if connection is not None:
            connection.close()
        elif not self._over:
            self._pool.give_up(self)
        self._held = None
        self._under_way.discard(self)

    def _bug(self, error: Exception) -> None:
        log.error("an exchange ended with a bug", exc_info=error)
        self.fail(Failure.BROKEN, MISHANDLED)
