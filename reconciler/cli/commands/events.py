"""routerctl events"""

from collections.abc import Sequence

import click

from reconciler.api.records import Observing, Records
from reconciler.cli.following import moments
from reconciler.cli.moments import Moment, MomentWord
from reconciler.cli.output import Column, Table, listing, output_option, print_data
from reconciler.cli.reading import observing_of, records_of
from reconciler.cli.selecting import keys_of
from reconciler.cli.session import Session
from reconciler.control.event_log import Entry, entry_json, merged, of_changes, of_transitions
from reconciler.errors import one_line
from reconciler.store.records import Sought


@click.command(epilog="Example: routerctl events provider/openai --since 1h -w")
@click.argument("what", nargs=-1, metavar="[KIND/NAME]...")
@click.option(
    "--since",
    metavar="WHEN",
    type=MomentWord(),
    help="Only from then on: 2h, 7d, 2026-11-01, 2026-11-01T12:00:00Z.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many, the newest."
)
@click.option("--all", "everything", is_flag=True, help="Everything that is known.")
@click.option("-w", "--watch", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@output_option(formats="table|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    since: Moment | None,
    limit: int,
    output: str,
    *,
    everything: bool,
    watch: bool,
) -> None:
    """Tell what happened, oldest first: changes of resources by whom and why, what workers refused, sources that failed.

    Changes are kept for ever; what workers and sources went through as far as the observations reach back.
    """
    sought = Sought(
        keys=tuple(keys_of(what, session.namespace)) if what else (),
        namespace=session.namespace,
        since=since.timestamp(session.clock) if since is not None else None,
    )
    with (
        records_of(session) as reader,
        observing_of(session) as observing,
    ):
        log = _Log(reader, observing, sought)
        found = log.next(None if everything else limit)
        printer = _Printer(output, one_by_one=watch)
        printer.show(found)
        if watch:
            for _ in moments(session):
                printer.show(log.next(None))


class _Log:
    """Each entry once."""

    def __init__(self, reader: Records, observing: Observing, sought: Sought) -> None:
        self._reader = reader
        self._observing = observing
        self._sought = sought
        self._changes = 0
        self._transitions = 0

    def next(self, limit: int | None) -> Sequence[Entry]:
        logged = self._reader.logged(self._sought, after=self._changes, limit=limit)
        transitions = self._observing.seen(self._transitions).log
        if logged:
            self._changes = logged[-1][0].resource_version
        if transitions:
            self._transitions = transitions[-1].number
        found = merged(of_changes(logged), of_transitions(transitions, self._sought))
        return found if limit is None else found[-limit:]


class _Printer:
    def __init__(self, output: str, *, one_by_one: bool) -> None:
        self._output = output
        self._one_by_one = one_by_one
        self._table = Table(_COLUMNS)
        self._titled = False

    def show(self, entries: Sequence[Entry]) -> None:
        if self._output == "table":
            self._show_lines(entries)
        elif not self._one_by_one:
            print_data(listing(map(entry_json, entries)), self._output)
        else:
            for entry in entries:
                if self._output == "yaml":
                    click.echo("---")
                print_data(entry_json(entry), self._output)

    def _show_lines(self, entries: Sequence[Entry]) -> None:
        if not entries and not self._one_by_one:
            click.echo("No events.")
        if entries:
            for line in self._table.lines(entries, titles=not self._titled):
                click.echo(line)
            self._titled = True


_COLUMNS = (
    Column[Entry]("TIME", lambda entry: entry.time),
    Column[Entry]("VERSION", lambda entry: entry.resource_version),
    Column[Entry]("TYPE", lambda entry: entry.type),
    Column[Entry]("SUBJECT", lambda entry: entry.subject),
    Column[Entry]("REVISION", lambda entry: entry.revision or None),
    Column[Entry]("ACTOR", lambda entry: entry.actor),
    Column[Entry]("MESSAGE", lambda entry: one_line(entry.message)),
)
