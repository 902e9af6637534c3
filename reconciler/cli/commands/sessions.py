"""routerctl sessions"""

from collections.abc import Sequence
from typing import Unpack

import click

from reconciler.cli.output import listing, output_option, print_data, table
from reconciler.cli.reading import traffic_of
from reconciler.cli.session import Session
from reconciler.cli.session_output import (
    SESSION_COLUMNS,
    session_json,
    session_lines,
    write_sessions,
)
from reconciler.cli.traffic_options import Filters, filter_options, sought
from reconciler.cli.traffic_output import EXPORTS, REQUEST_COLUMNS
from reconciler.errors import NotFound
from reconciler.store.traffic_sessions import SessionRow

_LIMIT = 20
_TABLES = ("table", "wide")


@click.command(epilog="Example: routerctl sessions --client checkout --since 1d")
@click.argument("session_id", required=False, metavar="[ID]")
@filter_options()
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"How many, the last asked first. [default: {_LIMIT}; with jsonl and csv all]",
)
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
@output_option(formats="table|wide|json|yaml|name|jsonl|csv|jsonpath=EXPRESSION")
@click.pass_obj
def command(
    session: Session,
    session_id: str | None,
    limit: int | None,
    output: str,
    *,
    everything: bool,
    **filters: Unpack[Filters],
) -> None:
    """List sessions of clients: conversations, with what their requests come to.

    A session is one client's. It is what the client says in the header X-Session-Id, and else, for clients with a key, what
    begins with the same messages. With an ID, or a client's own word for it, all about one, and its newest requests.
    """
    traffic, wanted = traffic_of(session), sought(session, filters)
    if session_id is not None:
        wanted = wanted._replace(session=session_id)
    found = traffic.sessions(wanted)
    if session_id is not None and not found:
        raise NotFound(
            f"no record of a session {session_id}",
            hint="records are written within a second, and kept as Settings retention says; list them with",
            command="sessions",
        )
    if session_id is not None and output in _TABLES:
        requests = traffic.find(wanted, None if everything else limit or _LIMIT)
        _show(found)
        click.echo("\n" + table(REQUEST_COLUMNS, requests, wide=output == "wide"))
        return
    _list(found if everything or (limit is None and output in EXPORTS) else found[: limit or _LIMIT], output)


def _show(found: Sequence[SessionRow]) -> None:
    """Several, where clients happen to name theirs alike."""
    click.echo("\n\n".join("\n".join(session_lines(row)) for row in found))


def _list(found: Sequence[SessionRow], output: str) -> None:
    if output in _TABLES:
        click.echo(table(SESSION_COLUMNS, found, wide=output == "wide") if found else "No sessions.")
    elif output == "name":
        for row in found:
            click.echo(f"session/{row.id}")
    elif output in EXPORTS:
        write_sessions(found, output)
    else:
        print_data(listing(map(session_json, found)), output)
