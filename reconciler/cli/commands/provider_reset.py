"""routerctl provider reset"""

import click

from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.reading import records_of
from reconciler.cli.selecting import select
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of


@click.command(epilog="Example: routerctl provider reset openai")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, names: tuple[str, ...], output: str) -> None:
    """Close the circuits of providers, and forget what failed there, in every live worker within a second or so.

    What a probe found is forgotten as well: the provider is taken to be healthy until so many probes in a row are bad
    again. No configuration changes, and no revision is made. Without it, providers come back by themselves.
    """
    with records_of(session) as reader:
        selected = select(
            reader, ("provider", *names), namespace=session.namespace, everywhere=False, selector=None
        )
        selected.require_all()
    live = writes_of(session).reset_providers([stored.key for stored in selected.found]).live
    keys = [str(stored.key) for stored in selected.found]
    if output != "text":
        print_data({"reset": [*keys], "workers": live}, output)
        return
    for key in keys:
        click.echo(f"reset     {key}")
    forget = "forgets" if live == 1 else "forget"
    workers = f"{counted(live, 'live worker')} {forget} what failed there within a second or so."
    click.echo(workers if live else "No worker is live: there was nothing to forget.")
