"""routerctl token"""

import click
from click.exceptions import NoSuchCommand

from reconciler.cli.parts import ListWithParts

_PARTS = {
    "create": "Make one, and show it once.",
    "list": "List them: whose, what for, until when.",
    "revoke": "Refuse one from now on.",
}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: routerctl token create ci --role operator --manager git:github.com/acme/routing --expires 90d",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Let others in at the management listener: tokens with a role.

    Until the first one is made, that listener answers this machine's own user alone. From then on everybody needs one.
    """
    if ctx.invoked_subcommand is None and ctx.args:
        raise NoSuchCommand(ctx.args[0], possibilities=_PARTS, ctx=ctx)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
