"""routerctl resume"""

from contextlib import closing

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import open_writer
from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.session import Session
from reconciler.errors import NotFound


@click.command(epilog="Example: routerctl resume github.com/acme/routing")
@click.argument("source")
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, source: str, output: str) -> None:
    """End what a rollback holds against a source: its next resync or apply takes effect again."""
    with open_reader(session.location) as reader:
        holds = [hold for hold in reader.holds() if hold.source == source]
        if not holds:
            held = sorted({hold.source for hold in reader.holds()})
            known = f"something is held against: {', '.join(held)}" if held else "no rollback holds anything"
            raise NotFound(f"nothing is held against {source}", hint=known)
    with closing(open_writer(session.location, session.clock)) as writer:
        writer.release_holds(source=source)
    if output != "text":
        print_data({"source": source, "resumed": [str(hold.key) for hold in holds]}, output)
        return
    for hold in holds:
        click.echo(f"resumed   {hold.key}")
    click.echo(f"It takes effect with the source's next resync, or with: {session.program} apply -f PATH")
