"""routerctl model"""

import click

from reconciler.cli.parts import ListWithParts, parts_alone

_PARTS = {
    "list": "List Models, and who serves each.",
    "add": "Make a Model, and bind it to Providers.",
    "remove": "Remove Models, with --cascade their Bindings too.",
    "link": "Bind Models to a Provider.",
    "unlink": "Take Models from a Provider.",
    "default": "Make a Model the default of a Provider.",
    "sync": "Ask Providers which models they have, and propose what would serve them.",
}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: routerctl model list",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Models, and which Providers serve them: each change is one revision, or with --save a change of manifests."""
    parts_alone(ctx)
