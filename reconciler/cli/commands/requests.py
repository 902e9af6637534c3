"""routerctl requests"""

from collections.abc import Sequence
from typing import Unpack

import click

from reconciler.cli.following import moments
from reconciler.cli.output import Table, listing, output_option, print_data
from reconciler.cli.session import Session
from reconciler.cli.traffic_options import Filters, filter_options, open_traffic, sought
from reconciler.cli.traffic_output import REQUEST_COLUMNS, request_json, request_lines
from reconciler.errors import NotFound
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import TrafficReader


@click.command(epilog="Example: routerctl requests --status failed --since 1h")
@click.argument("request_id", required=False, metavar="[ID]")
@filter_options()
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first."
)
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
@click.option("--follow", is_flag=True, help="Go on with each request that ends, until Ctrl-C. Oldest first.")
@output_option()
@click.pass_obj
def command(
    session: Session,
    request_id: str | None,
    limit: int,
    output: str,
    *,
    everything: bool,
    follow: bool,
    **filters: Unpack[Filters],
) -> None:
    """List requests of clients: who served them, how they ended, how long they took, their tokens and cost.

    With an ID, which every answer bears as x-routerctl-request-id, all about one: each attempt, and the bodies where
    Settings keep them. How long records are kept is said by Settings retention and records.
    """
    traffic = open_traffic(session)
    if request_id is not None:
        if follow:
            raise click.UsageError("--follow goes without an ID")
        _show(traffic, request_id, output)
        return
    wanted = sought(session, filters)
    last = traffic.last()
    found = traffic.find(wanted, None if everything else limit)
    printer = _Printer(output, one_by_one=follow)
    printer.show(found[::-1] if follow else found)
    if follow:
        for _ in moments(session, file=session.location.traffic_path):
            now = traffic.last()
            if now != last:
                printer.show(traffic.find(wanted, after=last)[::-1])
                last = now


def _show(traffic: TrafficReader, request_id: str, output: str) -> None:
    row = traffic.get(request_id)
    if row is None:
        raise NotFound(
            f"no record of a request {request_id}",
            hint="records are written within a second, and kept as Settings retention says; list them with",
            command="requests",
        )
    bodies = traffic.bodies(request_id)
    if output in _TABLES:
        click.echo("\n".join(request_lines(row, bodies)))
    elif output == "name":
        click.echo(f"request/{row.id}")
    else:
        print_data(request_json(row, bodies), output)


_TABLES = ("table", "wide")


class _Printer:
    def __init__(self, output: str, *, one_by_one: bool) -> None:
        self._output = output
        self._one_by_one = one_by_one
        self._table = Table(REQUEST_COLUMNS, wide=output == "wide")
        self._titled = False

    def show(self, rows: Sequence[RequestRow]) -> None:
        if self._output in _TABLES:
            self._show_lines(rows)
        elif self._output == "name":
            for row in rows:
                click.echo(f"request/{row.id}")
        elif not self._one_by_one:
            print_data(listing(map(request_json, rows)), self._output)
        else:
            for row in rows:
                if self._output == "yaml":
                    click.echo("---")
                print_data(request_json(row), self._output)

    def _show_lines(self, rows: Sequence[RequestRow]) -> None:
        if not rows and not self._one_by_one:
            click.echo("No requests.")
        if rows:
            for line in self._table.lines(rows, titles=not self._titled):
                click.echo(line)
            self._titled = True
