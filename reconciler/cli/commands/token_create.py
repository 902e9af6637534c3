"""routerctl token create"""

from contextlib import closing

import click

from reconciler.bootstrap.callers import this_user
from reconciler.bootstrap.writing import open_writer
from reconciler.cli.expiry import Expiry, ExpiryWord
from reconciler.cli.keeping_providers import keep_providers
from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.session import Session
from reconciler.cli.token_output import token_json
from reconciler.clock import timestamp
from reconciler.control.permission import check_grant, check_token_name
from reconciler.resources.principal import Role
from reconciler.secrets.key_text import mint
from reconciler.store.tokens import Token


@click.command(epilog="Example: routerctl token create grafana --role viewer --expires 365d > grafana.token")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.VIEWER.value,
    show_default=True,
    help="What it may: read; change resources; everything.",
)
@click.option(
    "--manager",
    "managers",
    metavar="NAME",
    multiple=True,
    help="A field manager that it may apply as, such as git:github.com/acme/routing. May be given again.",
)
@click.option(
    "--only-namespace",
    "namespaces",
    metavar="NAME",
    multiple=True,
    help="Only in this namespace. May be given again. [default: in all]",
)
@click.option(
    "--expires", metavar="WHEN", type=ExpiryWord(), help="When it ends: 90d, 2027-01-31. [default: never]"
)
@click.option(
    "--keep-providers/--cut-off",
    "keep",
    default=None,
    help="Of the first token: allow the local Providers that it would cut off, or not. [default: ask]",
)
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(
    session: Session,
    name: str,
    role: str,
    managers: tuple[str, ...],
    namespaces: tuple[str, ...],
    expires: Expiry | None,
    output: str,
    *,
    keep: bool | None,
) -> None:
    """Make a token for the management listener, and print it: it is shown once, and kept as a hash alone.

    Who works on the store's file is admin, and may make one of any role. From the first one on, Providers on this machine
    or a private network need an entry in Settings.egress.allow.
    """
    by, minted, now = this_user(), mint("rt"), session.clock.now()
    token = Token(
        minted.id,
        check_token_name(name),
        minted.hash,
        Role(role),
        tuple(sorted(set(managers))),
        tuple(sorted(set(namespaces))) or None,
        timestamp(now),
        by.name,
        expires.timestamp(session.clock) if expires is not None else None,
    )
    check_grant(by, token.role, token.managers, token.namespaces)
    keep_providers(session, keep=keep)
    with closing(open_writer(session.location, session.clock)) as writer:
        writer.add_token(token)
    if output != "text":
        print_data({**token_json(token, timestamp(now)), "token": minted.text}, output)
        return
    click.echo(minted.text)
    until = f"until {token.expires}" if token.expires is not None else "until it is revoked"
    click.echo(
        f"{token.name} is {role} {until}. This was the only time that its text is shown. Send it as Authorization: Bearer.",
        err=True,
    )
