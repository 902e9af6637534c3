"""routerctl key rotate"""

import click

from reconciler.cli.expiry import Expiry, ExpiryWord
from reconciler.cli.key_making import Making, making_options
from reconciler.cli.key_output import rotated_lines, show_key, shown_if_stored
from reconciler.cli.reading import records_of
from reconciler.cli.session import Session
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
@making_options
@click.pass_obj
def command(session: Session, name: str, overlap: Expiry, making: Making) -> None:
    """Give a ClientKey another key, and print it: it is shown once. The keys that it has end after the overlap.

    A key that ends sooner by itself still does. Where its manifest stands in git, the new entry of keys is printed as well: add it there, and take the old ones out.
    """
    key = ResourceKey(KIND, session.namespace or DEFAULT_NAMESPACE, name)
    with records_of(session) as reader:
        stored = reader.get(key)
    if stored is None:
        raise NotFound(f"{key} does not exist", hint="what there is", command="key list")
    now = session.clock.now()
    ending = active_keys(stored, now.timestamp())
    minted, own_end = mint("rk"), making.end(session.clock)
    end = overlap.timestamp(session.clock, "--overlap", at_once=True)
    rewrite = with_key(minted, frozenset(ending), end, now.timestamp(), own_end)
    with shown_if_stored(minted, key):
        carry_out(session, "key rotate", {key: rewrite}, making.asked, Words("rotated", "rotated"))
    if not making.dry_run:
        show_key(minted, key, making.output)
    for line in rotated_lines(stored, ending, with_key_ends(stored, rewrite), now.timestamp()):
        click.echo(line, err=True)
    if stored.source is not None and not making.dry_run:
        ends = f", expires: {own_end}" if own_end is not None else ""
        entry = f"- {{id: {minted.id}, hash: {minted.hash}{ends}}}"
        click.echo(f"{stored.source} declares it: add to its spec.keys  {entry}", err=True)
