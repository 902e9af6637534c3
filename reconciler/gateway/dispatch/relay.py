"""How the bytes of an answer pass through: unchanged, and never in a way that lets a part pass for the whole."""

from collections.abc import Callable
from typing import Protocol

from reconciler.gateway.dispatch.answers import EMPTY_STREAM, media_type
from reconciler.gateway.dispatch.outcome import Headers
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.answer_ends import ends_of
from reconciler.protocol.errors import gateway_stopping, key_revoked, stream_broken, stream_out_of_time
from reconciler.protocol.estimate import text_bytes
from reconciler.protocol.finish_reasons import Finish
from reconciler.protocol.sse import EventTooLarge, WholeEvents, holds_event
from reconciler.protocol.streams import EventStream
from reconciler.protocol.usage import Usage
from reconciler.provider_types.endpoints import JSON, EndpointRow

MAX_READ_ANSWER = 1024 * 1024
"""Bytes of a plain answer that are kept to read its usage. Of a larger one, its last bytes are: usage stands there."""

TAIL = 64 * 1024

MAX_PRELUDE = 4096
"""Bytes of comments before a stream's first event that are kept for the client; of more, the later ones are left out."""


class Broken(Exception):
    """The upstream's bytes can't be the whole of an answer. The text is for people."""


class Relay(Protocol):
    """One answer going by. `usage` is what the upstream told, and the rest is what an estimate is made of."""

    streaming: bool
    done: bool
    """Nothing that comes from here on belongs to the answer."""
    failed: bool
    """What was fed holds an error of the upstream's own, in place of the answer's end."""

    @property
    def usage(self) -> Usage | None: ...

    @property
    def finish_reason(self) -> str | None: ...

    @property
    def prompt_tokens(self) -> int | None: ...

    @property
    def text_bytes(self) -> int: ...

    @property
    def flow(self) -> Callable[[bytes], bytes] | None:
        """To be asked before `feed`: what may be sent of the middle of a stream; empty: it has to be fed."""
        ...

    def feed(self, chunk: bytes) -> bytes:
        """What may be sent now. Raises Broken."""
        ...

    def read(self, answer: bytes) -> None:
        """Of one that is not streaming, in place of `feed` and `finish`: the whole of it, which passes as it is."""
        ...

    def finish(self) -> bytes:
        """The upstream ended: what is still to be sent. Raises Broken where something is missing."""
        ...

    def broken(self, failure: Failure, given: str | None = None) -> bytes | None:
        """What to send in place of the rest; None where only cutting the connection tells the client. `given`: where the
        time of the whole request is over, how much it was, and by whom.
        """
        ...


class OpaqueRelay:
    """An answer in one piece that tells no usage: sounds and pictures. Only its framing says where it ends."""

    streaming = False
    done = False
    failed = False
    usage: Usage | None = None
    finish_reason: str | None = None
    flow = None
    prompt_tokens = None
    text_bytes = 0

    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def read(self, answer: bytes) -> None: ...

    def finish(self) -> bytes:
        return b""

    def broken(self, failure: Failure, given: str | None = None) -> None:  # noqa: ARG002  the protocol's
        return None


class PlainRelay(OpaqueRelay):
    """An answer in JSON."""

    def __init__(self, finish: Finish | None = None) -> None:
        self._kept: bytes | bytearray = b""
        self._whole = True
        self._finish = finish
        self.usage = None

    @property
    def text_bytes(self) -> int:  # type: ignore[override]  # worked out where it is needed
        return text_bytes(bytes(self._kept))

    def feed(self, chunk: bytes) -> bytes:
        if not self._kept:
            self._kept = bytearray()
        self._kept += chunk if len(chunk) <= MAX_READ_ANSWER else chunk[-TAIL:]
        self._whole = self._whole and len(chunk) <= MAX_READ_ANSWER
        if len(self._kept) > (MAX_READ_ANSWER if self._whole else 2 * TAIL):
            self._whole = False
            self._kept = self._kept[-TAIL:]
        return chunk

    def read(self, answer: bytes) -> None:
        self._whole = len(answer) <= MAX_READ_ANSWER
        self._kept = kept = answer if self._whole else answer[-TAIL:]
        self.usage, self.finish_reason = ends_of(self._finish).read(kept, whole=self._whole)

    def finish(self) -> bytes:
        self.usage, self.finish_reason = ends_of(self._finish).read(bytes(self._kept), whole=self._whole)
        return b""


