"""The connections to one origin: kept, lent, made, and given to who waits.

Who asks while nothing is kept waits for its own new connection, or takes one that comes free before that is made. What was
being made for it is then the next one's who asks, so that there are never more connections than requests were at a time:
a handshake of TLS costs more than several requests.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Protocol

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.failures import EgressDenied, explain_connect
from reconciler.gateway.transport.http1.connection import Connection, Owner
from reconciler.gateway.transport.http1.idle import IDLE_SECONDS, IdleConnections

log = logging.getLogger(__name__)

MAX_AGE = 900.0
"""Seconds after which a connection carries no new request, so that traffic follows the answers of DNS."""

Connect = Callable[[float, Owner], Coroutine[None, None, Connection]]
"""(seconds, who hears of its end) -> the connection; raises OSError."""

Denied = Callable[[Connection], EgressDenied | None]
"""Why a connection would not be made, as things are by now."""


def _never(_: Connection) -> None:
    """Nothing is denied."""


class Waiter(Protocol):
    def connected(self, connection: Connection) -> None: ...

    def unconnected(self, failure: Failure, reason: str) -> None: ...


class OriginPool:
    """Made, and used, on a running loop."""

    def __init__(self, connect: Connect, *, retired: bool, denied: Denied = _never) -> None:
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self._denied = denied
        self._retired = retired
        self._idle: IdleConnections[Connection] = IdleConnections(self._loop)
        self._open: set[Connection] = set()
        self._making: dict[Waiter, asyncio.Task[Connection]] = {}
        self._waiting: dict[Waiter, float] = {}
        self._tasks: dict[asyncio.Task[Connection], Waiter | None] = {}
        self._spare: dict[asyncio.Task[Connection], None] = {}
        self._emptied: asyncio.Future[None] | None = None

    def take(self) -> Connection | None:
        """One that is kept, to be given back by `put_back` or closed."""
        while True:
            connection = self._idle.pop()
            if connection is None or connection.usable:
                return connection
            connection.close()

    def make(self, waiter: Waiter, seconds: float, *, fresh: bool = False) -> None:
        """`waiter` hears of it, never from within this call. `fresh`: one that another request was on is no use."""
        if fresh:
            self._begin(waiter, seconds)
            return
        self._waiting[waiter] = self._loop.time() + seconds
        if self._spare:
            task = self._making[waiter] = next(iter(self._spare))
            del self._spare[task]
            self._tasks[task] = waiter
        else:
            self._begin(waiter, seconds)

    def give_up(self, waiter: Waiter) -> None:
        """`waiter` wants none any more; what is being made for it is not finished."""
        self._waiting.pop(waiter, None)
        task = self._making.pop(waiter, None)
        if task is not None:
            self._tasks[task] = None
            task.cancel()

    def put_back(self, connection: Connection) -> None:
        """An answer was read to its end, and the connection says that another may follow."""
        now = self._loop.time()
        if self._retired or now - connection.made_at > MAX_AGE:
            connection.close()
            return
        if self._waiting and connection.usable:
            waiter = next(iter(self._waiting))
            del self._waiting[waiter]
            task = self._making.pop(waiter)  # it is made all the same, for the next
            self._tasks[task] = None
            self._spare[task] = None
            waiter.connected(connection)
            return
        told = connection.answer.keep_alive
        self._idle.push(connection, IDLE_SECONDS if told is None else told - 1.0, now)

    def closed(self, connection: Connection) -> None:
        self._idle.remove(connection)
        self._open.discard(connection)
        if not self._open and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    def recheck(self) -> None:
        """Those that would not be made any more are closed: at once, or at the end of the answer that they carry."""
        for connection in tuple(self._open):
            if self._denied(connection) is not None:
                if self._idle.remove(connection):
                    connection.close()
                else:
                    connection.made_at = -math.inf

    def retire(self) -> None:
        """Nothing is kept from here on."""
        self._retired = True
        self._idle.close()

    async def aclose(self) -> None:
        """Closes all, lent ones included, and waits until they are."""
        self.retire()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in tuple(self._open):
            connection.close()
        if self._open:
            self._emptied = self._loop.create_future()
            await self._emptied

    def _begin(self, waiter: Waiter, seconds: float) -> None:
        task = self._loop.create_task(self._connect(seconds, self))
        self._tasks[task] = waiter
        self._making[waiter] = task
        task.add_done_callback(partial(self._made, self._loop.time() + seconds))

    def _made(self, until: float, task: "asyncio.Task[Connection]") -> None:
        """`until`: how long it had."""
        waiter = self._tasks.pop(task)
        self._spare.pop(task, None)
        latest = until
        if waiter is not None:
            del self._making[waiter]
            latest = self._waiting.pop(waiter, until)
        if task.cancelled():
            if waiter is not None:
                waiter.unconnected(Failure.BROKEN, "the gateway closed the connection")
            return
        error = task.exception()
        if error is None:
            self._deliver(task.result(), waiter)
        elif waiter is None:
            return
        elif latest > until:  # it was begun for another, who had less time
            self._waiting[waiter] = latest
            self._begin(waiter, latest - self._loop.time())
        else:
            failure = Failure.EGRESS if isinstance(error, EgressDenied) else Failure.CONNECT
            waiter.unconnected(failure, self._explained(error))

    def _deliver(self, connection: Connection, waiter: Waiter | None) -> None:
        self._open.add(connection)
        denied = self._denied(connection)  # the policy may be another than when it was begun
        if denied is not None:
            connection.close()
            if waiter is not None:
                waiter.unconnected(Failure.EGRESS, str(denied))
        elif not connection.usable:  # closed before its first request
            self._open.discard(connection)
            if waiter is not None:
                waiter.unconnected(Failure.BROKEN, "the connection was closed before an answer came")
        elif waiter is not None:
            waiter.connected(connection)
        else:
            self.put_back(connection)

    def _explained(self, error: BaseException) -> str:
        reason = explain_connect(error)
        if reason is None:
            log.error("connecting ended with a bug", exc_info=error)
            return "could not connect"
        return reason
