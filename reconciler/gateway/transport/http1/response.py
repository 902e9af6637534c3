"""An answer's bytes, understood: without a socket, whatever pieces they come in.

llhttp is strict about the syntax; what it lets pass and we don't is judged here. Only what is kept is bounded: the
body passes through.
"""

from functools import lru_cache
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from reconciler.gateway.transport.failures import NOT_HTTP, TOO_LARGE
from reconciler.gateway.transport.http1.head_lines import ABOUT_THE_CONNECTION, KnownLines, seconds

MAX_HEAD = 64 * 1024
"""Bytes of a head, of a trailer, or of anything between two pieces of a body."""

MAX_HEADERS = 256

PER_FIELD = 128
"""Bytes that a field of a trailer counts for beside its own."""

UNANSWERED = "the connection was closed before an answer came"
CUT = "the connection was closed before the answer's end"

Headers = tuple[tuple[str, str], ...]

_NOT_PASSED = ABOUT_THE_CONNECTION | {"content-length", "content-encoding"}


_AT_ONCE: Final = 64 * 1024
"""Bytes of an answer that is looked at as a whole: it is copied once more where it is none."""

_PLAIN_HEAD: Final = 8 * 1024
_PLAIN_HEADERS: Final = 100
_LINE_END: Final = b"\r\n"
_HEAD_END: Final = b"\r\n\r\n"
_CR: Final = 13
_LINES: Final = KnownLines()


class BadResponse(Exception):
    """The answer can't be trusted any further. The message holds nothing of it."""


