"""The lines of an answer's head, judged once: an upstream sends most of them again with each answer.

Only what leaves no doubt is judged here. Any other line is the parser's, and with it the answer.
"""

import re
from functools import lru_cache
from typing import Final

KEPT = 1024
LONGEST: Final = 256
"""Bytes of a line that is kept."""

STATUS_LINES: Final = 64

_STATUS: Final = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2}) [ -~]{0,64}")
_BODILESS: Final = frozenset({204, 304})
_NAME: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_DIGITS: Final = 15

ABOUT_THE_CONNECTION: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""And not about the answer (RFC 9110, 7.6.1)."""

_NEVER_KEPT: Final = frozenset({"set-cookie", "set-cookie2"})


class Line:
    """One of the fields. `header` is what it passes on, `length` what it tells of the body's, -1 where nothing;
    `keep_alive` for how many idle seconds the connection is kept. `strange`: it is for the parser to judge.
    """

    __slots__ = ("header", "keep_alive", "length", "strange")

    def __init__(self, header: tuple[str, str] | None = None, *, strange: bool = False) -> None:
        self.header = header
        self.strange = strange
        self.length = -1
        self.keep_alive: int | None = None


_STRANGE: Final = Line(strange=True)


class KnownLines:
    """One a process. What differs each time is soon forgotten, and all else with it, to be judged again."""

    def __init__(self) -> None:
        self._fields: dict[bytes, Line] = {}
        self._statuses: dict[bytes, int] = {}

    def status(self, line: bytes) -> int:
        """Of the first line of an answer that has a body; 0 where the parser is to judge it."""
        known = self._statuses.get(line)
        if known is not None:
            return known
        told = _STATUS.fullmatch(line)
        if told is None or int(told[1]) in _BODILESS:
            return 0
        if len(self._statuses) >= STATUS_LINES:
            self._statuses.clear()
        status = self._statuses[line] = int(told[1])
        return status

    def field(self, line: bytes) -> Line:
        known = self._fields.get(line)
        if known is not None:
            return known
        raw, colon, given = line.partition(b":")
        name = _plain(raw) if colon else ""
        judged = _judged(name, given.decode("latin-1").strip(" \t"))
        if len(line) <= LONGEST and name not in _NEVER_KEPT:
            if len(self._fields) >= KEPT:
                self._fields.clear()
            self._fields[line] = judged
        return judged


def _judged(name: str, value: str) -> Line:
    if not (name and value.isascii() and value.isprintable()):
        return _STRANGE
    if name == "content-length":
        if not value.isdigit() or len(value) > _DIGITS:
            return _STRANGE
        sized = Line((name, value))
        sized.length = int(value)
        return sized
    if name == "connection":
        return Line(strange=value.lower() != "keep-alive")
    if name == "keep-alive":
        kept = Line()
        kept.keep_alive = seconds(value)
        return kept
    if name == "content-encoding" or name in ABOUT_THE_CONNECTION:
        return _STRANGE
    return Line((name, value))


@lru_cache(maxsize=512)
def _plain(name: bytes) -> str:
    """In lower case; "" where it is no name of a field. An upstream sends other values with the same names."""
    return name.decode("latin-1").lower() if _NAME.fullmatch(name) else ""


def seconds(keep_alive: str) -> int | None:
    """What `Keep-Alive: timeout=5, max=100` says."""
    for part in keep_alive.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "timeout" and value.isdecimal() and value.isascii() and len(value) < 10:
            return int(value)
    return None
