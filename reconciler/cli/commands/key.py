"""routerctl key"""

import click
from click.exceptions import NoSuchCommand

from reconciler.cli.parts import ListWithParts

_PARTS = {
    "create": "Make a ClientKey with a key, and show that once.",
    "list": "List keys: whose, until when, whether they are accepted.",
    "rotate": "Give a ClientKey another key, and the old ones an end.",
    "revoke": "Refuse a ClientKey, or one of its keys, from now on.",
}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog='Example: routerctl key create search-team --model "gpt-4o*" --limit requestsPerMinute=60',
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Say who may call the gateway: keys of LLM clients.

    They are asked for once auth.dataPlane of the Settings is keys. What each may do stands in its ClientKey.
    """
    if ctx.invoked_subcommand is None and ctx.args:
        raise NoSuchCommand(ctx.args[0], possibilities=_PARTS, ctx=ctx)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
