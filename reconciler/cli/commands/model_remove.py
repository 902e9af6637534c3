"""routerctl model remove"""

import click

from reconciler.cli.removing import remove
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, delete_options


@click.command(epilog="Example: routerctl model remove gpt-4o --cascade --yes")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--cascade", "together", is_flag=True, help="Remove the Bindings that name it, too.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@save_options
@delete_options
@click.pass_obj
def command(
    session: Session, names: tuple[str, ...], asked: Asked, saving: Saving, *, together: bool, yes: bool
) -> None:
    """Remove Models, as one revision.

    Refused while a Binding or the Settings name one, which are told: --cascade removes the Bindings with it, and takes the
    word out of the Settings. A Route that names it is yours to change.
    """
    remove(session, "Model", names, asked, saving, together=together, yes=yes)
