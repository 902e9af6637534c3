"""routerctl version"""

import click

from reconciler import __version__
from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.compiled import fitting
from reconciler.settings import environment, takes_compiled


@click.command(epilog="Example: routerctl version -o json")
@output_option("text", DATA_FORMATS)
def command(output: str) -> None:
    """Print the version, and whether workers run the compiled form of the gateway's hot modules."""
    is_compiled = takes_compiled(environment()) and bool(fitting())
    if output == "text":
        click.echo(f"routerctl {__version__}{' (workers are compiled)' if is_compiled else ''}")
    else:
        print_data({"version": __version__, "compiled": is_compiled}, output)
