"""routerctl model link"""

import click

from reconciler.cli.ground import pairs_there
from reconciler.cli.naming import key_of, require
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.control.imperative.assigning import assigned, fieldset
from reconciler.control.imperative.providing import Linked, link


@click.command(
    epilog="Example: routerctl model link openai gpt-4o --upstream-model gpt-4o-2024-11-20 --default"
)
@click.argument("provider")
@click.argument("model")
@click.option(
    "--upstream-model", "upstream", metavar="NAME", help="What the Provider calls it. [default: as the Model]"
)
@click.option("--default", is_flag=True, help="Make it the Provider's default, and no other.")
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="Any field of the Binding: priority=10, weight=2, config.defaults.temperature=0.2. May be given again.",
)
@save_options
@write_options
@click.pass_obj
def command(
    session: Session,
    provider: str,
    model: str,
    upstream: str | None,
    assignments: tuple[str, ...],
    asked: Asked,
    saving: Saving,
    *,
    default: bool,
) -> None:
    """Bind a Model to a Provider: from then on the Provider serves it."""
    known, on = pairs_there(session, saving)
    require(key_of("Provider", session.namespace, provider), known)
    require(key_of("Model", session.namespace, model), known)
    fields = assigned(fieldset("Binding"), assignments)
    rewrites = link(provider, [Linked(model, upstream, default, fields)], on)
    change(session, Deed("model link"), rewrites, asked, saving)
