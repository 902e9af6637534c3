"""uvicorn's protocol, with a way around ASGI: POSTs to the hot paths are served by callbacks, all else as ever.

Requests of one connection are answered in the order in which they came, hot or not: each is a turn in one queue, and
only the first of it is under way. While others wait, what may be read ahead is bounded.

What is ours of uvicorn's: the queue, the idle timer, what is done at the end of an answer, of a connection and of the
server. What is uvicorn's: parsing, ASGI, and the answer to what is no HTTP.
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, cast
from urllib.parse import unquote

import httptools
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from reconciler.listener.hot import HotPaths, Service
from reconciler.listener.hot_turn import Turn

READ_AHEAD = 64 * 1024
"""Bytes that may be read behind a request that is under way."""

LINGER = 2.0
"""Seconds that a client has to read its answer and stop sending, where it was refused before all was read."""


_INVALID = "Invalid HTTP request received."
_OF_UPGRADES = frozenset({b"upgrade", b"http2-settings"})


class DefaultHeaders:
    """Those that uvicorn adds to every answer, as bytes; it makes a new list each second."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._seen: list[tuple[bytes, bytes]] = []
        self._written = b""

    def __call__(self) -> bytes:
        headers = self._state.default_headers
        if headers is not self._seen:
            self._seen = headers
            self._written = b"".join([b"%b: %b\r\n" % header for header in headers])
        return self._written


class ColdTurn:
    """A request that goes to ASGI."""

    def __init__(
        self,
        cycle: RequestResponseCycle,
        app: ASGI3Application,
        run: Callable[[RequestResponseCycle, ASGI3Application], None],
    ) -> None:
        self.cycle = cycle
        self.started = False
        self._app = app
        self._run = run

    @property
    def received(self) -> bool:
        return not self.cycle.more_body

    @property
    def keep_alive(self) -> bool:
        return self.cycle.keep_alive

    @keep_alive.setter
    def keep_alive(self, value: bool) -> None:
        self.cycle.keep_alive = value

    def proceed(self) -> None:
        if not self.started:
            self.started = True
            self._run(self.cycle, self._app)

    def gone(self) -> None:
        self.cycle.disconnected = True
        self.cycle.message_event.set()

    def blocked(self) -> None: ...

    def writable(self) -> None: ...


