"""How long a connection waits for its client, and how much it lets itself be told. Seconds, bytes.

One timer a connection, which requests don't move: when it rings, it looks what is waited for, and since when.
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable, Iterable
from typing import NamedTuple

from httptools import HttpParserCallbackError

HEAD_SECONDS = 30.0
"""From the first byte of a request's head to its end."""

BODY_SECONDS = 30.0
"""Between two pieces of a body."""

STALL_SECONDS = 300.0
"""A client that takes nothing of its answer for so long is cut."""

LINGER = 2.0
"""For a client to read its answer and stop sending, where it was refused before all was read."""

MAX_HEAD = 64 * 1024
MAX_HEADERS = 100

READ_AHEAD = 64 * 1024
"""Bytes that may be read behind a request that is under way."""

LOOK_SECONDS = 30.0
"""So often it is looked at the latest. No longer than what is waited for: then nothing is seen too late."""

_A_MOMENT = 0.001


class Complaint(NamedTuple):
    """Why nothing more is read from a connection. It is told after the answers to what was read before."""

    status: int
    code: str
    message: str


INVALID = Complaint(400, "invalid_http", "Invalid HTTP request received.")
LATE_HEAD = Complaint(
    408, "request_timeout", f"The request's head was not complete {HEAD_SECONDS:g} s after its first byte."
)
LATE_BODY = Complaint(
    408,
    "request_timeout",
    f"Nothing of the request's body came for {BODY_SECONDS:g} s; send it without a pause.",
)
LARGE_HEAD = Complaint(
    431,
    "request_headers_too_large",
    f"The request's head is larger than {MAX_HEAD // 1024} KiB or has more than {MAX_HEADERS} headers.",
)
LARGE_TRAILER = Complaint(
    431,
    "request_headers_too_large",
    f"Between two pieces of the request's body, or behind it, there is more than {MAX_HEAD // 1024} KiB.",
)


CHUNKED_TWICE = Complaint(
    400, "invalid_http", "Transfer-Encoding names chunked twice; name it once, at the end."
)


def invalid(error: Exception) -> Complaint:
    """In the parser's own words, which repeat nothing of the request."""
    return (
        INVALID
        if isinstance(error, HttpParserCallbackError)
        else INVALID._replace(message=f"Invalid HTTP request: {error}.")
    )


def unknown_coding(headers: Iterable[tuple[bytes, bytes]]) -> Complaint | None:
    """Whether a body comes in another coding than chunks: that is no fault of its framing, and not understood (RFC 9112,
    6.1). Names are in lower case. Where the last coding is another one, the parser finds that (6.3).
    """
    told = [value for name, value in headers if name == b"transfer-encoding"]
    if not told or told == [b"chunked"]:
        return None
    codings = [each.strip().lower() for each in b",".join(told).split(b",") if each.strip()]
    if codings[-1:] != [b"chunked"] or len(codings) == 1:
        return None
    if b"chunked" in codings[:-1]:
        return CHUNKED_TWICE
    message = "The only transfer coding that this listener knows is chunked; send the body as it is, or in chunks alone."
    return Complaint(501, "transfer_coding_not_implemented", message)


class Wait(NamedTuple):
    """What is waited for ends at a time of the loop's; `over` is called where it has not."""

    until: float
    over: Callable[[], None]


def _nothing(now: float) -> Iterable[Wait]:  # noqa: ARG001  as all that are waited for
    return ()


class Watch:
    """The timer of one connection. `waits` tells what is waited for by now."""

    __slots__ = ("_loop", "_timer", "_waits")

    def __init__(self, loop: AbstractEventLoop, waits: Callable[[float], Iterable[Wait]]) -> None:
        self._loop = loop
        self._waits = waits
        self._timer: TimerHandle | None = loop.call_later(LOOK_SECONDS, self._look)

    def sooner(self, seconds: float) -> None:
        """It is looked after so long at the latest."""
        timer, at = self._timer, self._loop.time() + seconds
        if timer is None or timer.when() > at:
            self.end()
            self._timer = self._loop.call_at(at, self._look)

    def lost(self) -> None:
        """Nothing is waited for any more, and whose it is may go."""
        self.end()
        self._waits = _nothing

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time()
        at = now + LOOK_SECONDS
        for until, over in tuple(self._waits(now)):
            if until - now <= _A_MOMENT:
                over()
            else:
                at = min(at, until)
        if self._timer is None:
            self._timer = self._loop.call_at(at, self._look)


class Unread:
    """What was written and not taken yet, from one look to the next."""

    __slots__ = ("_since", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._since = 0.0

    def since(self, size: int, now: float) -> float | None:
        """Since when the client took nothing; None where nothing waits for it."""
        if size == 0 or self._size == 0 or size < self._size:
            self._since = now
        self._size = size
        return None if size == 0 else self._since

    def taken(self) -> None:
        self._size = 0
