"""routerctl test"""

from typing import TYPE_CHECKING

import click

from reconciler.cli.provider_testing import ask_all, asking_options
from reconciler.cli.session import Session
from reconciler.cli.surroundings import Given

if TYPE_CHECKING:
    from reconciler.bootstrap.provider_test import Asked


@click.command(epilog="Example: routerctl test openai --chat")
@click.argument("names", nargs=-1, required=True, metavar="PROVIDER...")
@asking_options
@click.pass_obj
def command(session: Session, names: tuple[str, ...], asked: "Asked", reach: Given, output: str) -> int:
    """Ask Providers whether they are there, take the key and have the models that Bindings name. Disabled ones as well.

    Each is built here as a gateway builds it, with this environment: give the flags that the gateway has. With --server
    the server asks. Nothing is written. Exit code 6: something is wrong with one.
    """
    return ask_all(session, names, asked, reach, output)
