"""routerctl version"""

import click

from reconciler import __version__


@click.command(epilog="Example: routerctl version")
def command() -> None:
    """Print the version."""
    click.echo(f"routerctl {__version__}")
