"""What a machine acts on. It does no I/O itself: all of it is behind these."""

from collections.abc import Callable
from typing import Protocol

from reconciler.gateway.dispatch.outcome import Headers, Outcome
from reconciler.gateway.transport.base import Transport
from reconciler.snapshot.model import Upstream


class Talk(Protocol):
    """One request under way, as its connection steers it. It tells its client and its books, and raises nothing."""

    def start(self, began: float | None = None) -> None:
        """`began`: when the client's request was whole, where that is known."""
        ...

    def gone(self) -> None:
        """The client left, or the server is stopping."""
        ...

    def revoked(self) -> None:
        """The key of the request is accepted no more: it is to end now, and the client to be told why."""
        ...

    def blocked(self) -> None:
        """The client reads more slowly than it is sent."""
        ...

    def writable(self) -> None: ...


class Transports(Protocol):
    """Where the connections of upstreams are."""

    def get(self, upstream: Upstream) -> Transport: ...


class Client(Protocol):
    """Who is answered: `head`, any `data` and `finish`, or `answer` alone; `abort` ends either without its end.

    `length` is that of the body, where it is known.

    Writing may tell the machine that it is `blocked` before it returns, and nothing else.
    """

    def head(self, status: int, headers: Headers, length: int | None = None) -> None: ...

    def data(self, chunk: bytes) -> None: ...

    def finish(self) -> None: ...

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """All at once; its length is the client's to tell."""
        ...

    def abort(self) -> None: ...


class Books(Protocol):
    """Who hears how it ended: one of both, once."""

    def over(self, outcome: Outcome) -> None: ...

    def bug(self, error: Exception) -> None:
        """Nothing is under way any more. The client is still to be answered, or cut off."""
        ...


class Waiting(Protocol):
    def due(self) -> None: ...


class Alarms(Protocol):
    """One deadline for each who waits."""

    now: Callable[[], float]

    def set(self, waiting: Waiting, at: float) -> None:
        """Replaces an earlier one of the same."""
        ...

    def clear(self, waiting: Waiting) -> None: ...
