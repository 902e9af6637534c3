"""routerctl get"""

from contextlib import closing
from itertools import groupby

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.output import listing, output_option, print_data
from reconciler.cli.resource_output import Row, as_object, resource_table
from reconciler.cli.selecting import select
from reconciler.cli.session import Session
from reconciler.control.serving import serving
from reconciler.resources.resource import StoredResource
from reconciler.store.observations import Observations


@click.command(epilog="Example: routerctl get providers -o wide")
@click.argument("what", nargs=-1, required=True, metavar="KIND [NAME...] | KIND/NAME...")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")
@click.option("-l", "--selector", metavar="LABELS", help="Only resources with these labels: a=b,c!=d,e,!f.")
@output_option()
@click.pass_obj
def command(
    session: Session, what: tuple[str, ...], everywhere: bool, selector: str | None, output: str
) -> None:
    """List resources, or show some by name. KIND is a kind, its plural, or all."""
    with open_reader(session.location) as reader:
        found = select(reader, what, namespace=session.namespace, everywhere=everywhere, selector=selector)
    if output in ("table", "wide"):
        _print_tables(session, found, wide=output == "wide", everywhere=everywhere)
    elif output == "name":
        for stored in found:
            click.echo(f"{stored.key.kind.lower()}/{stored.key.name}")
    else:
        named = "/" in what[0] or len(what) > 1
        objects = [as_object(stored) for stored in found]
        shown = objects[0] if named and len(objects) == 1 else listing(objects)
        print_data(shown, output)


def _print_tables(session: Session, found: list[StoredResource], *, wide: bool, everywhere: bool) -> None:
    if not found:
        click.echo("No resources found.", err=True)
        return
    now = session.clock.now()
    with closing(Observations(session.location.records_path)) as observations:
        live = serving(observations, session.clock)
    refused = dict(live.refusals)
    groups = [(kind, list(items)) for kind, items in groupby(found, key=lambda stored: stored.key.kind)]
    for position, (kind, items) in enumerate(groups):
        rows = [Row(item, now, bool(live.workers), refused.get(str(item.key))) for item in items]
        if position:
            click.echo()
        click.echo(resource_table(kind, rows, wide=wide, namespaces=everywhere, prefix=len(groups) > 1))
