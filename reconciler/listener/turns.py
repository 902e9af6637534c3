"""The requests of one connection, answered in the order in which they came: only the first of them is under way.

What every request passes of its connection is here, and no attribute of uvicorn's, which compiled code finds by name.
"""

from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable
from typing import Final, Protocol

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from reconciler.listener.cold_turn import ColdTurn
from reconciler.listener.default_headers import DefaultHeaders
from reconciler.listener.head import STRANGE, Head, KnownHeads, Repeated
from reconciler.listener.hot import HotPaths
from reconciler.listener.hot_turn import Turn
from reconciler.listener.slow_clients import Complaint


class Connection(Protocol):
    """Whose requests they are, for what seldom happens."""

    def await_body(self) -> None:
        """The first one is under way, and its body is not complete."""
        ...

    def linger(self) -> None:
        """The last answer was given before all of its request was read."""
        ...

    def tell(self, complaint: Complaint) -> None:
        """Everything before it is answered."""
        ...


class _Gone:
    """Nobody's connection any more."""

    def await_body(self) -> None: ...

    def linger(self) -> None: ...

    def tell(self, complaint: Complaint) -> None: ...


_GONE: Final = _Gone()


def _nothing() -> None: ...


class Turns:
    """`between`: no request is half read. `deaf`: nothing is read any more. `idle_since`: nothing is under way or came."""

    def __init__(
        self,
        connection: Connection,
        loop: AbstractEventLoop,
        state: ServerState,
        hot: HotPaths,
        heads: KnownHeads,
        stamp: DefaultHeaders,
    ) -> None:
        self._connection: Connection = connection
        self._loop = loop
        self._state = state
        self._hot = hot
        self._heads = heads
        self._stamp = stamp
        self._over: Callable[[], None] = self.over
        self._repeated: Repeated | None = None
        self._advancing = False
        self._transport: Transport | None = None
        self._flow: FlowControl | None = None
        self.queue: list[Turn | ColdTurn] = []
        self.between = True
        self.in_head = self.deaf = self.stopping = self.write_paused = False
        self.ahead = self._strange = 0
        self.idle_since: float | None = None
        self.complaint: Complaint | None = None

    def made(self, transport: Transport, flow: FlowControl) -> None:
        """The connection is there."""
        self._transport = transport
        self._flow = flow
        self.idle_since = self._loop.time()

    def lost(self) -> None:
        """It is gone. Who holds whom is ended here: a connection that is over goes at once, with all that it said, and does
        not wait until garbage is looked for.
        """
        self._repeated = None
        self._connection, self._over = _GONE, _nothing
        queue, self.queue = self.queue, []
        for turn in queue:
            if turn.started:
                turn.gone()

    def turn_of(self, head: Head) -> Turn:
        """Which is not in the queue yet."""
        transport = self._transport
        assert transport is not None
        return Turn(self._hot, head, transport, self._stamp, self._over)

    # --- heads that are known -------------------------------------------------------------------------------

    def may_know(self) -> bool:
        """Whether what comes may be a request whose head is known."""
        return self.between and not self.queue and self._strange < STRANGE

    def take(self, data: bytes) -> bool:
        """Whether `data` is such a request, whole and no more. It is under way then."""
        repeated = self._repeated
        body = None if repeated is None else repeated.body_of(data)
        if repeated is None or body is None:
            found = self._heads.find(data)
            if found is None:
                return False
            repeated = self._repeated = Repeated(found[0])
            body = found[1]
        turn = self.turn_of(repeated.head)
        turn.feed(body)
        turn.received = True
        turn.keep_alive = not self.stopping
        self.queue.append(turn)
        self.go_on()
        return True

    def learn(self, data: bytes) -> None:
        """It was read by the parser."""
        self._strange += 1
        turn = self.queue[0] if len(self.queue) == 1 else None
        if self.between and isinstance(turn, Turn) and turn.received and turn.keep_alive:
            self._heads.learn(data, turn.asked)

    # --- one after the other --------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Something came."""
        if self.queue:
            self._advance()
        else:
            self.rest()
        flow = self._flow
        if self.write_paused and flow is not None:  # who reads no answers may ask no more
            flow.pause_reading()

    def _advance(self) -> None:
        """As far as it goes now. A loop: many answers may be ready at once."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self.queue:
                first = self.queue[0]
                first.proceed()
                if self.queue and self.queue[0] is first:
                    if self.write_paused:
                        first.blocked()
                    if not first.received:
                        self._connection.await_body()
                    return
        finally:
            self._advancing = False
        self.rest()

    def over(self) -> None:
        """The first one's answer is written to its end."""
        self._state.total_requests += 1
        transport, flow, queue = self._transport, self._flow, self.queue
        if transport is None or flow is None:
            return
        done = queue.pop(0) if queue else None  # they are bounded by what is read ahead
        if transport.is_closing():
            queue.clear()
            return
        if not (done is None or done.keep_alive or isinstance(done, ColdTurn)):
            queue.clear()
            if done.received:
                transport.close()
            else:
                self._connection.linger()
            return
        self.ahead = 0
        if flow.read_paused:  # for what was read ahead, or for a body that its app did not read
            flow.resume_reading()
        if queue:
            self._advance()
        elif not self._advancing:  # else the loop there goes on
            self.rest()

    def rest(self) -> None:
        """Nothing is to be answered."""
        transport, complaint = self._transport, self.complaint
        if complaint is not None and transport is not None and not transport.is_closing():
            self.complaint = None
            self._connection.tell(complaint)
        elif not (self.deaf or self.in_head):  # whoever closes it has said so, or soon will
            self.idle_since = self._loop.time()
