"""`--prune`, and what a person may say against its guards."""

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

import click

from reconciler.control.proposal import DEFAULT, DEFAULT_LIMIT, DeleteLimit, Guards

__all__ = ["Guards", "Limit", "prune_options"]

F = TypeVar("F", bound=Callable[..., object])

_LIMIT = re.compile(r"(?P<count>[0-9]{1,9})|(?P<percent>[0-9]{1,3})%")


class Limit(click.ParamType[DeleteLimit, "str | DeleteLimit"]):
    """A number of resources, or a percentage of what the source holds."""

    name = "limit"

    def convert(
        self, value: str | DeleteLimit, param: click.Parameter | None, ctx: click.Context | None
    ) -> DeleteLimit:
        if isinstance(value, DeleteLimit):
            return value
        found = _LIMIT.fullmatch(value)
        if found is None or int(found["percent"] or 0) > 100:
            self.fail(f'"{value}" is no limit; write a number, or a percentage as in 25%', param, ctx)
        return DeleteLimit(int(found["count"] or 0), int(found["percent"] or 0))


def prune_options(command: F) -> F:
    """The arguments `prune` and `guards`."""

    @wraps(command)
    def with_guards(
        *arguments: object, prune: bool, max_deletes: DeleteLimit | None, allow_empty: bool, **named: object
    ) -> object:
        if not prune and (allow_empty or max_deletes is not None):
            raise click.UsageError(f"{'--allow-empty' if allow_empty else '--max-deletes'} needs --prune")
        guards = Guards(max_deletes or DEFAULT.max_deletes, allow_empty)
        return command(*arguments, prune=prune, guards=guards, **named)

    wrapped: Callable[..., object] = with_guards
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return cast("F", wrapped)


_OPTIONS = (
    click.option(
        "--prune",
        is_flag=True,
        help="Delete what the source once declared under these paths and no longer does.",
    ),
    click.option(
        "--max-deletes",
        metavar="N|P%",
        type=Limit(),
        help="Refuse a prune that deletes more than N resources, or P percent of those of the source. "
        f"[default: {DEFAULT_LIMIT.count}, or {DEFAULT_LIMIT.percent}% where that is more]",
    ),
    click.option(
        "--allow-empty", is_flag=True, help="Let a prune delete all that the source holds, or a path held."
    ),
)
