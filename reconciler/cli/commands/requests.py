"""routerctl requests"""

from collections.abc import Sequence
from itertools import islice
from typing import Unpack

import click

from reconciler.api.record_documents import csv_of_requests
from reconciler.api.traffic import Traffic
from reconciler.cli.following import moments
from reconciler.cli.output import Table, listing, output_option, print_data
from reconciler.cli.reading import traffic_of
from reconciler.cli.session import Session
from reconciler.cli.traffic_options import Filters, filter_options, sought
from reconciler.cli.traffic_output import (
    EXPORTS,
    REQUEST_COLUMNS,
    request_json,
    request_lines,
    write_requests,
)
from reconciler.errors import Forbidden, NotFound
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import stream

_TABLES = ("table", "wide")
_LIMIT = 20


@click.command(epilog="Example: routerctl requests --status failed --since 1h")
@click.argument("request_id", required=False, metavar="[ID]")
@filter_options()
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"How many of the newest. [default: {_LIMIT}; with jsonl and csv all]",
)
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
@click.option("--follow", is_flag=True, help="Go on with each request that ends, until Ctrl-C. Oldest first.")
@output_option(formats="table|wide|json|yaml|name|jsonl|csv|jsonpath=EXPRESSION")
@click.pass_obj
def command(
    session: Session,
    request_id: str | None,
    limit: int | None,
    output: str,
    *,
    everything: bool,
    follow: bool,
    **filters: Unpack[Filters],
) -> None:
    """List requests of clients: who served them, how they ended, how long they took, their tokens and cost.

    With an ID, which every answer bears as x-routerctl-request-id, all about one: each attempt, and the bodies where
    Settings keep them. How long records are kept is said by Settings retention and records. The newest come first; jsonl
    and csv are exports, from the oldest on.
    """
    traffic = traffic_of(session)
    if request_id is not None:
        if follow:
            raise click.UsageError("--follow goes without an ID")
        _show(traffic, request_id, output)
        return
    wanted = sought(session, filters)
    if output in EXPORTS and not follow:
        rows = stream(traffic.portion, wanted) if limit is None else traffic.find(wanted, limit)[::-1]
        write_requests(rows, output)
        return
    last = traffic.last()
    found = traffic.find(wanted, None if everything else limit or _LIMIT)
    printer = _Printer(output, one_by_one=follow)
    printer.show(found[::-1] if follow else found)
    if follow:
        for _ in moments(session, traffic=True):
            now = traffic.last()
            if now != last:
                printer.show(traffic.find(wanted, after=last)[::-1])
                last = now


def _show(traffic: Traffic, request_id: str, output: str) -> None:
    row = traffic.get(request_id)
    if row is None:
        raise NotFound(
            f"no record of a request {request_id}",
            hint="records are written within a second, and kept as Settings retention says; list them with",
            command="requests",
        )
    bodies = _bodies(traffic, request_id)
    if output in _TABLES:
        click.echo("\n".join(request_lines(row, bodies)))
    elif output == "name":
        click.echo(f"request/{row.id}")
    elif output in EXPORTS:
        write_requests([row], output)
    else:
        print_data(request_json(row, bodies), output)


def _bodies(traffic: Traffic, request_id: str) -> Bodies | None:
    """What was said is for fewer people than that it was."""
    try:
        return traffic.bodies(request_id)
    except Forbidden as error:
        click.echo(f"What was said is not told: {error.message}", err=True)
        return None


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
        elif self._output in EXPORTS:
            self._export(rows)
        elif not self._one_by_one:
            print_data(listing(map(request_json, rows)), self._output)
        else:
            for row in rows:
                if self._output == "yaml":
                    click.echo("---")
                print_data(request_json(row), self._output)

    def _export(self, rows: Sequence[RequestRow]) -> None:
        if self._output == "jsonl":
            write_requests(rows, self._output)
            return
        for piece in islice(csv_of_requests(rows), int(self._titled), None):
            click.echo(piece, nl=False)
        self._titled = True

    def _show_lines(self, rows: Sequence[RequestRow]) -> None:
        if not rows and not self._one_by_one:
            click.echo("No requests.")
        if rows:
            for line in self._table.lines(rows, titles=not self._titled):
                click.echo(line)
            self._titled = True
