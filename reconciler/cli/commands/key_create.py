"""routerctl key create"""

from typing import Unpack

import click

from reconciler.cli.creating import create_declared
from reconciler.cli.key_making import Making, making_options
from reconciler.cli.key_options import Told, key_options, spec_of
from reconciler.cli.key_output import STDOUT, save_manifest, show_key, shown_if_stored
from reconciler.cli.proposing import records_if_any
from reconciler.cli.session import Session
from reconciler.control.client_keys import KIND, manifest_of, new_client
from reconciler.errors import Refused
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import keys_required


@click.command(
    epilog='Example: routerctl key create search-team --model "gpt-4o*" --budget month=25.00 > search-team.key'
)
@click.argument("name")
@key_options
@click.option(
    "--save",
    metavar="FILE",
    help="Store nothing: write the manifest, which holds the key's hash alone, to this file, for git; - is stdout, and the "
    "key goes to stderr.",
)
@making_options
@click.pass_obj
def command(session: Session, name: str, save: str | None, making: Making, **told: Unpack[Told]) -> None:
    """Make a ClientKey with one key, and print the key: it is shown once, and kept as a hash alone."""
    if save is not None and (making.dry_run or not making.as_text):
        raise click.UsageError(
            "--save stores nothing and prints the key alone: it goes without --dry-run and -o"
        )
    key = ResourceKey(KIND, session.namespace or DEFAULT_NAMESPACE, name)
    minted = mint("rk")
    declared = new_client(key, minted, spec_of(told, session.clock), making.end(session.clock))
    required = _check_new(session, key)
    if save is not None:
        save_manifest(manifest_of(declared), save)
    else:
        with shown_if_stored(minted, key):
            create_declared(session, "key create", declared, making.asked)
        if making.dry_run:
            return
    show_key(minted, key, making.output, beside=save == STDOUT)
    if not required and save is None:
        click.echo(
            "No keys are asked for yet: that begins with auth: {dataPlane: keys} in the Settings of the namespace default.",
            err=True,
        )


def _check_new(session: Session, key: ResourceKey) -> bool:
    """Whether keys are asked for. Raises Refused where there is such a ClientKey."""
    with records_if_any(session) as reader:
        if reader is None:
            return False
        if reader.get(key) is not None:
            raise Refused(f"{key} is there already", hint="for another key", command=f"key rotate {key.name}")
        return keys_required(reader.state().lasting())
