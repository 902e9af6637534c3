"""What reading manifests gives: Documents, and Problems with their places."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reconciler.control.manifest.locator import Path, locate
from reconciler.control.manifest.printable import printable
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey

_PLAIN_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST_NAME = 64
_LONGEST_FIELD = 160


class Location(NamedTuple):
    """A place in a file, 1-based, counted in characters. Line 0 stands for the file as a whole."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        if self.line == 0:
            return printable(self.file)
        return f"{printable(self.file)}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document whose root is a mapping. `line` is where `text` begins in the file, 1-based.

    `faulty`: it is among the problems as well, and `data` holds UNREAD where a value could not be read.
    `sound`: nothing was wrong with it when it was read before, and `data` holds no null.
    `items`: what the root holds where it may be a list, as that of a JSON patch; `data` is empty then.
    """

    data: JsonObject = field(repr=False)  # may hold a secret, as the text may
    file: str
    text: str = field(repr=False)
    line: int
    faulty: bool = False
    items: list[JsonValue] | None = field(default=None, repr=False)
    sound: bool = field(default=False, repr=False)

    @property
    def overlay(self) -> str | None:
        """The folder of the overlay that made it; None for what a file says by itself."""
        return None

    def locate(self, path: Path) -> Location:
        """The place of the key or item at `path`; of the nearest ancestor that is written, where it is not.

        Parses the text again, up to that place: for messages, not for the good case.
        """
        line, column = locate(self.text, path)
        return Location(self.file, self.line + line - 1, column)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, where, and what to do. `warning`: it stops nothing; `rule` is then the id by which lint knows it."""

    location: Location | None
    message: str
    key: ResourceKey | None = None
    field: str | None = None
    hint: str | None = None
    warning: bool = False
    rule: str | None = None

    def __str__(self) -> str:
        """`file:line:col: error: Kind/name: field: message; hint`, without the parts that are not known."""
        subject = printable(str(self.key)) if self.key is not None else None
        parts = [str(self.location)] if self.location is not None else []
        parts.append("warning" if self.warning else "error")
        parts += [part for part in (subject, self.field, self.message) if part]
        text = ": ".join(parts)
        return f"{text}; {self.hint}" if self.hint else text


class InvalidManifests(InvalidInput):
    """Everything that is wrong with a set of manifests, at once."""

    stands_alone = True

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, in the order of reading. A document that could not be read to its end is among the problems only;
    `files` names also what could not be read.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]


def without_nulls(value: JsonObject) -> JsonObject:
    """A null field is one that is not given, as in Kubernetes."""
    return {name: _clean(item) for name, item in value.items() if item is not None}


def _clean(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return without_nulls(value)
    return value


def in_order(problems: Iterable[Problem], files: Sequence[str]) -> tuple[Problem, ...]:
    """By file, as they were read, then by place; what belongs to no file comes first."""
    ranks = {name: rank for rank, name in reversed(list(enumerate(files)))}

    def place(problem: Problem) -> tuple[int, int, int]:
        if problem.location is None:
            return -1, 0, 0
        file, line, column = problem.location
        return ranks.get(file, len(files)), line, column

    return tuple(sorted(problems, key=place))


def field_path(path: Path) -> str:
    """A path as people write it: spec.config.headers["x-team"], spec.aliases[0]."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_FIELD.fullmatch(step) and len(step) <= _LONGEST_NAME:
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step)}]"
    return text if len(text) <= _LONGEST_FIELD else f"{text[: _LONGEST_FIELD - 1]}…"


def quoted(name: str) -> str:
    """A key's name for a message: in quotes, shortened, without characters that a terminal would act on."""
    shortened = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return '"' + printable(shortened).replace('"', '\\"') + '"'
