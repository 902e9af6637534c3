"""routerctl get"""

from itertools import groupby

import click

from reconciler.cli.following import moments
from reconciler.cli.output import listing, output_option, print_data
from reconciler.cli.reading import records_of
from reconciler.cli.resource_output import Row, as_object, resource_table
from reconciler.cli.resource_rows import Rows, rows_of
from reconciler.cli.selecting import Selected, in_scope, select
from reconciler.cli.session import Session
from reconciler.cli.watch_output import WatchPrinter
from reconciler.cli.watching import Watching
from reconciler.control.resource_watch import ResourceWatch


@click.command(epilog="Example: routerctl get providers -o wide")
@click.argument("what", nargs=-1, required=True, metavar="KIND [NAME...] | KIND/NAME...")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")
@click.option("-l", "--selector", metavar="LABELS", help="Only resources with these labels: a=b,c!=d,e,!f.")
@click.option(
    "-w", "--watch", is_flag=True, help="Go on with each commit and change of status, until Ctrl-C."
)
@click.option("--watch-only", is_flag=True, help="The same, without what is there already.")
@click.option("--output-watch-events", "typed", is_flag=True, help="Say ADDED, MODIFIED or DELETED of each.")
@click.option(
    "--show-managed-fields",
    "managed_fields",
    is_flag=True,
    help="With -o json or yaml: who manages which fields. A jsonpath= expression always sees that.",
)
@output_option()
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    everywhere: bool,
    selector: str | None,
    output: str,
    *,
    watch: bool,
    watch_only: bool,
    typed: bool,
    managed_fields: bool,
) -> None:
    """List resources, or show some by name. KIND is a kind, its plural, or all.

    READY of a provider is True where a live worker built it (not: where its upstream answers), of a model or binding
    where such a provider serves it; Unknown where no worker is live or none has come to it. HEALTHY is False where a live
    worker leaves the provider, or a model of it, alone because it fails, or where its probe is bad. -o wide says why not.
    """
    if typed and not (watch or watch_only):
        raise click.UsageError("--output-watch-events goes with --watch or --watch-only")
    watching = watch or watch_only
    with records_of(session) as reader, rows_of(session, reader) as rows:
        with reader.consistent():
            selected = select(
                reader, what, namespace=session.namespace, everywhere=everywhere, selector=selector
            )
            if not watching and (selected.found or not selected.named):
                _print(rows, selected, output, everywhere=everywhere, managed_fields=managed_fields)
            scope = in_scope(what, namespace=session.namespace, everywhere=everywhere, selector=selector)
            changes = ResourceWatch(reader, selected.found, scope) if watching else None
        selected.require_all()
        if changes is not None:
            printer = WatchPrinter(
                output,
                namespaces=everywhere,
                prefix="all" in what or "," in what[0],
                typed=typed,
                managed_fields=managed_fields,
            )
            shown = Watching(rows, changes, ready_only=output in _TABLES, status=output != "name")
            _watch(session, shown, printer, watch_only=watch_only)


_TABLES = ("table", "wide")


def _watch(session: Session, watching: Watching, printer: WatchPrinter, *, watch_only: bool) -> None:
    there = watching.begin()
    if not watch_only:
        printer.show([("ADDED", row) for row in there])
    for _ in moments(session):
        printer.show(watching.next())


def _print(rows: Rows, selected: Selected, output: str, *, everywhere: bool, managed_fields: bool) -> None:
    if output == "name":
        for stored in selected.found:
            click.echo(f"{stored.key.kind.lower()}/{stored.key.name}")
        return
    if output in _TABLES:
        shown = rows.of(selected.found, ready_only=True)
        _print_tables(shown, wide=output == "wide", everywhere=everywhere)
    else:
        managed_fields = managed_fields or output.startswith("jsonpath=")
        found = rows.of(selected.found)
        objects = [as_object(row.stored, row.conditions, managed_fields=managed_fields) for row in found]
        print_data(objects[0] if selected.one else listing(objects), output)


def _print_tables(rows: list[Row], *, wide: bool, everywhere: bool) -> None:
    if not rows:
        click.echo("No resources found.", err=True)
    groups = [(kind, list(items)) for kind, items in groupby(rows, key=lambda row: row.stored.key.kind)]
    for position, (kind, items) in enumerate(groups):
        if position:
            click.echo()
        click.echo(resource_table(kind, items, wide=wide, namespaces=everywhere, prefix=len(groups) > 1))
