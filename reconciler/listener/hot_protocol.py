"""uvicorn's protocol, with a way around ASGI: POSTs to the hot paths are served by callbacks, all else as ever.

Requests of one connection are answered in the order in which they came, hot or not: each is a turn in one queue, and
only the first of it is under way. While others wait, what may be read ahead is bounded.

Ours is the queue, the timer (`slow_clients`), heads that are known (`head`), and what is done at the end of an answer, of a
connection and of the server. uvicorn's is parsing and ASGI.
"""

import math
from asyncio import AbstractEventLoop, Transport
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import httptools
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from reconciler.listener import slow_clients as slow
from reconciler.listener.client_certificate import tell_certificate
from reconciler.listener.cold_turn import ColdTurn
from reconciler.listener.cork import Cork, Corked
from reconciler.listener.default_headers import DefaultHeaders
from reconciler.listener.head import STRANGE, Head, KnownHeads, expects_continue, named_twice, path_of
from reconciler.listener.hot import HotPaths, Service
from reconciler.listener.hot_turn import Turn, half_close, last_answer
from reconciler.listener.upgrades import declined

_Shared = tuple[
    HotPaths, dict[bytes, tuple[str, Service]], KnownHeads, dict[ServerState, DefaultHeaders], Cork
]
"""What all connections share: the second are the services of the first by raw path."""


class HotProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        shared: _Shared,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._hot, self._targets, self._heads, stamps, self._cork = shared
        stamp = stamps.get(server_state)
        if stamp is None:
            stamp = stamps[server_state] = DefaultHeaders(server_state)
        self._stamp = stamp
        self._turns: deque[Turn | ColdTurn] = deque()
        self._receiving: Turn | None = None
        self._between = True
        self._advancing = self._stopping = self._deaf = self._declining = False
        self._in_head = self._head_is_large = False
        self._ahead = self._framing = self._strange = self._head_size = 0
        self._head_since: float | None = None
        self._heard: float | None = None
        self._idle_since: float | None = None
        self._lingering_until: float | None = None
        self._complaint: slow.Complaint | None = None
        self._unread = slow.Unread()

    # --- what comes in --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._idle_since = None
        turns = self._turns
        fresh = self._between and not turns and self._strange < STRANGE
        if fresh and (known := self._heads.find(data)) is not None:
            self._begin(*known)
            return
        continues = self._in_head
        if len(data) > slow.MAX_HEAD:
            self._head_is_large = True  # or may be
        self._framing += len(data)
        self._feed(data)
        if fresh:
            self._learn(data)
        if self._in_head:
            self._heard_of_head(len(data) if continues or not turns else 0)
        elif self._framing > slow.MAX_HEAD:
            self._complain(slow.LARGE_TRAILER)
        self._read_ahead(len(data))
        self._go_on()

    def _begin(self, head: Head, body: bytes) -> None:
        """A request that was known by its head."""
        turn = Turn(self._hot, head, self.transport, self._stamp, self.on_response_complete)
        turn.feed(body)
        turn.received = True
        turn.keep_alive = not self._stopping
        self._turns.append(turn)
        self._go_on()

    def _learn(self, data: bytes) -> None:
        self._strange += 1
        turn = self._turns[0] if len(self._turns) == 1 else None
        if self._between and isinstance(turn, Turn) and turn.received and turn.keep_alive:
            self._heads.learn(data, turn.asked)

    def _read_ahead(self, size: int) -> None:
        if len(self._turns) > 1:
            self._ahead += size
            if self._ahead > slow.READ_AHEAD:
                self.flow.pause_reading()

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._declined_upgrade() + data[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                if self._complaint is None:
                    invalid = slow.invalid(error)
                    self.logger.warning(invalid.message)
                    self._complain(invalid)
                return
            else:
                return

    def _declined_upgrade(self) -> bytes:
        parser = self.parser
        self._declining = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own
        return declined(parser.get_method(), self.url, parser.get_http_version(), self.headers)

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self._between = False
        self._in_head = True
        self._head_since = None

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # those of a trailer are nobody's business (RFC 9110, 6.5.1)
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._framing = 0
        strange = slow.unknown_coding(self.headers)
        if strange is not None or self._head_is_large or len(self.headers) > slow.MAX_HEADERS:
            self._check_head(strange)
        parser = self.parser
        method = parser.get_method()
        if parser.should_upgrade() and method != b"CONNECT":
            self._declining = True
            return
        target = (self._targets.get(self.url) if method == b"POST" else None) or self._target(method)
        if target is None:
            self._receiving = None
            self._hand_to_asgi()
            return
        head = Head(target, self.headers)
        turn = Turn(self._hot, head, self.transport, self._stamp, self.on_response_complete)
        if parser.get_http_version() != "1.1":
            turn.keep_alive = turn.modern = False
        elif self._stopping or not parser.should_keep_alive():
            turn.keep_alive = False
        self._receiving = turn
        self._turns.append(turn)

    def on_body(self, body: bytes) -> None:
        self._framing = 0
        if self._receiving is None:
            super().on_body(body)
        else:
            self._receiving.feed(body)

    def on_message_complete(self) -> None:
        self._between = True
        if self._declining:
            return
        if self._receiving is None:
            super().on_message_complete()
        else:
            self._receiving.received = True

    def send_400_response(self, msg: str) -> None:
        """Where uvicorn's own reading finds something wrong."""
        self._complain(slow.INVALID._replace(message=msg))

    def _complain(self, complaint: slow.Complaint) -> None:
        """Nothing after this is understood, or waited for. Requests before it get their answers first."""
        self._deaf = True
        self._in_head = False
        self._complaint = complaint
        if self._turns and not self._turns[-1].received:
            cut = self._turns.pop()
            if cut.started:
                cut.gone()
            if isinstance(cut, ColdTurn) and cut.cycle.response_started:
                self.transport.close()

    def _heard_of_head(self, size: int) -> None:
        """It is not complete. `size` bytes came of it; what came with all else is counted when it is."""
        if self._head_since is None:
            self._head_since, self._head_size = self.loop.time(), 0
            self._watch.sooner(slow.HEAD_SECONDS)
        self._head_size += size
        if self._head_size > slow.MAX_HEAD:
            self._complain(slow.LARGE_HEAD)
        self._head_is_large = self._head_is_large or self._head_size > 0

    def _check_head(self, complaint: slow.Complaint | None) -> None:
        """Raises ValueError where it is too large, or as it says: the parser passes it on as an error of its own."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > slow.MAX_HEAD or len(self.headers) > slow.MAX_HEADERS:
            complaint = slow.LARGE_HEAD
        if complaint is not None:
            self._complain(complaint)
            raise ValueError(complaint.code)

    def _target(self, method: bytes) -> tuple[str, Service] | None:
        """Who serves this request by callbacks. The path is the one that ASGI would be told."""
        self.headers = named_twice(self.url, self.headers)
        path = path_of(self.url) if method == b"POST" else None
        return None if path is None else self._targets.get(path)

    def _hand_to_asgi(self) -> None:
        """The scope is made only now: what is hot needs none."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        tell_certificate(self.scope, self.transport)
        self.url = url
        self.expect_100_continue = expects_continue(headers)
        self.headers.extend(headers)
        self.cycle = None  # type: ignore[assignment]  # as in its constructor: the queue is ours
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Called where uvicorn would start it at once."""
        turn = ColdTurn(cycle, app, super()._start_asgi_task)
        if self._stopping:
            turn.keep_alive = False
        self._turns.append(turn)

    # --- one after the other --------------------------------------------------------------------------------

    def _go_on(self) -> None:
        self._advance() if self._turns else self._rest()
        if self.flow.write_paused:  # who reads no answers may ask no more
            self.flow.pause_reading()

    def _advance(self) -> None:
        """As far as it goes now. A loop: many answers may be ready at once."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._turns:
                first = self._turns[0]
                first.proceed()
                if self._turns and self._turns[0] is first:
                    if self.flow.write_paused:
                        first.blocked()
                    if not first.received:
                        self._heard = self.loop.time()
                        self._watch.sooner(slow.BODY_SECONDS)
                    return
        finally:
            self._advancing = False
        self._rest()

    def on_response_complete(self) -> None:
        """The first turn's answer is written to its end."""
        self.server_state.total_requests += 1
        turns = self._turns
        done = turns.popleft() if turns else None
        if self.transport.is_closing():
            turns.clear()
            return
        if not (done is None or done.keep_alive or isinstance(done, ColdTurn)):
            turns.clear()
            if done.received:
                self.transport.close()
            else:
                self._linger()
            return
        self._ahead = 0
        if self.flow.read_paused:  # for what was read ahead, or for a body that its app did not read
            self.flow.resume_reading()
        if turns:
            self._advance()
        elif not self._advancing:  # else the loop there goes on
            self._rest()

    def _rest(self) -> None:
        """Nothing is to be answered."""
        if self._complaint is not None and not self.transport.is_closing():
            complaint, self._complaint = self._complaint, None
            self._tell(complaint)
        elif not (self._deaf or self._in_head):  # whoever closes it has said so, or soon will
            self._idle_since = self.loop.time()

    def _tell(self, complaint: slow.Complaint) -> None:
        answer = self._hot.refuse(*complaint, (path_of(self.url) or b"").decode("latin-1"))
        self.transport.write(last_answer(complaint.status, self._stamp(), answer))
        self._linger()

    def _linger(self) -> None:
        """A socket that is closed with bytes unread is reset, and the answer may be lost: so they are read first."""
        self._deaf = True
        self.flow.resume_reading()
        half_close(self.transport)
        self._lingering_until = self.loop.time() + slow.LINGER
        self._watch.sooner(slow.LINGER)

    # --- what is waited for ---------------------------------------------------------------------------------

    def _waits(self, now: float) -> Iterator[slow.Wait]:
        """For the watch. Nothing of it is waited for while an upstream is."""
        stalled = self._unread.since(self.transport.get_write_buffer_size(), now)
        if stalled is not None:
            yield slow.Wait(stalled + slow.STALL_SECONDS, self.transport.abort)
        if self.transport.is_closing():
            return
        turns = self._turns
        if self._lingering_until is not None:
            yield slow.Wait(self._lingering_until, self.transport.close)
        elif self._idle_since is not None:
            yield slow.Wait(self._idle_since + self.timeout_keep_alive, self.transport.close)
        elif self._in_head and self._head_since is not None:
            yield slow.Wait(self._head_since + slow.HEAD_SECONDS, self._late_head)
        elif len(turns) == 1 and not turns[0].received and not self.flow.read_paused:
            yield slow.Wait((self._heard or now) + slow.BODY_SECONDS, self._late_body)

    def _late_head(self) -> None:
        self._complain(slow.LATE_HEAD)
        if not self._turns:
            self._rest()

    def _late_body(self) -> None:
        turn = self._turns[0]
        if isinstance(turn, ColdTurn):
            self._complain(slow.LATE_BODY)
            self._rest()
        else:
            turn.late(slow.BODY_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        """Uvicorn's timer is never set: the watch looks at that, too."""

    def _unset_keepalive_if_required(self) -> None:
        """As above."""

    # --- the connection -------------------------------------------------------------------------------------

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        self._corked = Corked(transport, self._cork)
        super().connection_made(cast(Transport, self._corked))
        self._idle_since = self.loop.time()
        self._watch = slow.Watch(self.loop, self._waits)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._turns:
            self._turns[0].blocked()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread.taken()
        self.flow.resume_reading()
        if self._turns:
            self._turns[0].writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.end()
        turns, self._turns = self._turns, deque()
        for turn in turns:
            if turn.started:
                turn.gone()
        self._receiving = None
        self._corked.lost()
        super().connection_lost(exc)

    def retire(self, seconds: float) -> None:
        """The next request is the last, and hears so: none is cut off. For that so many seconds are waited."""
        self._stopping = True
        self.timeout_keep_alive = math.ceil(seconds)
        self._watch.sooner(seconds)

    def shutdown(self) -> None:
        """The server stops: what was asked is answered, also what is only half asked yet."""
        self._stopping = True
        if self._turns:
            self._turns[-1].keep_alive = False
        elif not self._in_head:
            self.transport.close()


def hot_protocol(hot: HotPaths) -> type[HotProtocol]:
    """What uvicorn takes for `http`, and calls. Nobody derives from what may be compiled."""
    targets = {path.encode(): (path, service) for path, service in hot.services.items()}
    return cast(type[HotProtocol], partial(HotProtocol, (hot, targets, KnownHeads(), {}, Cork())))