class HotProtocol(HttpToolsProtocol):
    """One connection. `hot` and `targets` are set by `hot_protocol`; the latter are the same services, by raw path."""

    hot: ClassVar[HotPaths]
    targets: ClassVar[dict[bytes, tuple[str, Service]]]
    stamps: ClassVar[dict[ServerState, DefaultHeaders]]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        stamp = self.stamps.get(server_state)
        if stamp is None:
            stamp = self.stamps[server_state] = DefaultHeaders(server_state)
        self._stamp = stamp
        self._turns: deque[Turn | ColdTurn] = deque()
        self._receiving: Turn | None = None
        self._advancing = False
        self._ahead = 0
        self._in_head = False
        self._stopping = False
        self._deaf = False
        self._declining = False
        self._complaint: str | None = None
        self._idle_since: float | None = None
        self._timer: TimerHandle | None = None

    # --- what comes in --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._idle_since = None
        self._feed(data)
        if self._turns:
            if len(self._turns) > 1:
                self._ahead += len(data)
                if self._ahead > READ_AHEAD:
                    self.flow.pause_reading()
            self._advance()
        else:
            self._rest()

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._declined_upgrade() + data[upgrade.args[0] :]
            except httptools.HttpParserError:
                self.logger.warning(_INVALID)
                self.send_400_response(_INVALID)
                return
            else:
                return

    def _declined_upgrade(self) -> bytes:
        """The head of the request as a server reads it that knows of no other protocol (RFC 9110, 7.8).

        llhttp takes what follows such a head for the other protocol, and it is the body: Java's client asks for h2c
        with its first request, POST or not.
        """
        lines = [
            b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        ]
        for name, value in self.headers:
            if name == b"connection":
                options = (option.strip() for option in value.split(b","))
                lines += [
                    b"connection: " + option for option in options if option.lower() not in _OF_UPGRADES
                ]
            elif name not in _OF_UPGRADES:
                lines.append(b"%b: %b" % (name, value))
        self._declining = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own
        return b"\r\n".join((*lines, b"", b""))

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._declining = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if self._declining:
            return
        target = self._target()
        if target is None:
            self._receiving = None
            self._hand_to_asgi()
            return
        parser = self.parser
        turn = Turn(self.hot, target, self.headers, self.transport, self._stamp, self.on_response_complete)
        if not parser.should_keep_alive():
            turn.keep_alive = False
        if parser.get_http_version() == "1.0":
            turn.keep_alive = turn.modern = False
        if self.expect_100_continue:
            turn.expect_continue()
        self._receiving = turn
        self._enqueue(turn)

    def on_body(self, body: bytes) -> None:
        if self._receiving is None:
            super().on_body(body)
        else:
            self._receiving.feed(body)

    def on_message_complete(self) -> None:
        if self._declining:
            return
        if self._receiving is None:
            super().on_message_complete()
        else:
            self._receiving.received = True

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP, and nothing after it can be understood. Requests before it get their answers first."""
        self._deaf = True
        self._complaint = msg
        if self._turns and not self._turns[-1].received:
            cut = self._turns.pop()
            if cut.started:
                cut.gone()
            if isinstance(cut, ColdTurn) and cut.cycle.response_started:
                self.transport.close()

    def _target(self) -> tuple[str, Service] | None:
        """Who serves this request by callbacks. The path is the one that ASGI would be told."""
        if self.parser.get_method() != b"POST":
            return None
        target = self.targets.get(self.url)
        if target is not None:
            return target
        try:
            path: bytes | None = httptools.parse_url(self.url).path
        except httptools.HttpParserInvalidURLError:
            return None  # ASGI's road answers to it
        if path is None:
            return None
        if b"%" in path:
            path = unquote(path.decode("ascii")).encode()
        return self.targets.get(path)

    def _hand_to_asgi(self) -> None:
        """The scope is made only now: what is hot needs none."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        self.cycle = None  # type: ignore[assignment]  # as in its constructor: the queue is ours
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Called where uvicorn would start it at once."""
        self._enqueue(ColdTurn(cycle, app, super()._start_asgi_task))

    # --- one after the other --------------------------------------------------------------------------------

    def _enqueue(self, turn: Turn | ColdTurn) -> None:
        if self._stopping:
            turn.keep_alive = False
        self._turns.append(turn)

    def _advance(self) -> None:
        """As far as it goes now. A loop: many answers may be ready at once."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._turns:
                first = self._turns[0]
                new = not first.started
                first.proceed()
                if self._turns and self._turns[0] is first:
                    if new and self.flow.write_paused:
                        first.blocked()
                    return
        finally:
            self._advancing = False
        self._rest()

    def on_response_complete(self) -> None:
        """The first turn's answer is written to its end."""
        self.server_state.total_requests += 1
        done = self._turns.popleft() if self._turns else None
        if self.transport.is_closing():
            self._turns.clear()
            return
        if isinstance(done, Turn) and not done.keep_alive:
            self._turns.clear()
            if done.received:
                self.transport.close()
            else:
                self._linger()
            return
        self._ahead = 0
        self.flow.resume_reading()
        self._advance()

    def _rest(self) -> None:
        """Nothing is to be answered."""
        if self.transport.is_closing():
            return
        if self._complaint is not None:
            super().send_400_response(self._complaint)
            return
        if self._deaf or self._in_head:
            return
        self._idle_since = self.loop.time()
        if self._timer is None:
            self._timer = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """One timer a connection: it is not moved with each request, but looks, when it fires, how long there was none."""
        self._timer = None
        if self._idle_since is None or self.transport.is_closing():
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0.001:
            self._timer = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            self.transport.close()

    def _unset_keepalive_if_required(self) -> None:
        """That timer is never set."""

    def _linger(self) -> None:
        """A socket that is closed with bytes unread is reset, and the answer may be lost: so they are read first."""
        self._deaf = True
        self.flow.resume_reading()
        self.transport.write_eof()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(LINGER, self.transport.close)

    # --- the connection -------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._turns:
            self._turns[0].blocked()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._turns:
            self._turns[0].writable()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        turns, self._turns = self._turns, deque()
        for turn in turns:
            if turn.started:
                turn.gone()
        self._receiving = None
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: what was asked is answered, also what is only half asked yet."""
        self._stopping = True
        if self._turns:
            self._turns[-1].keep_alive = False
        elif not self._in_head:
            self.transport.close()


def hot_protocol(hot: HotPaths) -> type[HotProtocol]:
    """What uvicorn takes for `http`."""
    targets = {path.encode(): (path, service) for path, service in hot.services.items()}
    return cast(
        type[HotProtocol], type("HotProtocol", (HotProtocol,), {"hot": hot, "targets": targets, "stamps": {}})
    )
