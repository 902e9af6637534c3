"""Server-sent events, on bytes: a character may be cut anywhere between two chunks.

Two readers, for two needs:

- `Decoder` gives the events of a stream, the same ones however it was chunked;
- `WholeEvents` passes bytes on unchanged, but only up to the end of an event, so that an error event can follow.

What the events of each protocol mean is in `streams`.

The grammar is the HTML standard's (https://html.spec.whatwg.org/multipage/server-sent-events.html), with one
difference: `Decoder.finish` gives an event whose blank line is missing, since many upstreams leave it out.
"""

import re
from dataclasses import dataclass

from reconciler.errors import InvalidInput

DONE = b"data: [DONE]\n\n"
DONE_MARK = b"[DONE]"
MAX_EVENT = 4 * 1024 * 1024
"""Bytes. A chunk with an image in it passes; an endless line does not."""

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"[\r\n]")


class EventTooLarge(InvalidInput):
    """The upstream sends a line or an event without end."""


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """`data` holds its lines joined by LF, as bytes; `event` is "" where the stream names none."""

    data: bytes
    event: str = ""
    id: str = ""


def data_event(json_text: bytes) -> bytes:
    """The event that carries this text. Each of its lines becomes a `data:` line, so no text can end the event."""
    if _LINE_END.search(json_text) is None:
        return b"data: %b\n\n" % json_text
    lines = json_text.splitlines()
    return b"".join(b"data: %b\n" % line for line in lines) + b"\n"


class Decoder:
    """Raises EventTooLarge where a line or an event is longer than `limit` bytes."""

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._limit = limit
        self._line = bytearray()
        self._first = True
        self._skip_lf = False
        self._fields = _Fields()

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that this chunk completes."""
        if self._skip_lf and chunk:
            self._skip_lf = False
            chunk = chunk.removeprefix(b"\n")
        if _LINE_END.search(chunk) is None:
            self._line += chunk
            self._check()
            return []
        self._skip_lf = chunk.endswith(b"\r")
        lines = (self._line + chunk).splitlines(keepends=True)
        ended = lines[-1].endswith((b"\r", b"\n"))
        self._line = bytearray() if ended else bytearray(lines.pop())
        return self._take(lines)

    def finish(self) -> list[ServerSentEvent]:
        """What the end of the input completes: at most one event, perhaps cut short."""
        rest = [bytes(self._line)] if self._line else []
        self._line = bytearray()
        return self._take([*rest, b""])

    def _take(self, lines: "list[bytes] | list[bytearray]") -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        for raw in lines:
            line = bytes(raw).rstrip(b"\r\n")
            if self._first:
                self._first = False
                line = line.removeprefix(_BOM)
            if line:
                self._fields.add(line)
            elif (event := self._fields.take()) is not None:
                events.append(event)
            self._check(len(line))
        self._check()
        return events

    def _check(self, line: int = 0) -> None:
        if max(line, len(self._line) + self._fields.size) > self._limit:
            raise EventTooLarge(f"an event of the stream is longer than {self._limit} bytes")


class _Fields:
    """The fields of the event that is being read."""

    def __init__(self) -> None:
        self.size = 0
        self._data: list[bytes] = []
        self._event = ""
        self._id = ""

    def add(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._data.append(value)
                self.size += len(value) + 1
            case b"event":
                self._event = value.decode(errors="replace")
            case b"id" if b"\0" not in value:
                self._id = value.decode(errors="replace")
            case _:  # a comment (no name), `retry`, and what nobody knows
                pass

    def take(self) -> ServerSentEvent | None:
        data, event = self._data, self._event
        self._data, self._event, self.size = [], "", 0
        return ServerSentEvent(b"\n".join(data), event, self._id) if data else None


_DATA = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])data(?=[:\r\n])")


def holds_event(whole: bytes) -> bool:
    """Whether anything in these whole events is one: comments, and blocks that have no data, are none."""
    return _DATA.search(whole) is not None


_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r){2,}")
_LF_LF = re.compile(rb"\n\n+")
"""The same where there is no CR, which is found ten times as fast."""


def blocks(whole: bytes) -> list[bytes]:
    """Whole events as bytes, each with the blank line that ends it."""
    found, at = [], 0
    for end in (_BLANK_LINE if whole.find(b"\r") >= 0 else _LF_LF).finditer(whole):
        found.append(whole[at : end.end()])
        at = end.end()
    return [*found, whole[at:]] if at < len(whole) else found


class WholeEvents:
    """Holds back the bytes of an event that is not complete yet. Raises EventTooLarge over `limit` bytes."""

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._limit = limit
        self._held = bytearray()

    @property
    def holds(self) -> bool:
        """Whether anything is."""
        return bool(self._held)

    def feed(self, chunk: bytes) -> bytes:
        """What may be passed on now: the bytes as they came, up to the end of an event."""
        if not self._held and chunk.endswith(b"\n\n"):
            return chunk
        searched = max(0, len(self._held) - 2)
        self._held += chunk
        found = max(self._held.rfind(end, searched) for end in (b"\n\n", b"\n\r", b"\r\r"))
        if found < 0:
            if len(self._held) > self._limit:
                raise EventTooLarge(f"an event of the stream is longer than {self._limit} bytes")
            return b""
        cut = found + 2
        if self._held[cut - 1 : cut + 1] == b"\r\n":
            cut += 1
        whole = bytes(self._held[:cut])
        del self._held[:cut]
        return whole

    def finish(self) -> bytes:
        """What is left at the end of the stream."""
        rest, self._held = bytes(self._held), bytearray()
        return rest
