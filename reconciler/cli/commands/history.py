"""routerctl history"""

from collections import Counter
from dataclasses import dataclass

import click

from reconciler.api.records import Records
from reconciler.cli.moments import Moment, MomentWord
from reconciler.cli.output import Column, listing, output_option, print_data, table
from reconciler.cli.parts import ListWithParts
from reconciler.cli.reading import records_of
from reconciler.cli.revision_output import commit_text, manager_of, revision_json
from reconciler.cli.selecting import Selected, keys_of
from reconciler.cli.session import Session
from reconciler.errors import NotFound, one_line
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Revision, Sought


@dataclass(frozen=True, slots=True)
class _Line:
    revision: Revision
    changes: Counter[str]
    held: int

    def summary(self) -> str:
        signs = (("ADDED", "+"), ("MODIFIED", "~"), ("DELETED", "-"))
        return " ".join(f"{sign}{self.changes[word]}" for word, sign in signs if self.changes[word])

    def message(self) -> str:
        held = f" (holds {self.held})" if self.held else ""
        return f"{self.revision.message}{held}".strip()


@click.command(
    cls=ListWithParts,
    summaries={
        "verify": "Recompute the record: is everything what was committed?",
        "prune": "Remove old contents; what was done stays proved.",
    },
    subcommand_metavar="[KIND/NAME]... | COMMAND [ARGS]...",
    epilog="Example: routerctl history provider/openai --author ada --since 7d",
)
@click.option("--author", metavar="NAME", help="Only what this actor did.")
@click.option("--source", metavar="NAME", help="Only what came from this source.")
@click.option(
    "--since",
    metavar="WHEN",
    type=MomentWord(),
    help="Only from then on: 2h, 7d, 2026-11-01, 2026-11-01T12:00:00Z.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first."
)
@click.option("--all", "everything", is_flag=True, help="Every revision that ever was.")
@click.option(
    "--requests",
    "of_requests",
    is_flag=True,
    help="The requests of clients instead, as the command requests lists them.",
)
@output_option()
@click.pass_context
def command(
    ctx: click.Context,
    author: str | None,
    source: str | None,
    since: Moment | None,
    limit: int,
    output: str,
    *,
    everything: bool,
    of_requests: bool,
) -> None:
    """List revisions: when, by whom, from which source and commit, what changed, and why.

    With KIND/NAME, those that changed one of these resources; with -n, those that changed something in a namespace.
    """
    if ctx.invoked_subcommand is not None:
        return
    if of_requests:
        if ctx.args or author or source:
            raise click.UsageError(
                "--requests goes with --since, --limit, --all and -o; for more see requests"
            )
        _list_requests(ctx, since=since, limit=limit, everything=everything, output=output)
        return
    session = ctx.ensure_object(Session)
    sought = Sought(
        keys=tuple(keys_of(ctx.args, session.namespace)) if ctx.args else (),
        namespace=session.namespace,
        author=author,
        source=source,
        since=since.timestamp(session.clock) if since is not None else None,
    )
    with records_of(session) as reader, reader.consistent():
        unknown = _unknown(reader, sought)
        lines = _lines(reader, sought, None if everything else limit)
    if not unknown or len(unknown) < len(sought.keys):
        _show(lines, output, "No revisions yet." if sought == Sought() else "No revision fits.")
    if unknown:
        Selected((), tuple(unknown), named=True).require_all()


def _list_requests(ctx: click.Context, **told: object) -> None:
    """By the verb of that name: `history` is what others call it."""
    table_of_verbs = ctx.find_root().command
    verb = table_of_verbs.get_command(ctx, "requests") if isinstance(table_of_verbs, click.Group) else None
    if verb is not None:
        ctx.invoke(verb, **told)


def _show(lines: list[_Line], output: str, nothing: str) -> None:
    if output in ("table", "wide"):
        click.echo(table(_COLUMNS, lines, wide=output == "wide") if lines else nothing)
    elif output == "name":
        for line in lines:
            click.echo(f"revision/{line.revision.number}")
    else:
        shown = listing(revision_json(line.revision, line.changes) for line in lines)
        print_data(shown, output)


def _lines(reader: Records, sought: Sought, limit: int | None) -> list[_Line]:
    held = Counter(hold.revision for hold in reader.holds())
    found = reader.find_revisions(sought, limit)
    changes = reader.event_counts([revision.number for revision in found])
    return [_Line(each, Counter(changes[each.number]), held[each.number]) for each in found]


def _unknown(reader: Records, sought: Sought) -> list[ResourceKey]:
    """What no revision ever touched: a name that was mistyped. Raises NotFound for a source that nothing came from."""
    if sought.source is not None and not reader.find_revisions(Sought(source=sought.source), 1):
        raise NotFound(
            f"no revision came from the source {one_line(sought.source)}",
            hint="the sources that there are",
            command="history --all -o wide",
        )
    return [key for key in sought.keys if not reader.find_revisions(Sought(keys=(key,)), 1)]


_COLUMNS = (
    Column[_Line]("REVISION", lambda line: line.revision.number),
    Column[_Line]("TIME", lambda line: line.revision.time),
    Column[_Line]("ACTOR", lambda line: line.revision.actor),
    Column[_Line]("OPERATION", lambda line: line.revision.operation),
    Column[_Line]("COMMIT", lambda line: commit_text(line.revision)),
    Column[_Line]("CHANGES", lambda line: line.summary()),
    Column[_Line]("MANAGER", lambda line: manager_of(line.revision), wide=True),
    Column[_Line]("SOURCE", lambda line: line.revision.source, wide=True),
    Column[_Line]("DIGEST", lambda line: line.revision.digest, wide=True),
    Column[_Line]("MESSAGE", lambda line: line.message()),
)
