"""Regular expressions as Go has them, as far as names need them, and in time that grows linearly, as there.

Python's own engine backtracks: a few characters in a commit could keep it busy for hours. A pattern is compiled to a
small program, and all its threads advance together, one character at a time. It has to match the whole text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

MAX_PATTERN = 256
MAX_PROGRAM = 1_000
MAX_REPEAT = 1_000
_MAX_NESTING = 32

Ranges = tuple[tuple[str, str], ...]
_DIGITS: Ranges = (("0", "9"),)
_WORD: Ranges = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_SPACE: Ranges = (("\t", "\n"), ("\f", "\r"), (" ", " "))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_SPECIAL = frozenset("\\.+*?()|[]{}^$")


class PatternError(Exception):
    """What is wrong with a pattern, in words for people."""


class _Op(Enum):
    RUNE = "rune"
    SPLIT = "split"
    JUMP = "jump"
    BEGIN = "begin"
    END = "end"


@dataclass(slots=True)
class _Step:
    """One instruction. `ways` are where it goes on; RUNE takes a character of `ranges` (not of them, where `negated`)."""

    op: _Op
    ways: list[int] = field(default_factory=list)
    ranges: Ranges = ()
    negated: bool = False

    def takes(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) is not self.negated


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. `literal`: it is a plain text. `cost`: how long one comparison takes, in instructions."""

    literal: str | None
    program: tuple[_Step, ...] = ()

    @property
    def cost(self) -> int:
        return 1 + len(self.program)

    def matches(self, text: str) -> bool:
        """Whether the pattern is all of `text`."""
        if self.literal is not None:
            return text == self.literal
        threads = self._closure([0], at_begin=True, at_end=not text)
        for position, character in enumerate(text, start=1):
            ahead = [
                self.program[index].ways[0]
                for index in threads
                if index < len(self.program) and self.program[index].takes(character)
            ]
            threads = self._closure(ahead, at_begin=False, at_end=position == len(text))
            if not threads:
                return False
        return len(self.program) in threads

    def _closure(self, starts: Iterable[int], *, at_begin: bool, at_end: bool) -> set[int]:
        """The instructions that wait for a character; the end of the program, where it is reached."""
        seen: set[int] = set()
        waiting: set[int] = set()
        pending = list(starts)
        while pending:
            index = pending.pop()
            if index in seen:
                continue
            seen.add(index)
            step = self.program[index] if index < len(self.program) else None
            if step is None or step.op is _Op.RUNE:
                waiting.add(index)
            elif (step.op is not _Op.BEGIN or at_begin) and (step.op is not _Op.END or at_end):
                pending += step.ways
        return waiting


def compile_pattern(text: str) -> Pattern:
    """Raises PatternError."""
    if not _SPECIAL & set(text):
        return Pattern(text)
    if len(text) > MAX_PATTERN:
        raise PatternError(f"a pattern of more than {MAX_PATTERN} characters")
    compiler = _Compiler(text)
    compiler.alternatives(0)
    if compiler.position < len(text):
        raise PatternError("a ) without its (")
    return Pattern(None, tuple(compiler.program))


