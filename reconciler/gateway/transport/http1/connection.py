"""One connection to an upstream: writes a request, hears its answer, and tells who asked."""

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

from reconciler.gateway.transport.http1.addresses import Address
from reconciler.gateway.transport.http1.request_head import RequestHead
from reconciler.gateway.transport.http1.response import BadResponse, ResponseParser
from reconciler.listener.cork import Cork, Corked

AT_ONCE = 16 * 1024
"""Bytes of a body that are copied behind its head: cheaper than a second write."""

PIECE = 64 * 1024
"""Bytes of a larger body that are handed to the socket at a time, uncopied."""


class Asker(Protocol):
    """Whose request a connection carries."""

    def received(self, fault: str | None) -> None:
        """Something came; the connection's `answer` has it. `fault`: and nothing sound will come after it."""
        ...

    def lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        ...


class Owner(Protocol):
    """Hears of a connection's end, however it came."""

    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """`reused`: it carried a request before this one. `answered`: a byte came since the request was sent.

    `peer` is where it leads; None where a proxy is between. `ends_surely`: a close of the other side's is its own, and not somebody's in between.
    """

    ends_surely = True
    __deletable__ = ("_write",)  # which compiled code has to be told

    __slots__ = (
        "_asker",
        "_cork",
        "_owner",
        "_transport",
        "_unsent",
        "_writable",
        "_write",
        "answer",
        "answered",
        "made_at",
        "peer",
        "reused",
    )

    def __init__(self, owner: Owner, made_at: float, cork: Cork | None = None) -> None:
        """`cork`: of all that write in the same turn of the loop; none: it writes as one that is alone."""
        self._owner = owner
        self._cork = Cork() if cork is None else cork
        self._transport: Corked | None = None
        self._write: Callable[[bytes | memoryview], None]
        self._asker: Asker | None = None
        self._unsent: memoryview | None = None
        self._writable = True
        self.answer = ResponseParser()
        self.answered = False
        self.made_at = made_at
        self.peer: Address | None = None
        self.reused = False

    # --- for who asks ---------------------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether a request may be sent on it, as far as one can know."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, asker: Asker, head: RequestHead, body: bytes) -> None:
        if self._transport is None:
            raise RuntimeError("a request was given to a connection that is closed")
        self._asker = asker
        self.answered = False
        self.answer.expect(bodiless=head.bodiless)
        if len(body) <= AT_ONCE:
            self._write(head.with_body(body))
        else:
            self._write(head.before(body))
            self._unsent = memoryview(body)
            self._send_on()

    def pause(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def finish(self) -> bool:
        """The answer is whole: lets go of who asked. False, and closed, where no other request may follow.

        Whether the socket still lives is seen when the next request comes.
        """
        self._asker = None
        if self.answer.reusable and self._unsent is None and self._transport is not None:
            self.reused = True
            return True
        self.close()
        return False

    def close(self) -> None:
        """At once, whatever is under way; nobody hears of it but the owner, in a moment."""
        self._asker = None
        if self._transport is not None:
            self._transport.abort()

    # --- called by the loop ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        given = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._transport = Corked(given, self._cork)
        self._write = self._transport.write

    def data_received(self, data: bytes) -> None:
        asker = self._asker
        if asker is None:  # nobody asked: the next answer would be taken for the wrong request's
            self.close()
            return
        self.answered = True
        try:
            self.answer.feed(data)
        except BadResponse as bad:
            asker.received(str(bad))
        else:
            asker.received(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport.lost()
            del self._write  # it holds the socket, which holds this object
        asker, self._asker = self._asker, None
        self._transport = None
        self._unsent = None
        self._owner.closed(self)
        if asker is not None:
            asker.lost(exc)
        self.answer.discard()

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._send_on()

    def _send_on(self) -> None:
        while self._unsent is not None and self._writable and self._transport is not None:
            piece, rest = self._unsent[:PIECE], self._unsent[PIECE:]
            self._unsent = rest or None
            try:
                self._write(piece)
            except OSError:  # `connection_lost` tells who asked
                self._transport.abort()
                return
