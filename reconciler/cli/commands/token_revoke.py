"""routerctl token revoke"""

from contextlib import closing

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import open_writer
from reconciler.cli.session import Session
from reconciler.errors import NotFound
from reconciler.store.tokens import Token, tokens


@click.command(epilog="Example: routerctl token revoke ci")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def command(session: Session, names: tuple[str, ...]) -> None:
    """Refuse tokens from now on, by name or id: the very next request that bears one, on open connections too.

    A revoked token stays listed, so that the audit can be read. Revoking the last one lets nobody in without.
    """
    with open_reader(session.location) as reader:
        there = tokens(reader)
    found = [_find(name, there) for name in names]
    with closing(open_writer(session.location, session.clock)) as writer:
        for token in found:
            writer.revoke_token(token)
            click.echo(f"revoked   token/{token.name} ({token.id})")


def _find(name: str, there: list[Token]) -> Token:
    """The active one of a name: those before it may have had the same."""
    fitting = [token for token in there if name in {token.id, token.name}]
    if not fitting:
        raise NotFound(f'no token "{name}"', hint="they are listed by", command="token list --all")
    return next((token for token in fitting if token.revoked is None), fitting[-1])
