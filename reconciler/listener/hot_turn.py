"""One request on a connection that is served by callbacks: its body collected, its answer framed.

`asyncio` buffers what is written and says when it is too much; head and first data go out as one piece. The answer says
`connection: close` where the connection ends with it: the client wants so, speaks HTTP/1.0, or has not sent all yet.
"""

from asyncio import Transport
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus

from reconciler.listener.guard import Admission, Headers, asked
from reconciler.listener.hot import HotPaths, Service, Serving, TextHeaders

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_NO_BODY = frozenset({204, 205, 304})


class Framing(Enum):
    CHUNKED = "chunked"
    LENGTH = "content-length"
    CLOSE = "until the connection ends"
    NONE = "no body"


class Turn:
    """Its methods are called in order by one connection and one service, never from two threads.

    `started`: its turn has come, and the service knows of it. `received`: its body is here. `keep_alive`: another
    request may follow the answer.
    """

    __slots__ = (
        "_admission",
        "_ended",
        "_expects",
        "_framing",
        "_handed",
        "_headers",
        "_held",
        "_hot",
        "_left",
        "_over",
        "_path",
        "_pieces",
        "_service",
        "_serving",
        "_size",
        "_stamp",
        "_told",
        "_transport",
        "began",
        "keep_alive",
        "modern",
        "received",
        "started",
    )

    def __init__(
        self,
        hot: HotPaths,
        target: tuple[str, Service],
        headers: Headers,
        transport: Transport,
        stamp: Callable[[], bytes],
        over: Callable[[], None],
    ) -> None:
        """`stamp` gives the headers that every answer of this server bears; `over` is called after the answer's end."""
        self._hot = hot
        self._path, self._service = target
        self._headers = headers
        self._transport = transport
        self._stamp = stamp
        self._over = over
        self._pieces: list[bytes] = []
        self._size = self._told = 0
        self._admission: Admission | None = None
        self._serving: Serving | None = None
        self._expects = False
        self._handed = False
        self._ended = False
        self._held = b""
        self._framing = Framing.NONE
        self._left = 0
        self.began = False
        self.keep_alive = True
        self.modern = True
        self.received = False
        self.started = False

    # --- from the connection --------------------------------------------------------------------------------

    def expect_continue(self) -> None:
        self._expects = True

    def feed(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._hot.max_body:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def proceed(self) -> None:
        """It is the first of its connection, and perhaps more of it came."""
        if not self.started:
            self._start()
        serving = self._serving
        if self._ended or self._handed or serving is None:
            return
        if max(self._size, self._told) > self._hot.max_body:
            self._handed = True
            serving.too_large(self._hot.max_body)
        elif self.received:
            self._handed = True
            pieces, self._pieces = self._pieces, []
            serving.body(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        elif self._expects:
            self._expects = False
            self._transport.write(CONTINUE)

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
        # The scheme is that of the socket; TLS ends before this listener.
        admission = self._hot.gate.admit(asked("POST", self._path, "http", self._headers))
        if admission.varies:
            self._admission = admission
        verdict = admission.verdict
        if verdict is not None:
            headers, body = self._hot.refuse(verdict.status, verdict.code, verdict.message, self._path)
            self.answer(verdict.status, tuple((n.decode(), v.decode("latin-1")) for n, v in headers), body)
            return
        if not self.received:
            self._told = _told_length(self._headers)
        self._serving = self._service.begin(self._headers, self)

    # --- from the service -----------------------------------------------------------------------------------

    def head(self, status: int, headers: TextHeaders) -> None:
        framing = Framing.CHUNKED if self.modern else Framing.CLOSE
        lines = []
        for name, value in headers:
            lines.append(f"{name}: {value}\r\n")
            if name == "content-length":
                framing, self._left = Framing.LENGTH, int(value)
        if status in _NO_BODY:
            framing = Framing.NONE
        if not (self.keep_alive and self.received) or framing is Framing.CLOSE:
            self.keep_alive = False
            lines.append("connection: close\r\n")
        if framing is Framing.CHUNKED:
            lines.append("transfer-encoding: chunked\r\n")
        if self._admission is not None:
            raw = [(n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in headers]
            marks = self._admission.marks(raw)
            lines += [f"{name.decode('latin-1')}: {value.decode('latin-1')}\r\n" for name, value in marks]
        lines.append("\r\n")
        text = "".join(lines)
        if text.count("\n") != len(lines) or text.count("\r") != len(lines):
            raise ValueError("a header would end its line")
        self._framing = framing
        line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self._held = line + self._stamp() + text.encode("latin-1", "replace")

    def data(self, chunk: bytes) -> None:
        if self._ended:
            return
        framing = self._framing
        if framing is Framing.CHUNKED:
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
        self._ended = True
        self._serving = None  # which holds this object: nothing is left for the garbage collector
        self._over()

    def answer(self, status: int, headers: TextHeaders, body: bytes) -> None:
        if self._ended:
            return
        self.head(status, (*headers, ("content-length", str(len(body)))))
        if body:
            self.data(body)
        self.finish()

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


def _told_length(headers: Headers) -> int:
    """That of the body, where it is told. llhttp has seen that there is at most one, of digits."""
    for name, value in headers:
        if name == b"content-length":
            return int(value[:20])
    return 0
