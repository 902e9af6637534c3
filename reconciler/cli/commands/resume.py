"""routerctl resume"""

import click

from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of


@click.command(epilog="Example: routerctl resume github.com/acme/routing")
@click.argument("source")
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, source: str, output: str) -> None:
    """End what a rollback holds against a source: its next resync or apply takes effect again."""
    holds = writes_of(session).resume(source)
    if output != "text":
        print_data({"source": source, "resumed": [str(hold.key) for hold in holds]}, output)
        return
    for hold in holds:
        click.echo(f"resumed   {hold.key}")
    click.echo(f"It takes effect with the source's next resync, or with: {session.program} apply -f PATH")
