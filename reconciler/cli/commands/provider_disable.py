"""routerctl provider disable"""

import click

from reconciler.cli.enabling import enable
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options


@click.command(epilog='Example: routerctl provider disable openai -m "it answers nonsense"')
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@save_options
@write_options
@click.pass_obj
def command(session: Session, names: tuple[str, ...], asked: Asked, saving: Saving) -> None:
    """Let Providers serve no more requests, as one revision: what is under way ends as it began."""
    enable(session, names, asked, saving, enabled=False)
