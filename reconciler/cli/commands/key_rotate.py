"""routerctl key rotate"""

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.expiry import Expiry, ExpiryWord
from reconciler.cli.key_output import rotated_lines, show_key, shown_if_stored
from reconciler.cli.options import message_option, wait_options
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words
from reconciler.control.client_keys import KIND, active_keys, with_key, with_key_ends
from reconciler.errors import NotFound
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.secrets.key_text import mint


@click.command(epilog="Example: routerctl key rotate search-team --overlap 7d > search-team.key")
@click.argument("name")
@click.option(
    "--overlap",
    metavar="WHEN",
    type=ExpiryWord(),
    default="24h",
    show_default=True,
    help="How long, or until when, its keys of now are still accepted; 0s: no longer.",
)
@message_option
@wait_options
@click.pass_obj
def command(
    session: Session, name: str, overlap: Expiry, message: str, timeout: float, *, wait: bool
) -> None:
    """Give a ClientKey another key, and print it: it is shown once. The keys that it has end after the overlap.

    A key that ends sooner by itself still does. Where its manifest stands in git, the new entry of keys is printed as well: add it there, and take the old ones out.
    """
    key = ResourceKey(KIND, session.namespace or DEFAULT_NAMESPACE, name)
    with open_reader(session.location) as reader:
        stored = reader.get(key)
    if stored is None:
        raise NotFound(f"{key} does not exist", hint="what there is", command="key list")
    now = session.clock.now()
    ending = active_keys(stored, now.timestamp())
    minted = mint("rk")
    end = overlap.timestamp(session.clock, "--overlap", at_once=True)
    rewrite = with_key(minted, frozenset(ending), end, now.timestamp())
    asked = Asked(message, wait=wait, timeout=timeout, beside=True)
    with shown_if_stored(minted):
        carry_out(session, "key rotate", {key: rewrite}, asked, Words("rotated", "rotated"))
    show_key(minted)
    for line in rotated_lines(stored, ending, with_key_ends(stored, rewrite), now.timestamp()):
        click.echo(line, err=True)
    if stored.source is not None:
        entry = f"- {{id: {minted.id}, hash: {minted.hash}}}"
        click.echo(f"{stored.source} declares it: add to its spec.keys  {entry}", err=True)
