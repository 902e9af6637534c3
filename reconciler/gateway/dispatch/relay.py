"""How the bytes of an answer pass through: unchanged, and never in a way that lets a part pass for the whole."""

import json
from typing import Protocol

from reconciler.gateway.transport.base import Failure
from reconciler.protocol.errors import stream_broken
from reconciler.protocol.sse import DONE, Decoder, EventTooLarge, StreamEnd, WholeEvents, error_event
from reconciler.protocol.usage import Usage, read_usage, usage_at_end

MAX_READ_ANSWER = 1024 * 1024
"""Bytes of a plain answer that are kept to read its usage. Of a larger one, its last bytes are: usage stands there."""

TAIL = 64 * 1024


class Broken(Exception):
    """The upstream's bytes can't be the whole of an answer. The text is for people."""


class Relay(Protocol):
    """One answer going by."""

    streaming: bool

    @property
    def usage(self) -> Usage | None: ...

    @property
    def done(self) -> bool:
        """Nothing that comes from here on belongs to the answer."""
        ...

    @property
    def failed(self) -> bool:
        """What was fed holds an error of the upstream's own, in place of the answer's end."""
        ...

    def feed(self, chunk: bytes) -> bytes:
        """What may be sent now. Raises Broken."""
        ...

    def finish(self) -> bytes:
        """The upstream ended: what is still to be sent. Raises Broken where something is missing."""
        ...

    def broken(self, failure: Failure) -> bytes | None:
        """What to send in place of the rest; None where only cutting the connection tells the client."""
        ...


class PlainRelay:
    """An answer in one piece. Only its framing says where it ends."""

    streaming = False
    done = False
    failed = False

    def __init__(self) -> None:
        self._kept = bytearray()
        self._whole = True
        self.usage: Usage | None = None

    def feed(self, chunk: bytes) -> bytes:
        self._kept += chunk if len(chunk) <= MAX_READ_ANSWER else chunk[-TAIL:]
        self._whole = self._whole and len(chunk) <= MAX_READ_ANSWER
        if len(self._kept) > (MAX_READ_ANSWER if self._whole else 2 * TAIL):
            self._whole = False
            del self._kept[:-TAIL]
        return chunk

    def finish(self) -> bytes:
        kept = bytes(self._kept)
        self.usage = read_usage(kept) if self._whole else usage_at_end(kept)
        return b""

    def broken(self, failure: Failure) -> None:  # noqa: ARG002  the protocol's signature
        return None


class StreamRelay:
    """Server-sent events, passed on event by event, so that an error event can follow at any moment."""

    streaming = True

    def __init__(self) -> None:
        self._whole = WholeEvents()
        self._seen = StreamEnd()

    @property
    def usage(self) -> Usage | None:
        return self._seen.usage

    @property
    def done(self) -> bool:
        return self._seen.done

    @property
    def failed(self) -> bool:
        return self._seen.failed

    def feed(self, chunk: bytes) -> bytes:
        try:
            passed = self._whole.feed(chunk)
        except EventTooLarge as error:
            raise Broken(str(error)) from None
        self._seen.feed(chunk)
        return passed

    def finish(self) -> bytes:
        """With the [DONE] that some upstreams leave out; a stream without an end of its own is no whole answer."""
        self._seen.finish()
        if not self._seen.complete:
            raise Broken("the stream ended without a finish_reason and without [DONE]")
        rest = _completed(self._whole.finish())
        return rest if self._seen.done else rest + DONE

    def broken(self, failure: Failure) -> bytes:
        """Where the upstream told its error itself, what is left of that; else an error event."""
        if self._seen.failed:
            return _completed(self._whole.finish())
        return error_event(stream_broken(timed_out=failure is Failure.TIMEOUT))


def _completed(rest: bytes) -> bytes:
    """The last event with the blank line that it lacks; nothing where the event itself was cut."""
    decoder = Decoder()
    events = [*decoder.feed(rest), *decoder.finish()]
    if not events or not all(_readable(event.data) for event in events):
        return b""
    return rest.rstrip(b"\r\n") + b"\n\n"


def _readable(data: bytes) -> bool:
    if data.strip() == b"[DONE]":
        return True
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