@dataclass(slots=True)
class _Compiler:
    """Recursive descent over the text; each part appends its instructions, and flows out behind its last one."""

    text: str
    position: int = 0
    program: list[_Step] = field(default_factory=list)

    def alternatives(self, depth: int) -> None:
        if depth > _MAX_NESTING:
            raise PatternError(f"more than {_MAX_NESTING} groups inside one another")
        begin = len(self.program)
        self._sequence(depth)
        leaving = []
        while self._next("|"):
            self._insert(begin)
            leaving.append(self._emit(_Step(_Op.JUMP)))
            self.program[begin] = _Step(_Op.SPLIT, [begin + 1, len(self.program)])
            begin = len(self.program)
            self._sequence(depth)
        for index in leaving:
            self.program[index].ways = [len(self.program)]

    def _sequence(self, depth: int) -> None:
        while self.position < len(self.text) and self.text[self.position] not in "|)":
            begin = len(self.program)
            self._atom(depth)
            self._repeated(begin)

    def _atom(self, depth: int) -> None:
        character = self._take()
        if character == "(":
            self._group(depth)
        elif character == "[":
            self._class()
        elif character == "\\":
            self._rune(*self._escape())
        elif character == ".":
            self._rune((("\n", "\n"),), negated=True)
        elif character in "^$":
            step = _Step(_Op.BEGIN if character == "^" else _Op.END)
            step.ways = [self._emit(step) + 1]
        elif character in "*+?":
            raise PatternError(f"nothing stands before {character} that it could repeat")
        else:
            self._rune(((character, character),), negated=False)

    def _group(self, depth: int) -> None:
        if self._next("?") and not self._next(":"):
            raise PatternError("only plain groups, ( ) and (?: ), are known")
        self.alternatives(depth + 1)
        if not self._next(")"):
            raise PatternError("a ( without its )")

    def _class(self) -> None:
        negated = self._next("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self._next("]"):
            first = False
            ranges += self._member()
        self._rune(tuple(ranges), negated=negated)

    def _member(self) -> Ranges:
        """One character of a class, a range, or an escape."""
        low, several = self._one()
        if several:
            return several
        if self.text[self.position : self.position + 1] != "-" or self.text[self.position + 1 :][:1] in {
            "]",
            "",
        }:
            return ((low, low),)
        self.position += 1
        high, several = self._one()
        if several or high < low:
            raise PatternError("a range in [ ] goes from a lower to a higher character")
        return ((low, high),)

    def _one(self) -> tuple[str, Ranges]:
        character = self._take("a [ without its ]")
        if character == "[" and self.text[self.position : self.position + 1] == ":":
            raise PatternError("classes such as [:alpha:] are not known")
        if character != "\\":
            return character, ()
        ranges, negated = self._escape()
        if negated:
            raise PatternError("\\D, \\W and \\S are not known inside [ ]")
        return (ranges[0][0], ()) if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else ("", ranges)

    def _escape(self) -> tuple[Ranges, bool]:
        character = self._take("a \\ at the end")
        known = _CLASSES.get(character.lower())
        if known is not None:
            return known, character.isupper()
        if character.isalnum():
            raise PatternError(f"the escape \\{character} is not known")
        return ((character, character),), False

    def _repeated(self, begin: int) -> None:
        """`*`, `+`, `?` or `{m,n}` behind what begins at `begin`; lazy ones match the same whole texts."""
        if self.position >= len(self.text):
            return
        bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.text[self.position])
        if bounds is None:
            bounds = self._counted()
            if bounds is None:
                return
        else:
            self.position += 1
        self._next("?")
        if self.position < len(self.text) and self.text[self.position] in "*+?":
            raise PatternError("one repetition behind another")
        self._repeat(begin, *bounds)

    def _counted(self) -> tuple[int, int | None] | None:
        """The bounds of {m}, {m,} or {m,n}; None where a { is a plain character."""
        end = self.text.find("}", self.position)
        if self.text[self.position] != "{" or end < 0:
            return None
        low, comma, high = self.text[self.position + 1 : end].partition(",")
        if not all(number.isdecimal() and len(number) <= 4 for number in (low, high or "0")):
            return None
        least, most = int(low), int(high) if high else None if comma else int(low)
        if least > MAX_REPEAT or (most is not None and not least <= most <= MAX_REPEAT):
            raise PatternError(f"a repetition is {{m,n}}, m not above n and n at most {MAX_REPEAT}")
        self.position = end + 1
        return least, most

    def _repeat(self, begin: int, least: int, most: int | None) -> None:
        part = self.program[begin:]
        del self.program[begin:]
        for _ in range(least):
            self._append(part, begin)
        if most is None:
            split = self._emit(_Step(_Op.SPLIT))
            self._append(part, begin)
            self._emit(_Step(_Op.JUMP, [split]))
            self.program[split].ways = [split + 1, len(self.program)]
            return
        splits = []
        for _ in range(most - least):
            splits.append(self._emit(_Step(_Op.SPLIT)))
            self._append(part, begin)
        for split in splits:
            self.program[split].ways = [split + 1, len(self.program)]

    def _append(self, part: list[_Step], begin: int) -> None:
        """A copy of a part that was compiled to stand at `begin`."""
        moved = len(self.program) - begin
        for step in part:
            self._emit(_Step(step.op, [way + moved for way in step.ways], step.ranges, step.negated))

    def _insert(self, begin: int) -> None:
        """Makes room for one instruction before a part."""
        part = self.program[begin:]
        del self.program[begin:]
        self._emit(_Step(_Op.JUMP))
        self._append(part, begin)

    def _rune(self, ranges: Ranges, negated: bool) -> None:
        step = _Step(_Op.RUNE, [], ranges, negated)
        step.ways = [self._emit(step) + 1]

    def _emit(self, step: _Step) -> int:
        if len(self.program) >= MAX_PROGRAM:
            raise PatternError("the pattern is too large")
        self.program.append(step)
        return len(self.program) - 1

    def _take(self, missing: str = "") -> str:
        if self.position >= len(self.text):
            raise PatternError(missing)
        self.position += 1
        return self.text[self.position - 1]

    def _next(self, character: str) -> bool:
        found = self.text[self.position : self.position + 1] == character
        self.position += found
        return found
