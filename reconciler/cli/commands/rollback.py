"""routerctl rollback"""

from contextlib import closing

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import open_writer
from reconciler.cli.applied_output import print_rolled_back, print_way_back
from reconciler.cli.options import message_option, wait_options
from reconciler.cli.output import DATA_FORMATS, TEXT, output_option
from reconciler.cli.revision_words import RevisionName, RevisionWord
from reconciler.cli.selecting import keys_of
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.control.intake import user
from reconciler.control.rollback import rollback, way_back
from reconciler.store.records import RevisionMeta


@click.command(epilog='Example: routerctl rollback 7 --wait -m "the new model answers nonsense"')
@click.argument("revision", type=RevisionWord())
@click.option("--only", metavar="KIND/NAME", multiple=True, help="Only this resource. May be given again.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@message_option
@wait_options
@output_option(TEXT, DATA_FORMATS)
@click.pass_obj
def command(
    session: Session,
    revision: RevisionName,
    only: tuple[str, ...],
    message: str,
    timeout: float,
    output: str,
    *,
    dry_run: bool,
    wait: bool,
) -> None:
    """Make the state of an earlier revision (a number, or head~1) the current one, as a new revision.

    What it changes is held against the sources that own it: their resyncs leave it alone until what they declare for
    it changes, somebody applies from them, or "routerctl resume SOURCE".
    """
    keys = frozenset(keys_of(only, session.namespace)) if only else frozenset()
    with open_reader(session.location) as reader:
        number = revision.number(reader)
        if dry_run:
            plan = way_back(reader, number, keys)
            print_way_back(plan, reader, output, session.environ)
            if output == TEXT:
                click.echo("Dry run: nothing was changed.")
            return
        said = f"rollback of {', '.join(str(key) for key in sorted(keys))}" if keys else "rollback"
        meta = RevisionMeta(
            actor=user(), operation="rollback", message=message or f"{said} to revision {number}"
        )
        with closing(open_writer(session.location, session.clock)) as writer:
            done = rollback(reader, writer, number, meta, keys)
    print_rolled_back(done, number, output, session.program)
    say_served(session, done.revision.number, wait=wait, timeout=timeout, beside=output != TEXT)
