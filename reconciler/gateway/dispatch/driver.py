"""Runs the machine by callbacks: its actions on transports and on the client's connection, their events back into it.

There is no task and no queue. What the machine wants written is written at once; the connection buffers it, and says
when that is too much: then the upstream is paused. Whatever ends the conversation, the exchange is let go.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import ClassVar, Protocol

from reconciler.gateway.dispatch.actions import (
    Abort,
    Action,
    Answer,
    Cancel,
    ClearTimer,
    Finish,
    Headers,
    Outcome,
    Pause,
    Resume,
    SendData,
    SendHead,
    SetTimer,
    Try,
)
from reconciler.gateway.dispatch.alarms import Alarms
from reconciler.gateway.dispatch.machine import Ask, Machine
from reconciler.gateway.transport.base import Exchange, Failure, Transport
from reconciler.snapshot.model import Upstream

_Event = Callable[..., list[Action]]


class Transports(Protocol):
    """Where the connections of upstreams are."""

    def get(self, upstream: Upstream) -> Transport: ...


class Client(Protocol):
    """Who is answered: `head`, any `data` and `finish`, or `answer` alone; `abort` ends either without its end."""

    def head(self, status: int, headers: Headers) -> None: ...

    def data(self, chunk: bytes) -> None: ...

    def finish(self) -> None: ...

    def answer(self, status: int, headers: Headers, body: bytes) -> None: ...

    def abort(self) -> None: ...


class Books(Protocol):
    """Who hears how it ended: one of both, once."""

    def over(self, outcome: Outcome) -> None: ...

    def bug(self, error: Exception) -> None:
        """Nothing is under way any more. The client is still to be answered, or cut off."""
        ...


class _Ear:
    """Hears one attempt for the machine."""

    __slots__ = ("_attempt", "_hear", "_machine")

    def __init__(self, machine: Machine, attempt: int, hear: Callable[..., None]) -> None:
        self._machine = machine
        self._attempt = attempt
        self._hear = hear

    def head(self, status: int, headers: Headers) -> None:
        self._hear(self._machine.head, self._attempt, status, headers)

    def data(self, chunk: bytes) -> None:
        self._hear(self._machine.data, self._attempt, chunk)

    def end(self) -> None:
        self._hear(self._machine.end, self._attempt)

    def error(self, failure: Failure, reason: str) -> None:
        self._hear(self._machine.error, self._attempt, failure, reason)


class Conversation:
    """One request, from `start` to its outcome. Nothing that it is told raises."""

    __slots__ = (
        "_actions",
        "_alarms",
        "_books",
        "_broken",
        "_client",
        "_exchange",
        "_machine",
        "_performing",
        "_time",
        "_transports",
    )

    def __init__(
        self, ask: Ask, transports: Transports, alarms: Alarms, client: Client, books: Books
    ) -> None:
        self._machine = Machine(ask)
        self._transports = transports
        self._alarms = alarms
        self._client = client
        self._books = books
        self._time = asyncio.get_running_loop().time
        self._exchange: Exchange | None = None
        self._actions: deque[Action] = deque()
        self._performing = False
        self._broken = False

    def start(self) -> None:
        self._hear(self._machine.start)

    def gone(self) -> None:
        """The client left, or the server is stopping."""
        self._hear(self._machine.gone)

    def blocked(self) -> None:
        self._hear(self._machine.blocked)

    def writable(self) -> None:
        self._hear(self._machine.writable)

    def due(self) -> None:
        self._hear(self._machine.timer)

    def _hear(self, event: _Event, *told: object) -> None:
        """One event, and all that follows from it. What is heard meanwhile comes after it."""
        if self._broken:
            return
        try:
            actions = event(*told, self._time())
            if self._performing:
                self._actions.extend(actions)
            elif actions:
                self._perform_all(actions)
        except Exception as bug:  # noqa: BLE001  no loop and no parser that called is the place for it
            self._end_with(bug)

    def _perform_all(self, actions: list[Action]) -> None:
        self._performing = True
        for action in actions:
            self._PERFORMED[type(action)](self, action)
        while self._actions:
            action = self._actions.popleft()
            self._PERFORMED[type(action)](self, action)
        self._performing = False

    def _try(self, action: Try) -> None:
        transport = self._transports.get(action.candidate.upstream)
        ear = _Ear(self._machine, action.attempt, self._hear)
        self._exchange = transport.open(action.request, ear, action.candidate.timeouts)

    def _cancel(self, _: Cancel) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()

    def _pause(self, _: Pause) -> None:
        if self._exchange is not None:
            self._exchange.pause()

    def _resume(self, _: Resume) -> None:
        if self._exchange is not None:
            self._exchange.resume()

    def _set_timer(self, action: SetTimer) -> None:
        self._alarms.set(self, action.at)

    def _clear_timer(self, _: ClearTimer) -> None:
        self._alarms.clear(self)

    def _send_head(self, action: SendHead) -> None:
        self._client.head(action.status, action.headers)

    def _send_data(self, action: SendData) -> None:
        self._client.data(action.chunk)

    def _answer(self, action: Answer) -> None:
        self._client.answer(action.status, action.headers, action.body)

    def _finish(self, _: Finish) -> None:
        self._client.finish()

    def _abort(self, _: Abort) -> None:
        self._client.abort()

    def _over(self, action: Outcome) -> None:
        self._exchange = None
        self._books.over(action)

    def _end_with(self, bug: Exception) -> None:
        if (
            self._broken
        ):  # a bug met while performing another event's actions, raised once more on the way out
            return
        self._broken = True
        self._actions.clear()
        self._alarms.clear(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()
        self._books.bug(bug)

    _PERFORMED: ClassVar[dict[type[Action], Callable[..., None]]] = {
        Try: _try,
        Cancel: _cancel,
        Pause: _pause,
        Resume: _resume,
        SetTimer: _set_timer,
        ClearTimer: _clear_timer,
        SendHead: _send_head,
        SendData: _send_data,
        Answer: _answer,
        Finish: _finish,
        Abort: _abort,
        Outcome: _over,
    }
    """A request has some ten actions: looking each up costs less than asking what it is."""
