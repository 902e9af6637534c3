"""routerctl token create"""

from dataclasses import replace

import click

from reconciler.api.writes import Grant
from reconciler.cli.expiry import Expiry, ExpiryWord
from reconciler.cli.keeping_providers import keeping
from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.session import Session
from reconciler.cli.token_output import token_json
from reconciler.cli.writes import writes_of
from reconciler.control.permission import check_grant, check_token_name
from reconciler.resources.principal import Role


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
    if session.namespace is not None:
        raise click.UsageError("-n keeps no token in a namespace: write --only-namespace")
    ends = expires.timestamp(session.clock) if expires is not None else None
    grant = Grant(check_token_name(name), Role(role), managers, namespaces or None, ends)
    check_grant(session.caller, grant.role, grant.managers, grant.namespaces)
    writes = writes_of(session)
    made = writes.create_token(replace(grant, keep=keeping(writes, keep=keep)))
    token = made.token
    if made.allowed is not None:
        click.echo(f"Allowed, as revision {made.allowed}.", err=True)
    if output != "text":
        print_data({**token_json(token, token.created), "token": made.text}, output)
        return
    click.echo(made.text)
    until = f"until {token.expires}" if token.expires is not None else "until it is revoked"
    click.echo(
        f"{token.name} is {role} {until}. This was the only time that its text is shown. Send it as Authorization: Bearer.",
        err=True,
    )
