"""routerctl apply"""

import click

from reconciler.bootstrap.writing import open_store
from reconciler.cli.intaking import note, wanted_of
from reconciler.cli.options import filename_option, message_option, prune_option, source_option, wait_options
from reconciler.cli.output import Palette
from reconciler.cli.plan_output import done_lines, plan_text, standing_lines
from reconciler.cli.proposing import proposal_of, reader_if_any
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.control.apply import Applied, apply, check
from reconciler.control.intake import user
from reconciler.control.proposal import Wanted
from reconciler.store.records import RevisionMeta


@click.command(epilog='Example: routerctl apply -f manifests/ --prune --wait -m "add the new model"')
@filename_option()
@prune_option
@source_option
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--force-conflicts", is_flag=True, help="Take over fields that other managers hold.")
@message_option
@wait_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    source: str | None,
    message: str,
    timeout: float,
    *,
    prune: bool,
    dry_run: bool,
    force_conflicts: bool,
    wait: bool,
) -> None:
    """Make the store equal to the manifests, as one transaction and one revision, or not at all."""
    if dry_run:
        _dry_run(session, paths, source, prune=prune, force=force_conflicts)
        return
    with reader_if_any(session) as reader:
        wanted = wanted_of(session, paths, reader, source, prune=prune, force=force_conflicts)
    with open_store(session.location, session.environ, session.clock) as store:
        meta = _meta(wanted, message)
        applied = apply(wanted, store.reader, store.writer, store.cipher, session.clock, meta)
    _report(applied, wanted)
    say_served(session, applied.revision.number, wait=wait, timeout=timeout)


def _dry_run(
    session: Session, paths: tuple[str, ...], source: str | None, *, prune: bool, force: bool
) -> None:
    wanted, proposal = proposal_of(session, paths, source, prune=prune, force=force)
    click.echo(plan_text(proposal.plan, Palette(session.environ), proposal.unknown))
    check(wanted, proposal)
    click.echo("Dry run: nothing was changed.")


def _meta(wanted: Wanted, message: str) -> RevisionMeta:
    source = wanted.source
    return RevisionMeta(
        actor=user(),
        operation="apply",
        source=source.name if source is not None else None,
        commit=source.commit if source is not None else None,
        dirty=source.dirty if source is not None else False,
        message=message,
    )


def _report(applied: Applied, wanted: Wanted) -> None:
    plan = applied.proposal.plan
    if applied.attempts > 1:
        note(f"planned {applied.attempts} times: other commits came between")
    if applied.proposal.renamed_from is not None and wanted.source is not None:
        note(f"the source {applied.proposal.renamed_from} is called {wanted.source.name} from now on")
    for line in [*done_lines(plan), *standing_lines(plan)]:
        click.echo(line)
    if plan.empty:
        click.echo(f"No changes. Revision {applied.revision.number} is the head.")
    else:
        click.echo(f"Revision {applied.revision.number}  digest {applied.revision.digest}")
