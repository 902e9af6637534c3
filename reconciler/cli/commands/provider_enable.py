"""routerctl provider enable"""

import click

from reconciler.cli.enabling import enable
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options


@click.command(epilog='Example: routerctl provider enable openai -m "it answers again"')
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@save_options
@write_options
@click.pass_obj
def command(session: Session, names: tuple[str, ...], asked: Asked, saving: Saving) -> None:
    """Let Providers serve requests again, as one revision."""
    enable(session, names, asked, saving, enabled=True)