_OWN = {Failure.STOPPING: gateway_stopping, Failure.REVOKED: key_revoked}
"""What is no fault of the upstream's."""


class StreamRelay:
    """Server-sent events, passed on event by event, so that an error event can follow at any moment.

    Comments before the first event are no answer: they say that the upstream lives, and not that it will answer. They wait
    for that event, so that another candidate can be tried until then.
    """

    streaming = True
    done = False
    failed = False

    def __init__(self, stream: EventStream) -> None:
        self._whole = WholeEvents(stream.limit)
        self._stream = stream
        self.flow: Callable[[bytes], bytes] | None = None
        self._begun = False
        self._prelude = b""
        self._rest: bytes | None = None

    @property
    def usage(self) -> Usage | None:
        return self._stream.usage

    @property
    def finish_reason(self) -> str | None:
        return self._stream.finish_reason

    @property
    def prompt_tokens(self) -> int | None:
        return self._stream.prompt_tokens

    @property
    def text_bytes(self) -> int:
        return self._stream.text_bytes

    def feed(self, chunk: bytes) -> bytes:
        try:
            whole = self._whole.feed(chunk)
        except EventTooLarge as error:
            raise Broken(str(error)) from None
        if not self._begun:
            whole = self._begin(whole)
        if not whole:
            return b""
        stream = self._stream
        passed = stream.pass_on(whole)
        self.done, self.failed = stream.done, stream.failed
        self.flow = None if self.done or self.failed or self._whole.holds else stream.middle
        return passed

    def _begin(self, whole: bytes) -> bytes:
        """With the first event, all that came before it."""
        self._begun = holds_event(whole)
        kept = self._prelude + whole
        if self._begun:
            self._prelude = b""
            return kept
        if len(kept) <= MAX_PRELUDE:
            self._prelude = kept
        return b""

    def finish(self) -> bytes:
        """A stream without an end of its own is no whole answer."""
        rest = self._last()
        if not (self._begun or self._stream.complete):
            raise Broken(EMPTY_STREAM)
        if not self._stream.complete:
            raise Broken(f"the stream ended without {self._stream.lacking}")
        return rest

    def read(self, answer: bytes) -> None:
        raise NotImplementedError("a stream is fed")

    def broken(self, failure: Failure, given: str | None = None) -> bytes:
        """Where the upstream told its error itself, what is left of that; else an error event."""
        if self._stream.failed:
            return self._last()
        if given is not None:
            return self._stream.error_event(stream_out_of_time(given))
        error = _OWN.get(failure)
        told = stream_broken(timed_out=failure is Failure.TIMEOUT) if error is None else error()
        return self._stream.error_event(told)

    def _last(self) -> bytes:
        if self._rest is None:
            rest = self._whole.finish()
            self._rest = self._stream.finish(rest if self._begun else self._begin(rest))
            self.done, self.failed = self._stream.done, self._stream.failed
        return self._rest


def relay_for(row: EndpointRow, headers: Headers, *, asked: bool, hides_usage: bool) -> Relay:
    """By what the upstream says it sends. `asked`: the client wants a stream."""
    media = media_type(headers)
    if row.stream is not None:
        assumed = asked and row.stream.assumed and media != JSON
        if assumed or media == "text/event-stream":
            return StreamRelay(row.stream(hides_usage=hides_usage))
    return PlainRelay(row.finish) if row.counts and (media == JSON or not media) else OpaqueRelay()
