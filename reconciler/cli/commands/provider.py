"""routerctl provider"""

import click

from reconciler.cli.parts import ListWithParts, parts_alone

_PARTS = {
    "list": "List Providers: the active one, how they do, what they serve.",
    "add": "Make a Provider, with the Models that it serves.",
    "edit": "Change fields of a Provider.",
    "remove": "Remove Providers, with --cascade their Bindings too.",
    "enable": "Let Providers serve requests again.",
    "disable": "Let Providers serve no more requests.",
    "test": "Ask Providers whether they are there, take the key, and have their models.",
    "reset": "Forget what failed at a provider, so that it is asked again at once.",
}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: routerctl provider reset openai",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Providers by hand: each change is one revision, by the same engine as apply, or with --save a change of manifests."""
    parts_alone(ctx)
