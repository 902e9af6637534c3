"""What a model writes, as it comes: text, which goes on at once, and calls of the tools that the request declares.

Only what may still become such a call is held back: a `<` that can't begin the tag of one is text at once, and so is
what began like a call and goes on otherwise. No byte is lost, none comes twice; but blanks around calls are no text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import TypeAlias

from reconciler.protocol.tool_xml.elements import Elements, Tag, Verdict, blanks_end, tag_at
from reconciler.protocol.tool_xml.prose import Prose
from reconciler.protocol.tool_xml.tools import Call, Tool, json_object

MAX_CALL = 1024 * 1024
"""Bytes of one call. What is longer is text."""

MAX_GAP = 1024
"""Bytes of blanks after a call that may still be followed by another."""

_MAX_ENDS = 32
"""So many times the end of a call is looked for whose arguments are one JSON object: it may stand in a text of them."""

_PART = re.compile(rb"<([^ \t\r\n/]*)([ \t\r\n/]*)")
_THINK = b"think"
_END_OF_THOUGHT = b"</think>"

Piece: TypeAlias = str | Call


class CallReader:
    """Of one answer. `only_one`: the answer ends with its first call."""

    def __init__(self, tools: Iterable[Tool], *, only_one: bool = False) -> None:
        self._tools = {tool.name.encode(): tool for tool in tools}
        self._only_one = only_one
        self._names = sorted({*self._tools, _THINK})
        self._held = bytearray()
        self._prose = Prose()
        self._open: _OpenCall | None = None
        self._after_call = False
        self._over = False
        self.calls = 0

    def feed(self, text: str) -> list[Piece]:
        """What it completes. Two texts never follow each other."""
        if self._over:
            return []
        self._held += text.encode("utf-8", "surrogatepass")
        return self._pieces(final=False)

    def finish(self) -> list[Piece]:
        """The answer ended: what was begun and not ended is text."""
        pieces = self._pieces(final=True)
        self._over = True
        return pieces

    def _pieces(self, *, final: bool) -> list[Piece]:
        texts: list[bytes] = []
        pieces: list[Piece] = []
        while self._held and not self._over:
            step = self._step(final=final)
            if step is None:
                break
            if isinstance(step, Call):
                pieces += [*_joined(texts), step]
                texts = []
                self.calls += 1
                self._over = self._only_one
            else:
                texts.append(step)
        return [*pieces, *_joined(texts)]

    def _step(self, *, final: bool) -> bytes | Call | None:
        """The next piece, and perhaps an empty one; None where more is needed."""
        if self._open is not None:
            return self._in_call(self._open, final=final)
        return self._behind_call(final=final) if self._after_call else self._in_text(final=final)

    # --- outside of calls -----------------------------------------------------------------------------------

    def _in_text(self, *, final: bool) -> bytes | None:
        held = self._held
        at = self._prose.search(held)
        if at != 0:
            return self._take(len(held) if at < 0 else at)
        return self._at_thought(final=final) if self._prose.thinks else self._at_tag(0, final=final)

    def _behind_call(self, *, final: bool) -> bytes | None:
        """Blanks are no text yet: another call may follow, or nothing."""
        held = self._held
        blanks = blanks_end(held, 0, min(len(held), MAX_GAP + 1))
        if blanks > MAX_GAP:
            self._after_call = False
            return self._take(blanks)
        if blanks == len(held):
            if final:
                held.clear()
            return b"" if final else None
        if held[blanks : blanks + 1] == b"<":
            return self._at_tag(blanks, final=final)
        self._after_call = False
        return b""

    def _at_tag(self, at: int, *, final: bool) -> bytes | None:
        held = self._held
        tag = tag_at(held, at, len(held))
        if tag is Verdict.WAIT and not final and self._may_be_named(at):
            return None
        if not isinstance(tag, Tag) or tag.closes:
            return self._refuted(at)
        tool = self._tools.get(tag.name)
        if tool is not None:
            self._open = _OpenCall(tool, at, tag.end, empty=tag.empty)
            return b""
        if self._prose.blank and tag.name == _THINK:
            self._prose.thinks = True
        return self._refuted(at)

    def _may_be_named(self, at: int) -> bool:
        """Whether this part of a tag is that of one that is looked for."""
        found = _PART.fullmatch(self._held, at)
        if found is None:
            return False
        begun = found[1]
        if found[2]:
            return begun in self._names
        place = bisect_left(self._names, begun)
        return place < len(self._names) and self._names[place].startswith(begun)

    def _at_thought(self, *, final: bool) -> bytes | None:
        begun = bytes(self._held[: len(_END_OF_THOUGHT)])
        if begun == _END_OF_THOUGHT:
            self._prose.thinks = False
            self._prose.line_begins()
            return self._take(len(begun))
        if not final and _END_OF_THOUGHT.startswith(begun):
            return None
        return self._refuted(0)

    def _refuted(self, at: int) -> bytes:
        """The `<` that stands there is text, and so is all before it."""
        self._open, self._after_call = None, False
        self._prose.visible()
        return self._take(at + 1)

    def _take(self, length: int) -> bytes:
        taken = bytes(self._held[:length])
        del self._held[:length]
        return taken

    # --- in what may be a call ------------------------------------------------------------------------------

    def _in_call(self, call: "_OpenCall", *, final: bool) -> bytes | Call | None:
        end = min(len(self._held), MAX_CALL)
        read = call.go_on(self._held, end)
        match read:
            case Call():
                del self._held[: call.at]
                self._open, self._after_call = None, True
                self._prose.line_begins()
                return read
            case Verdict.WRONG:
                return self._refuted(call.start)
            case Verdict.WAIT if not final and end < MAX_CALL:
                return None
            case Verdict.WAIT:
                return self._given_up(end)
            case Verdict.DONE:
                return self._given_up(call.at)

    def _given_up(self, end: int) -> bytes:
        """It began as a call, and is none: all of it is text. It is not looked at once more, however much it is."""
        while end < len(self._held) and self._held[end] & 0xC0 == 0x80:
            end -= 1  # a character is not parted
        self._open, self._after_call = None, False
        self._prose.visible()
        return self._take(end)


class _OpenCall:
    """From a tool's tag on. `start` is where that stands, `at` how far it was read."""

    def __init__(self, tool: Tool, start: int, body: int, *, empty: bool) -> None:
        self.start = start
        self.at = body
        self._tool = tool
        self._empty = empty
        self._name = tool.name.encode()
        self._elements = Elements(body, tool.tags, self._name)
        self._json: int | None = None
        self._ends = 0

    def go_on(self, held: bytearray, end: int) -> Call | Verdict:
        """DONE: it can't be read, up to `at`."""
        if self._json is not None:
            return self._read_json(held, end, self._json)
        verdict = Verdict.DONE if self._empty else self._elements.go_on(held, end)
        self.at = self._elements.at
        if verdict is Verdict.DONE:
            found = self._elements.found
            return self._tool.read(found) if found or not self._tool.required else Verdict.WRONG
        if verdict is Verdict.WRONG and held[self.at : self.at + 1] == b"{":
            self._json = self.at
            return self._read_json(held, end, self.at)
        return verdict

    def _read_json(self, held: bytearray, end: int, start: int) -> Call | Verdict:
        """Its end tag may stand in a text of the JSON, too; then what is before it is no JSON."""
        closing = b"</" + self._name
        while self._ends < _MAX_ENDS:
            found = held.find(closing, self.at, end)
            if found < 0:
                self.at = max(self.at, end - len(closing) + 1)
                return Verdict.WAIT
            self.at = found
            tag = tag_at(held, found, end)
            if tag is Verdict.WAIT:
                return tag
            self.at = found + 1
            if isinstance(tag, Tag) and tag.name == self._name:
                self._ends += 1
                arguments = json_object(bytes(held[start:found]))
                if arguments is not None:
                    self.at = tag.end
                    return Call(self._tool.name, arguments)
        return Verdict.DONE


def _joined(texts: list[bytes]) -> list[Piece]:
    together = b"".join(texts).decode("utf-8", "surrogatepass")
    return [together] if together else []
