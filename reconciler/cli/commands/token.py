"""routerctl token"""

import click

from reconciler.cli.parts import ListWithParts, parts_alone

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
    parts_alone(ctx)
