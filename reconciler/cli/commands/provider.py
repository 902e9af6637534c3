"""routerctl provider"""

import click
from click.exceptions import NoSuchCommand

from reconciler.cli.parts import ListWithParts

_PARTS = {"reset": "Forget what failed at a provider, so that it is asked again at once."}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: routerctl provider reset openai",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Steer providers while they serve. What they are stands in manifests; how they do is told by describe and status."""
    if ctx.invoked_subcommand is None and ctx.args:
        raise NoSuchCommand(ctx.args[0], possibilities=_PARTS, ctx=ctx)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
