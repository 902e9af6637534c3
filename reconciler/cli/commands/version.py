"""routerctl version"""

import click

from reconciler import __version__
from reconciler.cli.output import DATA_FORMATS, output_option, print_data


@click.command(epilog="Example: routerctl version -o json")
@output_option("text", DATA_FORMATS)
def command(output: str) -> None:
    """Print the version."""
    if output == "text":
        click.echo(f"routerctl {__version__}")
    else:
        print_data({"version": __version__}, output)
