"""routerctl token revoke"""

import click

from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of


@click.command(epilog="Example: routerctl token revoke ci")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def command(session: Session, names: tuple[str, ...]) -> None:
    """Refuse tokens from now on, by name or id: the very next request that bears one, on open connections too.

    A revoked token stays listed, so that the audit can be read. Revoking the last one lets nobody in without.
    """
    for token in writes_of(session).revoke_tokens(names):
        click.echo(f"revoked   token/{token.name} ({token.id})")
