"""The boundary to upstreams: one method to open an exchange, four callbacks to hear of it."""

from enum import Enum
from typing import Protocol

from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Timeouts


class Failure(Enum):
    """Why an exchange ended without its end. The value is the word in logs and metrics."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    EGRESS = "egress"
    """The policy has no connection to where the upstream is."""
    STOPPING = "stopping"
    """This gateway ends, and so does all that it has under way."""
    REVOKED = "revoked"
    """The key that came with the request is accepted no more."""


class Sink(Protocol):
    """Hears one exchange: `head` once, `data` any number of times, then exactly one of `end` and `error`; or `whole` alone.

    Called on the event loop, never from inside `open`. After `cancel` nothing is called any more.
    `error` may come before `head`. `reason` is for people and holds no secret.
    """

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None: ...

    def data(self, chunk: bytes) -> None: ...

    def end(self) -> None: ...

    def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        """All of an answer, where it came at once."""
        ...

    def error(self, failure: Failure, reason: str) -> None: ...


class Exchange(Protocol):
    """One request under way."""

    def pause(self) -> None:
        """Read no more from the upstream until `resume`; a chunk already read may still come."""
        ...

    def resume(self) -> None: ...

    def cancel(self) -> None:
        """Let go at once and close what can't be reused. Safe to call at any time, more than once."""
        ...


class Transport(Protocol):
    """The connections of one upstream."""

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        """Of the timeouts only `connect` is the transport's: who asks knows when an answer is late, and cancels."""
        ...

    def retire(self) -> None:
        """No new exchange is expected: close all connections when the last exchange ends, now if there is none.

        A request that still holds an older snapshot may open one; it is served, and its connection closed after it.
        """
        ...

    async def aclose(self) -> None:
        """Close everything now."""
        ...
