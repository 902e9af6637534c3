"""routerctl rollback"""

import click

from reconciler.cli.applied_output import print_dry_run, print_rolled_back
from reconciler.cli.options import message_option, wait_options
from reconciler.cli.output import DATA_FORMATS, TEXT, output_option
from reconciler.cli.reading import records_of
from reconciler.cli.review_options import Showing
from reconciler.cli.revision_words import RevisionName, RevisionWord
from reconciler.cli.selecting import keys_of
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of


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
    with records_of(session) as reader:
        number = revision.number(reader)
    writes = writes_of(session)
    if dry_run:
        print_dry_run(writes.way_back(number, keys), output, Showing(), session.environ)
        if output == TEXT:
            click.echo("Dry run: nothing was changed.")
        return
    done = writes.rollback(number, keys, message)
    print_rolled_back(done, number, output, session.program)
    say_served(session, done.revision.number, wait=wait, timeout=timeout, beside=output != TEXT)
