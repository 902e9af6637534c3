"""uvicorn's protocol, with a way around ASGI: POSTs to the hot paths are served by callbacks, all else as ever.

Requests of one connection are answered in the order in which they came, hot or not: each is a turn in one queue, and
only the first of it is under way. While others wait, what may be read ahead is bounded.

Ours is the queue (`turns`), the timer (`slow_clients`), heads that are known (`head`), and what is done at the end of an answer, of a
connection and of the server. uvicorn's is parsing and ASGI.
"""

import math
from asyncio import AbstractEventLoop, Transport
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
from reconciler.listener.head import (
    Head,
    KnownHeads,
    expects_continue,
    named_twice,
    path_of,
)
from reconciler.listener.hot import HotPaths, Service
from reconciler.listener.hot_turn import Turn, half_close, last_answer
from reconciler.listener.sockets import let_others_accept
from reconciler.listener.turns import Turns
from reconciler.listener.upgrades import declined

_Shared = tuple[
    HotPaths, dict[bytes, tuple[str, Service]], KnownHeads, dict[ServerState, DefaultHeaders], Cork, bool
]
"""What all connections share: the second are the services of the first by raw path, the last whether other processes accept
from the same socket.
"""


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
        self.url = b""  # also what is no request yet may be refused
        self._hot, self._targets, heads, stamps, self._cork, self._among_others = shared
        stamp = stamps.get(server_state)
        if stamp is None:
            stamp = stamps[server_state] = DefaultHeaders(server_state)
        self._stamp = stamp
        self._turns = Turns(self, self.loop, server_state, self._hot, heads, stamp)
        self._receiving: Turn | None = None
        self._declining = self._head_is_large = False
        self._framing = self._head_size = 0
        self._head_since: float | None = None
        self._heard: float | None = None
        self._lingering_until: float | None = None
        self._unread = slow.Unread()

    # --- what comes in --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        turns = self._turns
        if turns.deaf:
            return
        turns.idle_since = None
        fresh = turns.may_know()
        if fresh and turns.take(data):
            return
        continues = turns.in_head
        if len(data) > slow.MAX_HEAD:
            self._head_is_large = True  # or may be
        self._framing += len(data)
        self._feed(data)
        if fresh:
            turns.learn(data)
        if turns.in_head:
            self._heard_of_head(len(data) if continues or not turns.queue else 0)
        elif self._framing > slow.MAX_HEAD:
            self._complain(slow.LARGE_TRAILER)
        self._read_ahead(len(data))
        turns.go_on()

    def _read_ahead(self, size: int) -> None:
        turns = self._turns
        if len(turns.queue) > 1:
            turns.ahead += size
            if turns.ahead > slow.READ_AHEAD:
                self.flow.pause_reading()

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._declined_upgrade() + data[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                if self._turns.complaint is None:
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
        self._turns.between = False
        self._turns.in_head = True
        self._head_since = None

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._turns.in_head:  # those of a trailer are nobody's business (RFC 9110, 6.5.1)
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        turns = self._turns
        turns.in_head = False
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
        turn = turns.turn_of(Head(target, self.headers))
        if parser.get_http_version() != "1.1":
            turn.keep_alive = turn.modern = False
        elif turns.stopping or not parser.should_keep_alive():
            turn.keep_alive = False
        self._receiving = turn
        turns.queue.append(turn)

    def on_body(self, body: bytes) -> None:
        self._framing = 0
        if self._receiving is None:
            super().on_body(body)
        else:
            self._receiving.feed(body)

    def on_message_complete(self) -> None:
        self._turns.between = True
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
        turns = self._turns
        turns.deaf = True
        turns.in_head = False
        turns.complaint = complaint
        if turns.queue and not turns.queue[-1].received:
            cut = turns.queue.pop()
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
        if self._turns.stopping:
            turn.keep_alive = False
        self._turns.queue.append(turn)

    # --- for its turns --------------------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        """For uvicorn's cycles."""
        self._turns.over()

    def await_body(self) -> None:
        self._heard = self.loop.time()
        self._watch.sooner(slow.BODY_SECONDS)

    def tell(self, complaint: slow.Complaint) -> None:
        answer = self._hot.refuse(*complaint, (path_of(self.url) or b"").decode("latin-1"))
        self.transport.write(last_answer(complaint.status, self._stamp.lines(), answer))
        self.linger()

    def linger(self) -> None:
        """A socket that is closed with bytes unread is reset, and the answer may be lost: so they are read first."""
        self._turns.deaf = True
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
        queue = turns.queue
        if self._lingering_until is not None:
            yield slow.Wait(self._lingering_until, self.transport.close)
        elif turns.idle_since is not None:
            yield slow.Wait(turns.idle_since + self.timeout_keep_alive, self.transport.close)
        elif turns.in_head and self._head_since is not None:
            yield slow.Wait(self._head_since + slow.HEAD_SECONDS, self._late_head)
        elif len(queue) == 1 and not queue[0].received and not self.flow.read_paused:
            yield slow.Wait((self._heard or now) + slow.BODY_SECONDS, self._late_body)

    def _late_head(self) -> None:
        self._complain(slow.LATE_HEAD)
        if not self._turns.queue:
            self._turns.rest()

    def _late_body(self) -> None:
        turn = self._turns.queue[0]
        if isinstance(turn, ColdTurn):
            self._complain(slow.LATE_BODY)
            self._turns.rest()
        else:
            turn.late(slow.BODY_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        """Uvicorn's timer is never set: the watch looks at that, too."""

    def _unset_keepalive_if_required(self) -> None:
        """As above."""

    # --- the connection -------------------------------------------------------------------------------------

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        if self._among_others:
            let_others_accept()
        self._corked = Corked(transport, self._cork)
        super().connection_made(cast(Transport, self._corked))
        self._turns.made(self.transport, self.flow)
        self._watch = slow.Watch(self.loop, self._waits)

    def eof_received(self) -> None:
        """The loop closes its transport then, behind what it was given before."""
        self._corked.flush()

    def pause_writing(self) -> None:
        super().pause_writing()
        turns = self._turns
        turns.write_paused = True
        if turns.queue:
            turns.queue[0].blocked()

    def resume_writing(self) -> None:
        super().resume_writing()
        turns = self._turns
        turns.write_paused = False
        self._unread.taken()
        self.flow.resume_reading()
        if turns.queue:
            turns.queue[0].writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.lost()
        self._turns.lost()
        self._receiving = None
        self._corked.lost()
        super().connection_lost(exc)

    def retire(self, seconds: float) -> None:
        """The next request is the last, and hears so: none is cut off. For that so many seconds are waited."""
        self._turns.stopping = True
        self.timeout_keep_alive = math.ceil(seconds)
        self._watch.sooner(seconds)

    def shutdown(self) -> None:
        """The server stops: what was asked is answered, also what is only half asked yet."""
        turns = self._turns
        turns.stopping = True
        if turns.queue:
            turns.queue[-1].keep_alive = False
        elif not turns.in_head:
            self.transport.close()


def hot_protocol(hot: HotPaths, *, among_others: bool = False) -> type[HotProtocol]:
    """What uvicorn takes for `http`, and calls. Nobody derives from what may be compiled."""
    targets = {path.encode(): (path, service) for path, service in hot.services.items()}
    return cast(
        type[HotProtocol], partial(HotProtocol, (hot, targets, KnownHeads(), {}, Cork(), among_others))
    )
