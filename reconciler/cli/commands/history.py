"""routerctl history"""

from collections import Counter
from dataclasses import dataclass

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.output import Column, listing, output_option, print_data, table
from reconciler.cli.revision_output import commit_text, revision_json
from reconciler.cli.session import Session
from reconciler.store.reader import Reader
from reconciler.store.records import Revision


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


@click.command(epilog="Example: routerctl history --limit 10")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first."
)
@click.option("--all", "everything", is_flag=True, help="Every revision that ever was.")
@output_option()
@click.pass_obj
def command(session: Session, limit: int, everything: bool, output: str) -> None:
    """List revisions: when, by whom, from which source and commit, what changed, and why."""
    with open_reader(session.location) as reader, reader.consistent():
        held = Counter(hold.revision for hold in reader.holds())
        lines = [
            _Line(revision, _changes(reader, revision.number), held[revision.number])
            for revision in reader.revisions(None if everything else limit)
        ]
    if output in ("table", "wide"):
        click.echo(table(_COLUMNS, lines, wide=output == "wide") if lines else "No revisions yet.")
    elif output == "name":
        for line in lines:
            click.echo(f"revision/{line.revision.number}")
    else:
        shown = listing(revision_json(line.revision, line.changes) for line in lines)
        print_data(shown, output)


def _changes(reader: Reader, number: int) -> Counter[str]:
    return Counter(event.type for event in reader.events(number))


_COLUMNS = (
    Column[_Line]("REVISION", lambda line: line.revision.number),
    Column[_Line]("TIME", lambda line: line.revision.time),
    Column[_Line]("ACTOR", lambda line: line.revision.actor),
    Column[_Line]("OPERATION", lambda line: line.revision.operation),
    Column[_Line]("COMMIT", lambda line: commit_text(line.revision)),
    Column[_Line]("CHANGES", lambda line: line.summary()),
    Column[_Line]("SOURCE", lambda line: line.revision.source, wide=True),
    Column[_Line]("DIGEST", lambda line: line.revision.digest, wide=True),
    Column[_Line]("MESSAGE", lambda line: line.message()),
)
