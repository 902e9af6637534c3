"""Runs the machine on asyncio: its actions on transports and on ASGI, their events back into it.

The client's side is a queue that one writer empties. The upstream is paused while more than HIGH_WATER bytes wait in
it, so a slow client costs that much memory and no more. Whatever ends the conversation, the exchange is let go.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeAlias

from starlette.types import Receive, Send

from reconciler.gateway.dispatch.actions import (
    Abort,
    Action,
    Answer,
    Cancel,
    ClearTimer,
    Ending,
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
from reconciler.gateway.dispatch.machine import Ask, Machine
from reconciler.gateway.transport.base import Exchange, Failure, Transport
from reconciler.snapshot.model import Upstream

HIGH_WATER = 64 * 1024
LOW_WATER = 16 * 1024
"""Bytes waiting for the client: above the first the upstream is paused, below the second it goes on."""

_ToClient: TypeAlias = SendHead | SendData | Finish | Abort | Answer
_Event: TypeAlias = Callable[[float], list[Action]]


class Transports(Protocol):
    """Where the connections of upstreams are."""

    def get(self, upstream: Upstream) -> Transport: ...


async def converse(
    ask: Ask, transports: Transports, report: Callable[[Outcome], None], receive: Receive, send: Send
) -> None:
    """Answer one request. `report` is called once, also where the client leaves or the server stops, but for bugs:
    those are raised.

    Returns without a proper end where the answer broke: the server then cuts the connection, as the machine wants it.
    """
    await _Conversation(ask, transports, report, send).run(receive)


class _Ear:
    """Hears one attempt for the machine."""

    __slots__ = ("_attempt", "_hear", "_machine")

    def __init__(self, machine: Machine, attempt: int, hear: Callable[[_Event], None]) -> None:
        self._machine = machine
        self._attempt = attempt
        self._hear = hear

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        self._hear(partial(self._machine.head, self._attempt, status, headers))

    def data(self, chunk: bytes) -> None:
        self._hear(partial(self._machine.data, self._attempt, chunk))

    def end(self) -> None:
        self._hear(partial(self._machine.end, self._attempt))

    def error(self, failure: Failure, reason: str) -> None:
        self._hear(partial(self._machine.error, self._attempt, failure, reason))


class _Conversation:
    def __init__(
        self, ask: Ask, transports: Transports, report: Callable[[Outcome], None], send: Send
    ) -> None:
        self._machine = Machine(ask)
        self._transports = transports
        self._report = report
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._exchange: Exchange | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._actions: deque[Action] = deque()
        self._performing = False
        self._outbox: deque[_ToClient] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._bug: Exception | None = None

    async def run(self, receive: Receive) -> None:
        watcher = self._loop.create_task(self._watch(receive))
        try:
            self._hear(self._machine.start)
            await self._write()
        except OSError:  # what ASGI servers raise when they find the client gone
            pass
        except Exception as bug:
            self._bug = bug
            raise
        finally:
            self._hear(self._machine.gone)
            self._let_go()
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._hear(self._machine.gone)

    # --- from the machine -----------------------------------------------------------------------------------

    def _hear(self, event: _Event) -> None:
        """One event, and all that follows from it. What is heard meanwhile comes after it.

        A bug here would otherwise end in a transport's task, with the client waiting for ever.
        """
        try:
            self._actions.extend(event(self._loop.time()))
            if not self._performing:
                self._perform_all()
        except Exception as bug:  # noqa: BLE001  raised again by the writer, where the request's errors belong
            self._bug = self._bug or bug
        self._wake.set()

    def _perform_all(self) -> None:
        self._performing = True
        try:
            while self._actions:
                self._perform(self._actions.popleft())
        finally:
            self._performing = False

    def _perform(self, action: Action) -> None:
        match action:
            case Try():
                transport = self._transports.get(action.candidate.upstream)
                ear = _Ear(self._machine, action.attempt, self._hear)
                self._exchange = transport.open(action.request, ear, action.candidate.timeouts)
            case SetTimer() | ClearTimer():
                self._set_timer(action.at if isinstance(action, SetTimer) else None)
            case Cancel() | Pause() | Resume():
                self._steer(action)
            case Outcome():
                self._exchange = None
                if action.ending is Ending.GONE:
                    self._outbox.clear()
                if self._bug is None:
                    self._report(action)
            case SendData():
                self._outbox.append(action)
                self._waiting += len(action.chunk)
                if self._waiting > HIGH_WATER:
                    self._hear(self._machine.blocked)
            case _:
                self._outbox.append(action)

    def _steer(self, action: Cancel | Pause | Resume) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        match action:
            case Cancel():
                self._exchange = None
                exchange.cancel()
            case Pause():
                exchange.pause()
            case Resume():
                exchange.resume()

    def _set_timer(self, at: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if at is None else self._loop.call_at(at, self._hear, self._machine.timer)

    def _let_go(self) -> None:
        """What is still held after a bug; nothing otherwise."""
        self._set_timer(None)
        if self._exchange is not None:
            self._exchange.cancel()
            self._exchange = None

    # --- to the client --------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Until the answer ends, properly or not."""
        while (action := await self._next()) is not None:
            match action:
                case SendHead():
                    await self._send(_start(action.status, action.headers))
                case SendData():
                    if await self._write_data(action):
                        return
                case Answer():
                    length = ("content-length", str(len(action.body)))
                    await self._send(_start(action.status, (*action.headers, length)))
                    await self._send({"type": "http.response.body", "body": action.body})
                case Finish():
                    await self._send({"type": "http.response.body", "body": b""})
                case Abort():
                    return

    async def _next(self) -> _ToClient | None:
        """None when the machine is over and all was written."""
        while not self._outbox:
            if self._bug is not None:
                raise self._bug
            if self._machine.over:
                return None
            self._wake.clear()
            await self._wake.wait()
        return self._outbox.popleft()

    async def _write_data(self, first: SendData) -> bool:
        """All that waits, in one piece. True where the answer ends with it."""
        chunks = [first.chunk]
        while self._outbox and isinstance(following := self._outbox[0], SendData):
            self._outbox.popleft()
            chunks.append(following.chunk)
        body = first.chunk if len(chunks) == 1 else b"".join(chunks)
        last = bool(self._outbox) and isinstance(self._outbox[0], Finish)
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})
        self._waiting -= len(body)
        if self._waiting < LOW_WATER:
            self._hear(self._machine.writable)
        return last


def _start(status: int, headers: Headers) -> dict[str, object]:
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": raw}
