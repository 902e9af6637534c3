"""How a revision is named on the command line: 7, head, head~2."""

import re
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.api.records import Records
from reconciler.errors import NotFound

_WORD = re.compile(r"(?P<head>head|HEAD)(?:~(?P<back>[0-9]{1,9}))?|(?P<number>[0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class RevisionName:
    """`back` counts from the head where there is no `absolute` number."""

    absolute: int | None = None
    back: int = 0

    def number(self, reader: Records) -> int:
        """Raises NotFound where that is before the first revision, or none was made yet."""
        if self.absolute is not None:
            return self.absolute
        head = reader.head()
        if head == 0:
            raise NotFound("there is no revision yet", hint="make one with", command="apply -f DIR")
        if self.back >= head:
            raise NotFound(
                f"head~{self.back} is before the first revision; the head is {head}",
                hint="they are listed by",
                command="history",
            )
        return head - self.back


HEAD = RevisionName()


class RevisionWord(click.ParamType[RevisionName, "str | RevisionName"]):
    """0, the empty store, is a revision only where `zero` says that it means something."""

    name = "revision"

    def __init__(self, *, zero: bool = False) -> None:
        self._zero = zero

    def convert(
        self, value: str | RevisionName, param: click.Parameter | None, ctx: click.Context | None
    ) -> RevisionName:
        if isinstance(value, RevisionName):
            return value
        word = _WORD.fullmatch(value)
        if word is None:
            self.fail(f'"{value}" is no revision; write its number, head, or head~1', param, ctx)
        if word["head"]:
            return RevisionName(back=int(word["back"] or 0))
        number = int(word["number"])
        if number == 0 and not self._zero:
            self.fail("revision 0 is the empty store; the first revision is 1", param, ctx)
        return RevisionName(number)


class RevisionOrPlan(click.ParamType["RevisionName | str", "str | RevisionName"]):
    """A revision, or the name of a file with a plan: whatever is no revision's name and is there, or ends in .json."""

    name = "revision"

    def convert(
        self, value: str | RevisionName, param: click.Parameter | None, ctx: click.Context | None
    ) -> RevisionName | str:
        if isinstance(value, str) and _WORD.fullmatch(value) is None:
            if value == "-" or value.endswith(".json") or Path(value).exists():
                return value
            self.fail(
                f'"{value}" is no revision; write its number, head, head~1, or a plan\'s file', param, ctx
            )
        return RevisionWord().convert(value, param, ctx)
