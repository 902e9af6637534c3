"""routerctl model list"""

import click

from reconciler.cli.model_listing import Sought, list_models
from reconciler.cli.output import output_option
from reconciler.cli.session import Session


@click.command(epilog="Example: routerctl model list --provider ollama")
@click.option("--provider", metavar="NAME", help="Only those that this Provider serves.")
@click.option("--capability", metavar="WORD", help="Only those that can do this: tools, vision...")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")
@output_option()
@click.pass_obj
def command(
    session: Session, provider: str | None, capability: str | None, output: str, *, everywhere: bool
) -> None:
    """List Models, and which Providers serve each: * behind one whose default it is, and in brackets what it calls it."""
    list_models(session, Sought(provider, capability, everywhere), output)
