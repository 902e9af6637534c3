"""The head of a request to a hot path, understood once.

A client sends the same head over and over; on the next, only the body's length differs. What llhttp made of a head that came
whole, with its body, it makes of the same bytes each time: so those are looked up and not read again. Nothing else is
ever taken from here: a head that came in pieces, that names a transfer coding, an expectation or an upgrade, that ends its
connection, or that has something behind its body goes through the parser.
"""

import re
from collections.abc import Mapping
from typing import Final

import httptools

from reconciler.listener.guard import Admission, Gate, Headers, Rules, Verdict
from reconciler.listener.hot import Alike, Service
from reconciler.listener.origins import same_host
from reconciler.listener.paths import plain_path

LARGEST: Final = 4096
"""Bytes of a head that is kept."""

KEPT = 256
STRANGE: Final = 16
"""So many heads of one connection that were not known, and none is looked for any more: each of its heads differs."""

_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ?([0-9]{1,9})\r\n").search
_END_OF_HOST: Final = re.compile(rb"[/?#]")
_DIFFERS: Final = b"content-length"
"""From one request to the next: a service is told what all requests of a head have alike."""
_NEVER = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"trailer"})


class Head:
    """`headers` as they came, names in lower case. `fields` are the same by name, joined where one stands twice; they are
    there once it was asked whether it is `admitted`, and so are `verdict` and `varies`, which are the admission's.

    One that is known was sent as `before`, its body's length, and `after`.
    """

    __slots__ = (
        "_admission",
        "_alike",
        "_rules",
        "after",
        "before",
        "fields",
        "headers",
        "path",
        "service",
        "varies",
        "verdict",
    )

    def __init__(
        self, target: tuple[str, Service], headers: Headers, before: bytes = b"", after: bytes = b""
    ) -> None:
        self.path, self.service = target
        self.headers = headers
        self.before = before
        self.after = after
        self.fields: Mapping[bytes, bytes] = {}
        self.verdict: Verdict | None = None
        self.varies = False
        self._rules: Rules | None = None
        self._admission: Admission | None = None
        self._alike: Alike | None = None

    def admitted(self, gate: Gate) -> Admission:
        """What the guard says to it, found once."""
        admission = self._admission
        if admission is None or self._rules is not gate.allowed:
            fields = dict(self.headers)
            admission = self._admission = gate.admit_post(self.path, self.headers, fields)
            self._rules, self.verdict, self.varies = admission.rules, admission.verdict, admission.varies
            self.fields = fields if len(fields) == len(self.headers) else joined(self.headers)
        return admission

    def alike(self) -> Alike:
        """What its service makes of it, asked once. For one that is admitted."""
        alike = self._alike
        if alike is None:
            told = {name: value for name, value in self.fields.items() if name != _DIFFERS}
            alike = self._alike = self.service.read(told)
        return alike


class Repeated:
    """The head that came last over one connection, put together as it comes with a body of the same length.

    Compared as memory, and not in constant time: who sends over a connection has sent what came over it before. Where a
    proxy puts several clients on one, what a comparison tells is whether 32 bytes or so are guessed at once.
    """

    __slots__ = ("_expected", "_fixed", "_size", "head")

    def __init__(self, head: Head) -> None:
        self.head = head
        self._fixed = len(head.before) + len(head.after)
        self._size = -1
        self._expected: bytes | None = None

    def body_of(self, data: bytes) -> bytes | None:
        """The body where `data` is this head, whole, with its body and no more."""
        if len(data) != self._size:
            self._expect(len(data))
        expected = self._expected
        if expected is None or not data.startswith(expected):
            return None
        return data[len(expected) :]

    def _expect(self, size: int) -> None:
        """How it begins in so many bytes: there is one length at most that leaves that number for itself and the body."""
        self._size = size
        rest = size - self._fixed
        digits, bound = 1, 10
        while rest - digits >= bound:
            digits, bound = digits + 1, bound * 10
        told = b"%d" % (rest - digits)
        self._expected = self.head.before + told + self.head.after if len(told) == digits else None


class KnownHeads:
    """One a process. Holds what clients sent, credentials included, and shows nothing."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def find(self, data: bytes) -> tuple[Head, bytes] | None:
        """(head, body) where `data` is one request, whole and no more, with a head that is known."""
        end = data.find(_END, 0, LARGEST)
        told = _LENGTH(data, 0, end + 2) if end > 0 else None
        if told is None:
            return None
        start, stop = told.span(1)
        head = self._known.get(data[:start] + data[stop:end])
        if head is None or len(data) - end - 4 != int(told[1]):
            return None
        return head, data[end + 4 :]

    def learn(self, data: bytes, head: Head) -> None:
        """`head` is what the parser made of `data`, which was one request over a connection that goes on."""
        end = data.find(_END, 0, LARGEST)
        told = _LENGTH(data, 0, end + 2) if end > 0 else None
        if told is None or len(data) - end - 4 != int(told[1]) or _NEVER & {name for name, _ in head.headers}:
            return
        if len(self._known) >= KEPT:
            self._known.clear()
        start, stop = told.span(1)
        headers = [header for header in head.headers if header[0] != _DIFFERS]
        before, after = data[:start], data[stop : end + 4]
        self._known[before + data[stop:end]] = Head((head.path, head.service), headers, before, after)


def path_of(url: bytes) -> bytes | None:
    """The one reading that it has. None for what is no URL, or has several: ASGI's road answers to it."""
    try:
        path: bytes | None = httptools.parse_url(url).path
    except httptools.HttpParserInvalidURLError:
        return None
    plain = plain_path(path) if path is not None else None
    return plain.encode() if plain is not None else None


def named_twice(url: bytes, headers: Headers) -> Headers:
    """Beside the Host header that of a target which names a host itself, as proxies are sent them, where it is another one.
    None of two is taken for the right one: the guard refuses both.
    """
    if url.startswith(b"/"):
        return headers
    scheme, separator, rest = url.partition(b"://")
    hosts = [value for name, value in headers if name == b"host"]
    if not separator or not hosts:
        return headers
    told = _END_OF_HOST.split(rest, 1)[0].decode("latin-1")
    if all(same_host(told, host.decode("latin-1"), scheme.decode("latin-1").lower()) for host in hosts):
        return headers
    return [*headers, (b"host", told.encode("latin-1"))]


def expects_continue(headers: Headers) -> bool:
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)


def joined(headers: Headers) -> dict[bytes, bytes]:
    """By name; several of one name as one (RFC 9110, 5.3)."""
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        fields[name] = b"%b, %b" % (fields[name], value) if name in fields else value
    return fields
