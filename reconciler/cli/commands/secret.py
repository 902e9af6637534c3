"""routerctl secret"""

import click

from reconciler.cli.parts import ListWithParts, parts_alone

_PARTS = {
    "seal": "Encrypt a value, or the values of a manifest, so that it can be committed.",
    "reseal": "Encrypt the sealed values of manifests to the current key.",
    "set": "Store a value in a Secret.",
    "unset": "Take a value out of a Secret.",
    "list": "List secrets, where they come from and where they go; never a value.",
    "audit": "Search files for every known secret, plain and encoded.",
    "keygen": "Make an encryption key.",
    "public-key": "Print what values are sealed to.",
    "rotate-key": "Put a new encryption key in place of the current one.",
}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Example: routerctl secret seal -f manifests/openai.yaml",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Seal, set and list secrets, and keep the key. Values come from stdin or from files, never as arguments."""
    parts_alone(ctx)
