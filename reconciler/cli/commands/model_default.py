"""routerctl model default"""

import click

from reconciler.cli.ground import pairs_there
from reconciler.cli.naming import key_of, require
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.control.imperative.providing import make_default


@click.command(epilog="Example: routerctl model default openai gpt-4o")
@click.argument("provider")
@click.argument("model")
@save_options
@write_options
@click.pass_obj
def command(session: Session, provider: str, model: str, asked: Asked, saving: Saving) -> None:
    """Make a Model the default of a Provider that serves it, and no other."""
    known, on = pairs_there(session, saving)
    require(key_of("Provider", session.namespace, provider), known)
    rewrites = make_default(provider, model, on)
    change(session, Deed("model default"), rewrites, asked, saving)