class ResponseParser:
    """One connection's answers, one after the other. What stands in `status`, `headers` and `take` is sound.

    `status` is 0 until the head is whole. `complete`: nothing more belongs to the answer; `reusable` then says whether
    another may follow it on its connection, and `keep_alive` for how many idle seconds the upstream means to keep that.
    `coding` is what Content-Encoding says. `pieces` is what `take` takes.
    """

    __deletable__ = ("_http",)  # which compiled code has to be told
    __slots__ = (
        "_bodiless",
        "_closes",
        "_fault",
        "_fed",
        "_http",
        "_idle_bytes",
        "_last",
        "_received",
        "_trailer",
        "_version",
        "coding",
        "complete",
        "headers",
        "keep_alive",
        "on_body",
        "pieces",
        "reusable",
        "status",
    )

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.on_body = (
            self.pieces.append
        )  # what httptools calls for each piece: no function of ours in between
        self._http = HttpResponseParser(self)
        self._version = ""
        self.expect()

    def expect(self, *, bodiless: bool = False) -> None:
        """A request was sent. The answer to HEAD has no body, whatever it says."""
        self._bodiless = bodiless
        self._closes = False
        self._fault = NOT_HTTP
        self._idle_bytes = 0
        self._last = False
        self._received: list[tuple[bytes, bytes]] = []
        self._trailer = 0
        self.status = 0
        self.headers: Headers = ()
        self.coding = ""
        self.complete = False
        self.reusable = False
        self.keep_alive: int | None = None

    def feed(self, data: bytes) -> None:
        """Raises BadResponse; what came before the fault stands. To be followed by `take`."""
        if not self.status and self._read_whole(data):
            return
        self._fed = len(data)
        try:
            self._http.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.reusable = False
            if not self.complete:
                raise BadResponse(self._fault) from None
        if self.complete:
            if self._bodiless:  # what it has all the same is none of it
                self.pieces.clear()
            return
        if self.pieces:
            self._idle_bytes = 0
        else:
            self._idle_bytes += len(data)
            if self._idle_bytes > MAX_HEAD:
                raise BadResponse(TOO_LARGE)

    def _read_whole(self, data: bytes) -> bool:
        """An answer that came in one reading, and nothing else, framed by its length and with nothing strange in its head.

        That is what most plain ones are. False: nothing was done, and the parser is to read it. Which never hears of one that
        was read here: it stands between two answers, before and after.
        """
        # two bytes that end a line are the end of a chunk, or of a head alone, and hardly that of JSON
        if self._idle_bytes or self._bodiless or not 2 < len(data) <= _AT_ONCE or data[-2] == _CR:
            return False
        head, end, body = data.partition(_HEAD_END)
        if not end or len(head) > _PLAIN_HEAD:
            return False
        lines = head.split(_LINE_END)
        status = _LINES.status(lines[0])
        if not status or len(lines) > _PLAIN_HEADERS:
            return False
        passed: list[tuple[str, str]] = []
        length = -1
        kept: int | None = None
        for each in lines[1:]:
            line = _LINES.field(each)
            if line.strange:
                return False
            if line.header is None:
                kept = kept if line.keep_alive is None else line.keep_alive
                continue
            if line.length >= 0:
                if length >= 0:
                    return False
                length = line.length
            passed.append(line.header)
        if length != len(body):
            return False
        self.headers = tuple(passed)
        self.status = status
        self.keep_alive = kept
        self.complete = self.reusable = True
        self.pieces.append(body)
        return True

    def take(self) -> bytes:
        """What came of the body since it was last asked."""
        pieces = self.pieces
        if not pieces:
            return b""
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return whole

    def end_of_input(self, *, sure: bool = True) -> None:
        """The connection was closed, `sure`: by the upstream. Raises BadResponse where that is not the answer's end."""
        if self.complete:
            return
        if not (self._closes and sure):
            raise BadResponse(CUT if self.status or self._idle_bytes else UNANSWERED)
        self.complete = True

    def discard(self) -> None:
        """Unties this object from its parser, which holds it in turn. Not to be used afterwards."""
        del self._http

    # --- called by httptools --------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self.complete:  # bytes that nobody asked for
            raise BadResponse

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.status:
            self._in_trailer(name, value)
        else:
            self._received.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._http.get_status_code()
        if status < 200:
            if status < 100 or status == 101:
                self._refuse(NOT_HTTP)
            self._received.clear()
            return
        if not self._version:
            self._version = self._http.get_http_version()
            if self._version not in {"1.1", "1.0"}:
                self._refuse(NOT_HTTP)
        received = self._received
        if len(received) > MAX_HEADERS or (self._fed > MAX_HEAD and sum(map(_length, received)) > MAX_HEAD):
            self._refuse(TOO_LARGE)
        self._read_headers(status)
        self.status = status
        if self._bodiless:
            self.complete = True

    def on_message_complete(self) -> None:
        if self.status and not self.complete:
            self.complete = True
            self.reusable = self._http.should_keep_alive() and not self._last

    def _in_trailer(self, name: bytes, value: bytes) -> None:
        """Counted, and not read."""
        self._trailer += len(name) + len(value) + PER_FIELD
        if self._trailer > MAX_HEAD:
            self._refuse(TOO_LARGE)

    # --- what they mean -------------------------------------------------------------------------------------

    def _read_headers(self, status: int) -> None:
        """Sets what is passed on: names in lower case, without those that are about the connection."""
        named = ""
        framing: str | None = None
        sized = False
        passed = []
        for raw_name, raw_value in self._received:
            name = _lower(raw_name)
            value = raw_value.decode("latin-1").strip(" \t")
            if name not in _NOT_PASSED:
                passed.append((name, value))
            elif name == "content-length":
                passed.append((name, value))
                sized = True
            elif name == "content-encoding":
                passed.append((name, value))
                self.coding += "," + value
            elif name == "connection":
                if value.lower() not in {"keep-alive", "close"}:
                    named += "," + value
            elif name == "keep-alive":
                self.keep_alive = seconds(value)
            elif name == "transfer-encoding":
                framing = value if framing is None else "twice"
        if framing is not None and framing.lower() != "chunked":
            self._refuse(NOT_HTTP)
        self._closes = framing is None and not sized and status not in {204, 304}
        self._last = framing is not None and self._version == "1.0"  # RFC 9112, 6.1
        self.headers = tuple(passed) if not named else _without(passed, named)

    def _refuse(self, reason: str) -> None:
        self._fault = reason
        raise BadResponse(reason)


@lru_cache(maxsize=512)
def _lower(name: bytes) -> str:
    """Upstreams send the same names over and over; what they make up pushes only itself out."""
    return name.decode("latin-1").lower()


def _length(header: tuple[bytes, bytes]) -> int:
    return len(header[0]) + len(header[1])


def _without(headers: list[tuple[str, str]], named: str) -> Headers:
    """Without the headers that Connection names."""
    dropped = {name.strip().lower() for name in named.split(",")}
    return tuple(header for header in headers if header[0] not in dropped)
