"""routerctl rollback"""

from contextlib import closing

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import open_writer
from reconciler.cli.options import message_option, wait_options
from reconciler.cli.output import Palette
from reconciler.cli.plan_output import done_lines, plan_text
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.control.intake import user
from reconciler.control.rollback import difference, rollback
from reconciler.store.records import RevisionMeta


@click.command(epilog='Example: routerctl rollback 7 --wait -m "the new model answers nonsense"')
@click.argument("revision", type=click.IntRange(min=1))
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@message_option
@wait_options
@click.pass_obj
def command(
    session: Session, revision: int, message: str, timeout: float, *, dry_run: bool, wait: bool
) -> None:
    """Make the state of an earlier revision the current one, as a new revision.

    What it changes is held against the sources that own it: their resyncs leave it alone until what they declare for
    it changes, somebody applies from them, or "routerctl resume SOURCE".
    """
    with open_reader(session.location) as reader:
        if dry_run:
            plan = difference(reader.state(), reader.state_at(revision))
            click.echo(plan_text(plan, Palette(session.environ)))
            click.echo("Dry run: nothing was changed.")
            return
        reader.revision(revision)
        meta = RevisionMeta(
            actor=user(), operation="rollback", message=message or f"rollback to revision {revision}"
        )
        with closing(open_writer(session.location, session.clock)) as writer:
            done = rollback(reader, writer, revision, meta)
    for line in done_lines(done.plan):
        click.echo(line)
    if done.plan.empty:
        click.echo(f"No changes: the state is that of revision {revision} already.")
    else:
        click.echo(f"Revision {done.revision.number}  digest {done.revision.digest}")
    for source in sorted({hold.source for hold in done.holds}):
        keys = [str(hold.key) for hold in done.holds if hold.source == source]
        click.echo(f"Held against {source}: {', '.join(keys)}. To end it: {session.program} resume {source}")
    say_served(session, done.revision.number, wait=wait, timeout=timeout)
