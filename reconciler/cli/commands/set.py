"""routerctl set"""

import click

from reconciler.cli.ground import there
from reconciler.cli.naming import key_of, require
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import TEXT, Asked, write_options
from reconciler.control.imperative.providing import activate
from reconciler.resources.resource import DEFAULT_NAMESPACE


@click.command(epilog='Example: routerctl set lm-studio -m "the cloud is down"')
@click.argument("provider", required=False)
@click.option("--none", "nobody", is_flag=True, help="No Provider is the active one any more.")
@save_options
@write_options
@click.pass_obj
def command(session: Session, provider: str | None, asked: Asked, saving: Saving, *, nobody: bool) -> None:
    """Make a Provider the active one: it is tried first for every Model that is bound to it.

    It stands in the Settings of the namespace (spec.activeProvider). It also serves requests that name no model, by its
    default, and unknown models, where the Settings forward those.
    """
    if (provider is None) != nobody:
        raise click.UsageError("say which Provider, or --none")
    if provider is not None:
        key = key_of("Provider", session.namespace, provider)
        spec = require(key, there(session, saving, "Provider")).spec
        if spec.get("enabled") is False:
            click.echo(
                f"{key} is disabled, so it is passed over: {session.program} provider enable {provider}",
                err=True,
            )
    rewrites = activate(provider, session.namespace or DEFAULT_NAMESPACE)
    change(session, Deed("set"), rewrites, asked, saving)
    if asked.output == TEXT and not asked.dry_run and saving.stores:
        click.echo(f"Active provider: {provider or 'none'}")
