"""routerctl label"""

import click

from reconciler.cli.labelling import put_texts
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.selecting import Which
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, which_options, write_options


@click.command(epilog="Example: routerctl label provider/openai tier=gold old-")
@click.argument("words", nargs=-1, required=True, metavar="KIND/NAME... KEY=VALUE... KEY-...")
@click.option("--overwrite", is_flag=True, help="Replace values that are there.")
@which_options
@save_options
@write_options
@click.pass_obj
def command(
    session: Session, words: tuple[str, ...], which: Which, asked: Asked, saving: Saving, *, overwrite: bool
) -> None:
    """Set or remove labels: KEY=VALUE sets one, KEY- removes it.

    All of it is one revision. A value that is there is replaced with --overwrite only.
    """
    put_texts(session, "label", words, asked, (which, saving), overwrite=overwrite)
