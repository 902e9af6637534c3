"""Where the parts of a JSON text stand, without reading them: for texts full of numbers that nobody here needs.

Bytes that nobody asks for are stepped over at the speed of a search; what stands in them is not checked.
"""

import re
from typing import NamedTuple

_BLANK = re.compile(rb"[ \t\n\r]*+")
_COMMA = re.compile(rb"[ \t\n\r]*+,[ \t\n\r]*+")
_COLON = re.compile(rb"[ \t\n\r]*+:[ \t\n\r]*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[-+.0-9A-Za-z]++")
_SIGN = re.compile(rb'["\[\]{}]')


class Misplaced(ValueError):
    """The text is not what it should be."""


class Span(NamedTuple):
    start: int
    end: int


class Member(NamedTuple):
    """`name` as it is written, without its quotes."""

    name: bytes
    value: Span


def members(text: bytes, at: int = 0) -> list[Member]:
    """Of the object that starts at `at`. Raises Misplaced."""
    found: list[Member] = []
    at = _after(text, at, b"{")
    while not _closed(text, at, b"}"):
        at = _separated(text, at) if found else at
        name = _STRING.match(text, at)
        colon = _COLON.match(text, name.end()) if name is not None else None
        if name is None or colon is None:
            raise Misplaced(f"a member is expected at byte {at}")
        end = value_end(text, colon.end())
        found.append(Member(name[0][1:-1], Span(colon.end(), end)))
        at = _blank(text, end)
    return found


def elements(text: bytes, at: int) -> list[Span]:
    """Of the array that starts at `at`. Raises Misplaced."""
    found: list[Span] = []
    at = _after(text, at, b"[")
    while not _closed(text, at, b"]"):
        at = _separated(text, at) if found else at
        end = value_end(text, at)
        found.append(Span(at, end))
        at = _blank(text, end)
    return found


def value_end(text: bytes, at: int) -> int:
    """Where the value ends that starts at `at`. Raises Misplaced."""
    first = text[at : at + 1]
    if first == b'"':
        return _string_end(text, at)
    if first in (b"[", b"{"):
        return _nested_end(text, at)
    found = _SCALAR.match(text, at)
    if found is None:
        raise Misplaced(f"a value is expected at byte {at}")
    return found.end()


def _string_end(text: bytes, at: int) -> int:
    end = text.find(b'"', at + 1)
    if end < 0:
        raise Misplaced(f"a string has no end after byte {at}")
    if text.find(b"\\", at + 1, end) < 0:
        return end + 1
    found = _STRING.match(text, at)
    if found is None:
        raise Misplaced(f"a string has no end after byte {at}")
    return found.end()


def _nested_end(text: bytes, at: int) -> int:
    """Arrays of numbers are stepped over at once: a search of bytes for one sign is many times as quick as a pattern."""
    depth, closing = 0, -1
    while True:
        found = _SIGN.search(text, at)
        if found is None:
            raise Misplaced(f"a bracket is missing after byte {at}")
        at, sign = found.start(), found[0]
        if sign == b'"':
            at = _string_end(text, at)
            continue
        if sign == b"[":
            closing = (
                text.find(b"]", at) if closing < at else closing
            )  # looked for once: it is all of the price
            if closing < 0:
                raise Misplaced(f"a bracket is missing after byte {at}")
            if _is_flat(text, at + 1, closing):
                at, sign = closing, b"]"
                depth += 1
        at += 1
        depth += 1 if sign in (b"[", b"{") else -1
        if not depth:
            return at


def _is_flat(text: bytes, start: int, end: int) -> bool:
    return all(text.find(sign, start, end) < 0 for sign in (b"[", b'"', b"{", b"}"))


def whole(text: bytes) -> int:
    """Where the one value of the text starts; blanks alone stand around it. Raises Misplaced."""
    at = _blank(text, 0)
    if _blank(text, value_end(text, at)) != len(text):
        raise Misplaced("more than one value")
    return at


def spliced(text: bytes, changes: list[tuple[Span, bytes]]) -> bytes:
    """With other bytes in these places, which don't overlap."""
    pieces: list[bytes] = []
    at = 0
    for (start, end), written in sorted(changes):
        pieces += [text[at:start], written]
        at = end
    return b"".join((*pieces, text[at:]))


def _blank(text: bytes, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()


def _after(text: bytes, at: int, sign: bytes) -> int:
    if text[at : at + 1] != sign:
        raise Misplaced(f"{sign.decode()} is expected at byte {at}")
    return _blank(text, at + 1)


def _closed(text: bytes, at: int, sign: bytes) -> bool:
    if at >= len(text):
        raise Misplaced(f"{sign.decode()} is missing at the end")
    return text[at : at + 1] == sign


def _separated(text: bytes, at: int) -> int:
    comma = _COMMA.match(text, at)
    if comma is None:
        raise Misplaced(f"a comma is expected at byte {at}")
    return comma.end()
