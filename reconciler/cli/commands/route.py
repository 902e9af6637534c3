"""routerctl route"""

import click

from reconciler.cli.parts import ListWithParts


@click.command(
    cls=ListWithParts,
    summaries={"explain": "Tell which candidates a request would get, and why."},
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: routerctl route explain --model gpt-4o-mini",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Tell where requests go. Routes themselves are resources: get, describe and explain tell of them."""
    if ctx.invoked_subcommand is not None:
        return
    if ctx.args:
        raise click.UsageError(f'"{ctx.args[0]}" is no part of route; write route explain')
    click.echo(ctx.get_help())
