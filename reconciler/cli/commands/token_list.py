"""routerctl token list"""

import click

from reconciler.cli.output import Column, listing, output_option, print_data, table
from reconciler.cli.session import Session
from reconciler.cli.token_output import token_json
from reconciler.cli.writes import writes_of
from reconciler.clock import timestamp
from reconciler.store.tokens import Token


@click.command(epilog="Example: routerctl token list --all -o wide")
@click.option("--all", "everything", is_flag=True, help="Also those that were revoked or have expired.")
@output_option()
@click.pass_obj
def command(session: Session, output: str, *, everything: bool) -> None:
    """List tokens of the management listener: whose, in which role, until when. Their texts are kept nowhere."""
    now = timestamp(session.clock.now())
    found = [token for token in writes_of(session).tokens() if everything or token.state(now) == "active"]
    if output == "name":
        for token in found:
            click.echo(f"token/{token.name}")
    elif output in ("table", "wide"):
        told = table(_columns(now), found, wide=output == "wide") if found else "No tokens found."
        click.echo(told, err=not found)
    else:
        print_data(listing(token_json(token, now) for token in found), output)


def _columns(now: str) -> tuple[Column[Token], ...]:
    return (
        Column[Token]("NAME", lambda token: token.name),
        Column[Token]("ID", lambda token: token.id),
        Column[Token]("ROLE", lambda token: token.role),
        Column[Token](
            "NAMESPACES", lambda token: ",".join(("all",) if token.namespaces is None else token.namespaces)
        ),
        Column[Token]("STATE", lambda token: token.state(now)),
        Column[Token]("EXPIRES", lambda token: token.expires),
        Column[Token]("MANAGERS", lambda token: ",".join(token.managers), wide=True),
        Column[Token]("CREATED", lambda token: token.created, wide=True),
        Column[Token]("BY", lambda token: token.created_by, wide=True),
        Column[Token]("REVOKED", lambda token: token.revoked, wide=True),
    )
