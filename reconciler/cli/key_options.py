"""Options of `key create`, and the spec of a ClientKey that they stand for."""

from collections.abc import Callable, Iterable
from typing import TypedDict, TypeVar

import click

from reconciler.cli.expiry import Expiry, ExpiryWord
from reconciler.clock import Clock
from reconciler.json_types import JsonObject

F = TypeVar("F", bound=Callable[..., object])


class Told(TypedDict):
    """The values of the options below."""

    models: tuple[str, ...]
    routes: tuple[str, ...]
    expires: Expiry | None
    limits: tuple[tuple[str, str], ...]
    budgets: tuple[tuple[str, str], ...]
    token_budgets: tuple[tuple[str, str], ...]
    metadata: tuple[tuple[str, str], ...]
    display_name: str | None


class Pair(click.ParamType[tuple[str, str], "str | tuple[str, str]"]):
    """`NAME=VALUE`."""

    name = "pair"

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, told = value.partition("=")
        if not (name and equals and told):
            self.fail(f'"{value}" has no value; write {param.metavar if param else "NAME=VALUE"}', param, ctx)
        return name, told


class Count(Pair):
    """`NAME=N`."""

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, told = super().convert(value, param, ctx)
        if not (told.isascii() and told.isdigit()):
            self.fail(f'"{told}" is no whole number', param, ctx)
        return name, told


def key_options(command: F) -> F:
    """Gives the command the keywords of Told."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def spec_of(told: Told, clock: Clock) -> JsonObject:
    """What nothing is said of is left out. Raises UsageError for an end that has passed, and for two words on one thing."""
    spec: JsonObject = {}
    for option, pairs in (
        ("--limit", told["limits"]),
        ("--budget", told["budgets"]),
        ("--token-budget", told["token_budgets"]),
        ("--metadata", told["metadata"]),
    ):
        names = [name for name, _ in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise click.UsageError(f"{option} {twice}: said twice")
    if told["display_name"] is not None:
        spec["displayName"] = told["display_name"]
    for field, globs in (("models", told["models"]), ("routes", told["routes"])):
        if globs:
            spec[field] = [*globs]
    if told["expires"] is not None:
        spec["expires"] = told["expires"].timestamp(clock)
    if told["limits"]:
        spec["limits"] = {name: int(count) for name, count in told["limits"]}
    if budgets := _budgets(told["budgets"], told["token_budgets"]):
        spec["budgets"] = [*budgets]
    if told["metadata"]:
        spec["metadata"] = dict(told["metadata"])
    return spec


def _budgets(amounts: Iterable[tuple[str, str]], tokens: Iterable[tuple[str, str]]) -> list[JsonObject]:
    found: dict[str, JsonObject] = {}
    for window, amount in amounts:
        found.setdefault(window, {"window": window})["amount"] = amount
    for window, count in tokens:
        found.setdefault(window, {"window": window})["tokens"] = int(count)
    return list(found.values())


_AGAIN = "May be given again."
_OPTIONS: tuple[Callable[[F], F], ...] = (
    click.option(
        "--model",
        "models",
        metavar="GLOB",
        multiple=True,
        help=f"A Model, name or alias that it may ask for; * stands for any text. {_AGAIN} [default: all]",
    ),
    click.option(
        "--route",
        "routes",
        metavar="GLOB",
        multiple=True,
        help=f"A Route that may decide its requests. {_AGAIN} [default: all]",
    ),
    click.option(
        "--expires", metavar="WHEN", type=ExpiryWord(), help="When it ends: 90d, 2027-01-31. [default: never]"
    ),
    click.option(
        "--limit",
        "limits",
        metavar="NAME=N",
        type=Count(),
        multiple=True,
        help=f"A limit, such as requestsPerMinute=60, tokensPerDay=1000000 or maxConcurrent=8. {_AGAIN}",
    ),
    click.option(
        "--budget",
        "budgets",
        metavar="WINDOW=DOLLARS",
        type=Pair(),
        multiple=True,
        help=f"US dollars for each hour, day, week or month: month=25.00. {_AGAIN}",
    ),
    click.option(
        "--token-budget",
        "token_budgets",
        metavar="WINDOW=N",
        type=Count(),
        multiple=True,
        help=f"The same in tokens: day=1000000. {_AGAIN}",
    ),
    click.option(
        "--metadata",
        metavar="NAME=TEXT",
        type=Pair(),
        multiple=True,
        help=f"A word that goes to the records of its requests. {_AGAIN}",
    ),
    click.option("--display-name", metavar="TEXT", help="Its name for people."),
)
