"""One request on a connection that is served by callbacks: its body collected, its answer framed.

`asyncio` buffers what is written and says when it is too much; head and first data go out as one piece. The answer says
`connection: close` where the connection ends with it: the client wants so, speaks HTTP/1.0, or has not sent all yet.
"""

from asyncio import Transport
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Final

from reconciler.listener.default_headers import DefaultHeaders
from reconciler.listener.guard import Admission, Headers
from reconciler.listener.head import Head
from reconciler.listener.hot import HotPaths, Serving, TextHeaders

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_NO_BODY: Final = frozenset({204, 205, 304})
_TELLS_NO_BODY = 205
"""Its body has to be told empty: a client that is told nothing reads on until the connection ends."""


class Framing(Enum):
    CHUNKED = "chunked"
    LENGTH = "content-length"
    CLOSE = "until the connection ends"
    NONE = "no body"


_CHUNKED: Final = Framing.CHUNKED
_UNFRAMED: Final = Framing.NONE


class Turn:
    """Its methods are called in order by one connection and one service, never from two threads.

    `started`: its turn has come, and the service knows of it. `received`: its body is here. `keep_alive`: another
    request may follow the answer.
    """

    began = False
    keep_alive = True
    modern = True
    received = False
    started = False
    _size = 0
    _told = 0
    _admission: Admission | None = None
    _expects = False
    _handed = False
    _ended = False
    _held = b""
    _left = 0

    def __init__(
        self,
        hot: HotPaths,
        head: Head,
        transport: Transport,
        stamp: DefaultHeaders,
        over: Callable[[], None],
    ) -> None:
        """`stamp` gives the headers that every answer of this server bears; `over` is called after the answer's end."""
        self._hot = hot
        self.asked = head
        self._transport = transport
        self._stamp = stamp
        self._over = over
        self._framing = _UNFRAMED
        self._serving: Serving | None = None
        self._body = b""
        self._more: list[bytes] | None = None

    # --- from the connection --------------------------------------------------------------------------------

    def feed(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._hot.max_body:
            self._body, self._more = b"", None
        elif not self._body:
            self._body = piece
        elif self._more is None:
            self._more = [self._body, piece]
        else:
            self._more.append(piece)

    def proceed(self) -> None:
        """It is the first of its connection, and perhaps more of it came."""
        if not self.started:
            self._start()
        serving = self._serving
        if serving is None or self._handed:
            return
        largest = self._hot.max_body
        if self._size > largest or self._told > largest:
            self._handed = True
            serving.too_large(largest)
        elif self.received:
            self._handed = True
            body = self._body if self._more is None else b"".join(self._more)
            self._body, self._more = b"", None
            serving.body(body)
        elif self._expects:
            self._expects = False
            self._transport.write(CONTINUE)

    def late(self, seconds: float) -> None:
        """Nothing of its body came for so long."""
        if self._serving is not None and not self._handed:
            self._handed = True
            self._serving.too_slow(seconds)

    def gone(self) -> None:
        """The client left. Nothing is written any more."""
        if not self._ended:
            self._ended = True
            serving, self._serving = self._serving, None
            if serving is not None:
                serving.gone()

    def blocked(self) -> None:
        if self._serving is not None and not self._ended:
            self._serving.blocked()

    def writable(self) -> None:
        if self._serving is not None and not self._ended:
            self._serving.writable()

    def _start(self) -> None:
        self.started = True
        head = self.asked
        admission = head.admitted(self._hot.gate)
        if head.varies:
            self._admission = admission
        verdict = head.verdict
        if verdict is not None:
            headers, body = self._hot.refuse(verdict.status, verdict.code, verdict.message, head.path)
            self.answer(verdict.status, tuple((n.decode(), v.decode("latin-1")) for n, v in headers), body)
            return
        if not self.received:
            fields = head.fields
            self._expects = self.modern and fields.get(b"expect", b"").lower() == b"100-continue"
            self._told = int(fields.get(b"content-length", b"0")[:20])  # llhttp has seen that it is digits
        serving = head.alike().begin(self)
        if not self._ended:
            self._serving = serving

    # --- from the service -----------------------------------------------------------------------------------

    def head(self, status: int, headers: TextHeaders, length: int | None = None) -> None:
        text = _lines(headers)
        if status in _NO_BODY:
            framing = Framing.NONE
            if status == _TELLS_NO_BODY:
                text += "content-length: 0\r\n"
        elif length is not None:
            framing, self._left = Framing.LENGTH, length
            text += f"content-length: {length}\r\n"
        elif self.modern:
            framing = Framing.CHUNKED
            text += "transfer-encoding: chunked\r\n"
        else:
            framing, self.keep_alive = Framing.CLOSE, False
        if not (self.keep_alive and self.received):
            self.keep_alive = False
            text += "connection: close\r\n"
        if self._admission is not None:
            text += _marks(self._admission, headers)
        self._framing = framing
        line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self._held = b"%b%b%b\r\n" % (line, self._stamp.lines(), text.encode("latin-1", "replace"))

    def data(self, chunk: bytes) -> None:
        if self._ended or not chunk:  # an empty chunk would be the last
            return
        framing = self._framing
        if framing is _CHUNKED:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        elif framing is Framing.LENGTH:
            self._left -= len(chunk)
            if self._left < 0:
                raise ValueError("an answer is longer than its content-length")
        elif framing is Framing.NONE:
            return
        if self._held:
            chunk = self._held + chunk
            self._held = b""
            self.began = True
        self._transport.write(chunk)

    def finish(self) -> None:
        if self._ended:
            return
        rest = self._held
        if self._framing is Framing.CHUNKED:
            rest += b"0\r\n\r\n"
        elif self._framing is Framing.LENGTH and self._left:
            raise ValueError("an answer is shorter than its content-length")
        if rest:
            self._held = b""
            self.began = True
            self._transport.write(rest)
        self._end()

    def answer(self, status: int, headers: TextHeaders, body: bytes) -> None:
        if self._ended:
            return
        if self.received and self.keep_alive and self._admission is None and status not in _NO_BODY:
            line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
            told = _lines(headers).encode("latin-1", "replace")
            whole = b"%b%b%bcontent-length: %d\r\n\r\n%b" % (line, self._stamp.lines(), told, len(body), body)
        else:
            self.head(status, headers, len(body))
            whole = self._held if self._framing is Framing.NONE else self._held + body
            self._held = b""
        self.began = True
        self._transport.write(whole)
        self._end()

    def _end(self) -> None:
        self._ended = True
        self._serving = None  # which holds this object: nothing is left for the garbage collector
        self._over()

    def abort(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._serving = None
        self.keep_alive = False
        if self._framing is Framing.CLOSE:
            self._transport.abort()
        else:
            self._transport.close()


def last_answer(status: int, stamp: bytes, answer: tuple[Headers, bytes]) -> bytes:
    """One that no turn is for; its connection ends with it."""
    headers, body = answer
    lines = [*headers, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    told = b"".join([b"%b: %b\r\n" % header for header in lines])
    return b"%b%b%b\r\n%b" % (status_line(status), stamp, told, body)


def _lines(headers: TextHeaders) -> str:
    """Raises ValueError where one would end its line."""
    lines = list(map(": ".join, headers))
    told = "".join(lines)
    if "\n" in told or "\r" in told:
        raise ValueError("a header would end its line")
    lines.append("")
    return "\r\n".join(lines)


def half_close(transport: Transport) -> None:
    """No more is written. Under TLS there is no such half; the close says so then."""
    if transport.can_write_eof():
        transport.write_eof()


def status_line(status: int) -> bytes:
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status


def _marks(admission: Admission, headers: TextHeaders) -> str:
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    return "".join(
        f"{name.decode('latin-1')}: {value.decode('latin-1')}\r\n" for name, value in admission.marks(raw)
    )
