"""routerctl model unlink"""

import click

from reconciler.cli.confirming import confirm
from reconciler.cli.ground import pairs_there
from reconciler.cli.naming import key_of, require
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, delete_options
from reconciler.control.imperative.providing import require_binding


@click.command(epilog="Example: routerctl model unlink openai gpt-4o --yes")
@click.argument("provider")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@save_options
@delete_options
@click.pass_obj
def command(
    session: Session,
    provider: str,
    models: tuple[str, ...],
    asked: Asked,
    saving: Saving,
    *,
    yes: bool,
) -> None:
    """Take Models from a Provider: it serves them no more. The Models stay."""
    known, on = pairs_there(session, saving)
    require(key_of("Provider", session.namespace, provider), known)
    keys = [on.key("Binding", require_binding(provider, model, on)) for model in dict.fromkeys(models)]
    if not asked.dry_run:
        question = f"Take {', '.join(dict.fromkeys(models))} from Provider {provider}?"
        confirm(question, yes=yes)
    deed = Deed("model unlink", "removed", "is being removed already")
    change(session, deed, dict.fromkeys(keys), asked, saving)
