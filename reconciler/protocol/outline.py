"""The members at the top of a JSON object, read by their lengths: no value is made of what nobody asks for.

msgspec checks the whole text and tells each member's name and the bytes of its value, but of two with one name only the
last, and of none where it stands. So the bytes are counted: where names, values and what must stand between them are as
many as the text has, nothing else is in it, no member twice and no name in another spelling, and each place follows from
those before. With other blanks than most clients write, each member is looked for where it must stand. Of all other texts
this says nothing; whoever walks them has the words for what is wrong.
"""

import re
from typing import Final

from msgspec import Raw
from msgspec.json import Decoder

from reconciler.protocol.parameters import Member

_DECODE: Final = Decoder(dict[str, Raw]).decode
_SHALLOW: Final = 800
"""With so many brackets at most, nothing can be nested so deeply that reading it once more would fail."""
_DIGITS: Final = 2150
"""Of a number that Python refuses to read, for it has more than 4300 digits, one piece of this length has nothing else."""
_OPENING: Final = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*")
_COLON: Final = re.compile(rb"[ \t\n\r]*:[ \t\n\r]*")
_COMMA: Final = re.compile(rb"[ \t\n\r]*,[ \t\n\r]*")
_CLOSING: Final = re.compile(rb"[ \t\n\r]*\}[ \t\n\r]*")
COMPACT: Final = 0
SPACED: Final = 1
"""A blank after each comma and colon of the object's own, as Python's `json` writes it."""
UNKNOWN: Final = -1

Members = dict[str, Raw]


def outline(text: bytes) -> Members | None:
    """None for what is no JSON object or can't be vouched for."""
    if len(text) > 2 * _SHALLOW and not _is_legible(text):
        return None
    try:
        if not text.isascii():
            text.decode()  # what is in strings that are skipped is nobody else's to check
        return _DECODE(text)
    except (ValueError, RecursionError):
        return None


def spacing(text: bytes, members: Members) -> int:
    """How many blanks stand after each sign, where nothing else is in the text but `members`; else UNKNOWN.

    No name is shorter in the text than in characters, so what is left out can't be made up for.
    """
    size = 1 + 4 * len(members)
    for name, value in members.items():
        size += len(name) + len(value)
    if size == len(text):
        return COMPACT
    blanks = 2 * len(members) - 1
    return SPACED if size + blanks == len(text) and _spaced(members) == text else UNKNOWN


def located(text: bytes, members: Members) -> tuple[Member, ...] | None:
    """In their order, whatever blanks stand between them; None where anything else does, or a name may need escapes.

    Each name and value is found where the one before ends, so nothing can have been left out.
    """
    found: list[Member] = []
    at = _after(_OPENING, text, 0)
    for name, value in members.items():
        if found:
            at = _after(_COMMA, text, found[-1].end)
        written, content = b'"%b"' % name.encode(), bytes(value)
        start = _after(_COLON, text, at + len(written))
        if not (name.isidentifier() and text.startswith(written, at) and text.startswith(content, start)):
            return None
        found.append(Member(name, at, start, start + len(content)))
    return tuple(found) if found and _CLOSING.fullmatch(text, found[-1].end) is not None else None


def _after(sign: re.Pattern[bytes], text: bytes, at: int) -> int:
    """Behind all of the text where the sign is not there."""
    found = sign.match(text, at)
    return len(text) if found is None else found.end()


def _spaced(members: Members) -> bytes:
    """Here the blanks might be a member of the same length, so it is written anew. Empty where a name may need escapes."""
    pieces: list[bytes] = []
    for name, value in members.items():
        if not name.isidentifier():
            return b""
        pieces += (b', "', name.encode(), b'": ', value)
    pieces[0] = b'{"'
    pieces.append(b"}")
    return b"".join(pieces)


def _is_legible(text: bytes) -> bool:
    """Whether Python's own reader takes all depths and numbers that may be in it, which is long enough to hold others."""
    # each bracket is closed again, so in a shorter text there are not so many; split() skips where count() looks at each byte
    objects, arrays = text.split(b"{", _SHALLOW + 1), text.split(b"[", _SHALLOW + 1)
    if len(objects) + len(arrays) - 2 > _SHALLOW:
        return False
    size = len(text)
    if size > 2 * _DIGITS:
        for at in range(_DIGITS, size, _DIGITS):
            if text[at : at + _DIGITS].isdigit():
                return False
    return True
