"""routerctl stats"""

from typing import Unpack, cast

import click

from reconciler.cli.output import listing, output_option, print_data, table
from reconciler.cli.reading import traffic_of
from reconciler.cli.session import Session
from reconciler.cli.traffic_options import Filters, filter_options, sought
from reconciler.cli.traffic_output import group_columns, group_json
from reconciler.store.traffic_query import DIMENSIONS, Dimension


class DimensionWords(click.ParamType[tuple[Dimension, ...], str]):
    name = "dimensions"

    def convert(
        self, value: str | tuple[Dimension, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Dimension, ...]:
        if isinstance(value, tuple):
            return value
        words = value.split(",")
        for word in words:
            if word not in DIMENSIONS:
                self.fail(f'"{word}" is none of {", ".join(DIMENSIONS)}', param, ctx)
        return cast("tuple[Dimension, ...]", tuple(dict.fromkeys(words)))


@click.command(epilog="Example: routerctl stats --by provider,status --since 7d -o wide")
@click.option(
    "--by",
    metavar="DIMENSION,...",
    type=DimensionWords(),
    default="model,provider",
    show_default=True,
    help=f"What is told apart: {', '.join(DIMENSIONS)}.",
)
@filter_options(since="24h")
@output_option(formats="table|wide|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(session: Session, by: tuple[Dimension, ...], output: str, **filters: Unpack[Filters]) -> None:
    """Sum up the records of requests: how many, how many failed, how long they took, tokens, and what they cost.

    A request failed where it was answered with 4xx or 5xx, or broke off; one whose client left did not. A cost with a +
    is what is known of it: not all models tell a price. Hours and days are UTC's.
    """
    groups = traffic_of(session).groups(by, sought(session, filters))
    if output in ("table", "wide"):
        columns = group_columns(by)
        click.echo(table(columns, groups, wide=output == "wide") if groups else "No requests.")
    else:
        print_data(listing(group_json(by, group) for group in groups), output)
