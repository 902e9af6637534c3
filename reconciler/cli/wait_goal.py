"""What `wait --for` waits for, as kubectl writes it: condition=TYPE[=STATUS], jsonpath=EXPRESSION[=VALUE], delete, create."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, get_args

import click

from reconciler.cli.jsonpath import render
from reconciler.cli.jsonpath_syntax import parse
from reconciler.cli.resource_output import Row, as_object
from reconciler.control.conditions import Truth, condition_types
from reconciler.errors import InvalidInput, one_line

_CONDITION, _JSONPATH = "condition=", "jsonpath="


@dataclass(frozen=True, slots=True)
class ByCondition:
    type: str
    status: Truth = "True"

    def unmet(self, row: Row) -> str | None:
        """Why it is not so; None where it is. A condition that is of another generation is not so yet."""
        condition = next(each for each in row.conditions if each.type.lower() == self.type.lower())
        if condition.holds(self.status, row.stored.generation):
            return None
        of_this = condition.status != self.status
        return (
            f"{condition.type} is {condition.status} ({condition.reason})"
            + ("" if of_this else " of an earlier generation")
            + (f": {one_line(condition.message)}" if condition.message else "")
        )

    def require(self, kinds: Sequence[str]) -> None:
        """Raises click.BadParameter for a kind that has no such condition."""
        for kind in kinds:
            types = condition_types(kind)
            if self.type.lower() not in {each.lower() for each in types}:
                raise click.BadParameter(
                    f"a {kind} has no condition {self.type}; it has {', '.join(types)}", param_hint="--for"
                )


@dataclass(frozen=True, slots=True)
class ByJsonPath:
    """Without `value`: that it picks something at all."""

    template: str
    value: str | None = None

    def unmet(self, row: Row) -> str | None:
        found = render(as_object(row.stored, row.conditions), self.template)
        if self.value is None:
            return None if found else f"{self.template} is not there"
        return None if found == self.value else f'{self.template} is "{found}"'


class Lifecycle(Enum):
    DELETE = "delete"
    CREATE = "create"


Goal: TypeAlias = ByCondition | ByJsonPath | Lifecycle


class GoalWord(click.ParamType[Goal, "str | Goal"]):
    name = "goal"

    def convert(self, value: str | Goal, param: click.Parameter | None, ctx: click.Context | None) -> Goal:
        if not isinstance(value, str):
            return value
        if value.startswith(_JSONPATH):
            return self._jsonpath(value.removeprefix(_JSONPATH), param, ctx)
        found = _condition(value) or _LIFECYCLE.get(value)
        if found is None:
            self.fail(
                f'"{value}" can\'t be waited for; write condition=Ready, condition=Ready=False,'
                " jsonpath='{.spec.enabled}'=false, delete or create",
                param,
                ctx,
            )
        return found

    def _jsonpath(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> ByJsonPath:
        begin, brace, value = text.rpartition("}=")
        template = f"{begin}}}" if brace else text
        if not template.startswith("{"):
            template = f"{{{template}}}"
        try:
            parse(template)
        except InvalidInput as error:
            self.fail(f"{error.message}; {error.hint}", param, ctx)
        return ByJsonPath(template, value if brace else None)


_LIFECYCLE = {each.value: each for each in Lifecycle}


def _condition(text: str) -> ByCondition | None:
    kind, _, status = text.removeprefix(_CONDITION).partition("=")
    known = {each.lower(): each for each in get_args(Truth)}
    word = (status or "true").lower()
    return ByCondition(kind, known[word]) if text.startswith(_CONDITION) and kind and word in known else None
