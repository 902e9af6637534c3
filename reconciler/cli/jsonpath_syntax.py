r"""Reading kubectl's JSONPath: the text of a template to its parts. Nothing is looked up here; see `jsonpath`.

A template is text with actions between braces; without braces it is one path.

    {.a.b}  {.a['b.c']}  {.a.b\.c}  {.a[0]}  {.a[-1]}  {.a[0,2]}  {.a[1:3]}  {.a[*]}  {.a.*}  {..name}
    {.a[?(@.b==1)]}  {.a[?(@.b)]}  {"\n"}  {range .a[*]}...{end}      @ is the item at hand, $ the whole
"""

import re
from dataclasses import dataclass
from typing import Literal as Word
from typing import NoReturn, TypeAlias, cast

from reconciler.errors import InvalidInput

_HINT = "for example: jsonpath={.spec.config.baseURL} or jsonpath={.items[*].metadata.name}"
_MOST_RANGES = 16
"""Within each other."""

Operator: TypeAlias = Word["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Names:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indexes:
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A slice of a list."""

    start: int | None
    end: int | None
    step: int


@dataclass(frozen=True, slots=True)
class Every:
    """All items of a list, all values of an object."""


@dataclass(frozen=True, slots=True)
class Below:
    """The value and everything in it, however deep."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The items for which it holds; without an operator: those that have `left`."""

    left: "Operand"
    operator: Operator | None = None
    right: "Operand | None" = None


Step: TypeAlias = Names | Indexes | Part | Every | Below | Filter


@dataclass(frozen=True, slots=True)
class Path:
    """`whole`: from the value that the template was given, else from the item at hand."""

    steps: tuple[Step, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value written out."""

    value: str | int | bool | None


Operand: TypeAlias = Path | Value


@dataclass(frozen=True, slots=True)
class Range:
    """`body` for each value of `path`."""

    path: Path
    body: "tuple[Node, ...]"


Node: TypeAlias = str | Path | Range

_TEXT = re.compile(r"[^{}]+")
_BLANKS = re.compile(r"\s*")
_NAME = re.compile(r"""(?:\\.|[^\s.,:\[\]{}()'"*$@?=!<>|&\\])+""", re.DOTALL)
_QUOTED = re.compile(r""""((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)\'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![\w.])", re.ASCII)
_OPERATOR = re.compile(r"==|!=|<=|>=|<|>")
_SLICE = re.compile(r"(-?[0-9]{1,9})?\s*:\s*(-?[0-9]{1,9})?\s*(?::\s*([0-9]{1,9})?)?\s*(?=\])", re.ASCII)
_RANGE = re.compile(r"range(?=[\s.\[@$])")
_END = re.compile(r"end(?=\s*\})")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"(?:true|false|null)\b")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}


def parse(template: str) -> tuple[Node, ...]:
    """The parts of a template. Raises InvalidInput that says where it can't be read, and why."""
    reader = _Reader(template)
    if "{" not in template and "}" not in template:
        path = reader.path()
        reader.blanks()
        if not reader.done:
            reader.fail("a path begins with a dot" if reader.at == 0 else "unexpected")
        return (path,)
    return reader.template()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self._filtering = False

    @property
    def done(self) -> bool:
        return self.at == len(self._text)

    def fail(self, why: str, at: int | None = None) -> NoReturn:
        place = self.at if at is None else at
        near = f' ("{self._text[place : place + 12]}")' if place < len(self._text) else ""
        said = f"the jsonpath expression can't be read at character {place + 1}{near}: {why}"
        raise InvalidInput(said, hint=_HINT)

    def blanks(self) -> None:
        self._take(_BLANKS)

    def template(self) -> tuple[Node, ...]:
        """Ranges may lie within each other: `open_` holds where each one began, its path, and what is around it."""
        nodes: list[Node] = []
        open_: list[tuple[int, Path, list[Node]]] = []
        while not self.done:
            text = self._take(_TEXT)
            if text is not None:
                nodes.append(text[0])
                continue
            begin = self.at
            if not self._word("{"):
                self.fail('"}" without "{"')
            self.blanks()
            if self._take(_RANGE):
                if len(open_) == _MOST_RANGES:
                    self.fail("too many ranges within each other", begin)
                open_.append((begin, self._rest_of_action(), nodes))
                nodes = []
            elif self._take(_END):
                self._close()
                if not open_:
                    self.fail("{end} without {range}", begin)
                _, path, around = open_.pop()
                around.append(Range(path, tuple(nodes)))
                nodes = around
            else:
                quoted = self._take(_QUOTED)
                nodes.append(self._rest_of_action() if quoted is None else _unquoted(quoted))
                if quoted is not None:
                    self._close()
        if open_:
            self.fail("{range} without {end}", open_[-1][0])
        return tuple(nodes)

    def path(self) -> Path:
        """From here as far as steps go. "." alone is the item at hand."""
        self.blanks()
        whole = self._word("$")
        if not whole:
            self._word("@")
        steps: list[Step] = []
        if self._text[self.at : self.at + 1] == "." and not self._begins_step(self.at + 1):
            self.at += 1
            return Path((), whole)
        while True:
            if self._word(".."):
                steps.append(Below())
                if self._text[self.at : self.at + 1] != "[":
                    steps.append(self._named())
            elif self._word("."):
                if self._text[self.at : self.at + 1] != "[":
                    steps.append(self._named())
            elif self._word("["):
                steps.append(self._bracket())
            else:
                return Path(tuple(steps), whole)

    def _begins_step(self, at: int) -> bool:
        return at < len(self._text) and (self._text[at] in ".[*" or _NAME.match(self._text, at) is not None)

    def _named(self) -> Step:
        if self._word("*"):
            return Every()
        name = self._take(_NAME)
        if name is None:
            self.fail("a name is missing")
        return Names((_ESCAPE.sub(r"\1", name[0]),))

    def _bracket(self) -> Step:
        self.blanks()
        begin = self.at
        part = self._take(_SLICE)
        step: Step
        if part is not None:
            if _integer(part[3]) == 0:
                self.fail("a step of 0", begin)
            step = Part(_integer(part[1]), _integer(part[2]), _integer(part[3]) or 1)
        elif self._word("*"):
            step = Every()
        elif self._word("?"):
            step = self._filter()
        else:
            step = self._union()
        self.blanks()
        if not self._word("]"):
            self.fail('"]" is missing')
        return step

    def _union(self) -> Step:
        names: list[str] = []
        indexes: list[int] = []
        while True:
            self.blanks()
            quoted, index = self._take(_QUOTED), self._take(_INTEGER)
            if quoted is not None:
                names.append(_unquoted(quoted))
            elif index is not None:
                indexes.append(int(index[0]))
            else:
                self.fail("write [0], [*], [1:3], ['name'] or [?(@.name==\"a\")]")
            self.blanks()
            if not self._word(","):
                break
        if names and indexes:
            self.fail("names and numbers between the same brackets")
        return Names(tuple(names)) if names else Indexes(tuple(indexes))

    def _filter(self) -> Filter:
        if self._filtering:
            self.fail("a filter within a filter")
        if not self._word("("):
            self.fail('"(" is missing')
        self._filtering = True
        left = self._operand()
        self.blanks()
        operator = self._take(_OPERATOR)
        found = (
            Filter(left) if operator is None else Filter(left, cast("Operator", operator[0]), self._operand())
        )
        self._filtering = False
        self.blanks()
        if not self._word(")"):
            self.fail(
                '")" is missing; a filter is @.path, or @.path, an operator (== != < <= > >=) and a value'
            )
        return found

    def _operand(self) -> Operand:
        self.blanks()
        if self._text[self.at : self.at + 1] in ("@", "$", "."):
            return self.path()
        if (quoted := self._take(_QUOTED)) is not None:
            return Value(_unquoted(quoted))
        if (number := self._take(_INTEGER)) is not None:
            return Value(int(number[0]))
        if (word := self._take(_WORD)) is not None:
            return Value(_WORDS[word[0]])
        return self.fail('a value is missing: @.path, "text", a whole number, true, false or null')

    def _rest_of_action(self) -> Path:
        path = self.path()
        self._close()
        return path

    def _close(self) -> None:
        self.blanks()
        if not self._word("}"):
            self.fail('"}" is missing' if self.done else "unexpected; a path begins with a dot")

    def _word(self, word: str) -> bool:
        if not self._text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self.at)
        if match is not None:
            self.at = match.end()
        return match


def _integer(text: str | None) -> int | None:
    return int(text) if text else None


def _unquoted(quoted: re.Match[str]) -> str:
    text: str = quoted[1] if quoted[1] is not None else quoted[2]
    return _ESCAPE.sub(lambda escape: _CONTROLS.get(escape[1], escape[1]), text)
