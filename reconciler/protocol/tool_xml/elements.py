"""Elements inside an element, read as they come: nothing is looked at twice, however small the pieces are.

    between --<name>--> value --</name>, and something valid after it--> between --</closing>--> done

A value is either all that stands there, or sections of CDATA. Both may hold what looks like their own end, as long as
nothing valid follows it: another element that may stand here, or the end of the whole.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

Buffer: TypeAlias = bytearray

_BLANKS = re.compile(rb"[ \t\r\n]*+")
_TAG = re.compile(rb"<(/?)([A-Za-z0-9_.:@$-]{1,128})[ \t\r\n]{0,16}(/?)>")
_PART_OF_TAG = re.compile(rb"<(?:/?[A-Za-z0-9_.:@$-]{0,128}|/?[A-Za-z0-9_.:@$-]{1,128}[ \t\r\n]{0,16}/?)")
_CDATA = b"<![CDATA["
_CDATA_END = b"]]>"


class Verdict(Enum):
    WAIT = "more is needed"
    WRONG = "what stands at `at` is no element that may stand there"
    DONE = "`at` is behind the end"


class Found(NamedTuple):
    """An element. `verbatim`: it stood in CDATA, so that each of its characters counts."""

    name: bytes
    value: bytes
    verbatim: bool


class Tag(NamedTuple):
    name: bytes
    closes: bool
    empty: bool
    end: int


_State: TypeAlias = Callable[[Buffer, int], "Verdict | None"]
"""One step. None: the next one can be made."""


class Elements:
    """`tags` are the names that may stand here: whether more than once. `closing` is the name whose end tag ends it all.

    `start` is where the first may begin. WRONG is told of the first alone: what follows a value was looked at before.
    """

    def __init__(self, start: int, tags: Mapping[bytes, bool], closing: bytes) -> None:
        self.at = start
        self.found: list[Found] = []
        self._tags = tags
        self._closing = closing
        self._state: _State = self._between
        self._name = b""
        self._seen: set[bytes] = set()
        self._start = self._search = self._end = 0
        self._sections: list[bytes] = []
        self._verbatim = False

    def go_on(self, buffer: Buffer, end: int) -> Verdict:
        """`buffer` is the same as before, and may have grown; nothing from `end` on is looked at."""
        while True:
            verdict = self._state(buffer, end)
            if verdict is not None:
                return verdict

    def _between(self, buffer: Buffer, end: int) -> Verdict | None:
        self.at = blanks_end(buffer, self.at, end)
        tag = tag_at(buffer, self.at, end)
        if not isinstance(tag, Tag):
            return tag
        if not self._fits(tag):
            return Verdict.WRONG
        self.at = tag.end
        if tag.closes:
            return Verdict.DONE
        self._name = tag.name
        self._seen.add(tag.name)
        if tag.empty:
            self.found.append(Found(tag.name, b"", verbatim=False))
        else:
            self._start = self._search = tag.end
            self._sections, self._verbatim = [], False
            self._state = self._value
        return None

    def _value(self, buffer: Buffer, end: int) -> Verdict | None:
        """Which of both it is."""
        self.at = blanks_end(buffer, self.at, end)
        begun = _begins(buffer, self.at, end)
        if begun is None:
            return Verdict.WAIT
        if begun:
            self._begin_section()
        else:
            self._state = self._plain
        return None

    def _plain(self, buffer: Buffer, end: int) -> Verdict | None:
        closing = b"</" + self._name
        found = buffer.find(closing, self._search, end)
        if found < 0:
            self._search = max(self._search, end - len(closing) + 1)
            return Verdict.WAIT
        self._search = found
        tag = tag_at(buffer, found, end)
        if tag is Verdict.WAIT:
            return tag
        if isinstance(tag, Tag) and tag.name == self._name:
            self._end, self.at, self._state = found, tag.end, self._behind_value
        else:
            self._search = found + 1
        return None

    def _begin_section(self) -> None:
        self._verbatim = True
        self._start = self._search = self.at + len(_CDATA)
        self._state = self._section

    def _section(self, buffer: Buffer, end: int) -> Verdict | None:
        found = buffer.find(_CDATA_END, self._search, end)
        if found < 0:
            self._search = max(self._search, end - len(_CDATA_END) + 1)
            return Verdict.WAIT
        self._end, self.at, self._state = found, found + len(_CDATA_END), self._behind_section
        return None

    def _behind_section(self, buffer: Buffer, end: int) -> Verdict | None:
        self.at = blanks_end(buffer, self.at, end)
        begun = _begins(buffer, self.at, end)
        if begun:
            self._sections.append(bytes(buffer[self._start : self._end]))
            self._begin_section()
            return None
        tag = tag_at(buffer, self.at, end)
        if begun is None or tag is Verdict.WAIT:
            return Verdict.WAIT
        if isinstance(tag, Tag) and tag.closes and tag.name == self._name:
            self.at, self._state = tag.end, self._behind_value
        else:
            self._resume()
        return None

    def _behind_value(self, buffer: Buffer, end: int) -> Verdict | None:
        self.at = blanks_end(buffer, self.at, end)
        tag = tag_at(buffer, self.at, end)
        if tag is Verdict.WAIT:
            return tag
        if isinstance(tag, Tag) and self._fits(tag):
            value = b"".join((*self._sections, buffer[self._start : self._end]))
            self.found.append(Found(self._name, value, self._verbatim))
            self._state = self._between
        else:
            self._resume()
        return None

    def _resume(self) -> None:
        """What looked like the value's end is part of it."""
        self._search = self._end + 1
        self._state = self._section if self._verbatim else self._plain

    def _fits(self, tag: Tag) -> bool:
        if tag.closes:
            return tag.name == self._closing and not tag.empty
        repeats = self._tags.get(tag.name)
        return repeats is not None and (repeats or tag.name not in self._seen)


def blanks_end(buffer: Buffer, at: int, end: int) -> int:
    found = _BLANKS.match(buffer, at, end)
    return at if found is None else found.end()


def tag_at(buffer: Buffer, at: int, end: int) -> Tag | Verdict:
    """WAIT: there may be one, once there is more; WRONG: there is none."""
    found = _TAG.match(buffer, at, end)
    if found is not None:
        return Tag(found[2], found[1] == b"/", found[3] == b"/", found.end())
    if at == end or _PART_OF_TAG.fullmatch(buffer, at, end) is not None:
        return Verdict.WAIT
    return Verdict.WRONG


def _begins(buffer: Buffer, at: int, end: int) -> bool | None:
    """Whether a section of CDATA does; None where that is still open."""
    there = bytes(buffer[at : min(at + len(_CDATA), end)])
    if there == _CDATA:
        return True
    return None if _CDATA.startswith(there) else False
