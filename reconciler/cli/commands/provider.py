"""routerctl provider"""

import click

from reconciler.cli.parts import ListWithParts, parts_alone

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
    parts_alone(ctx)
