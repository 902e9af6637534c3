"""routerctl apply"""

import click

from reconciler.cli.applied_output import print_applied, print_dry_run
from reconciler.cli.applying import apply_file, apply_wanted
from reconciler.cli.kept_output import print_applied_plan
from reconciler.cli.options import (
    field_manager_option,
    filename_option,
    message_option,
    source_option,
    wait_options,
)
from reconciler.cli.output import MARKDOWN, PLAN_FORMATS, TEXT, output_option
from reconciler.cli.proposing import considered, read_wanted
from reconciler.cli.prune_options import Guards, prune_options
from reconciler.cli.review_options import Showing, review_options
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session


@click.command(epilog='Example: routerctl apply -f manifests/ --prune --wait -m "add the new model"')
@filename_option(required=False)
@click.option(
    "--plan",
    "planned",
    metavar="FILE",
    help="Apply what routerctl plan wrote, instead of -f: exactly that, or nothing where its ground moved.",
)
@prune_options
@source_option
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--force-conflicts", is_flag=True, help="Take over fields that other managers own.")
@field_manager_option
@message_option
@wait_options
@output_option(TEXT, PLAN_FORMATS)
@review_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    source: str | None,
    message: str,
    timeout: float,
    output: str,
    showing: Showing,
    *,
    manager: str | None,
    planned: str | None,
    prune: bool,
    guards: Guards,
    dry_run: bool,
    force_conflicts: bool,
    wait: bool,
) -> None:
    """Make the store equal to the manifests, as one transaction and one revision, or not at all."""
    if planned is not None:
        if any((paths, source, manager, prune, dry_run, force_conflicts)):
            raise click.UsageError(
                "--plan takes all from its file, which show prints: only -m, --wait and -o go with it"
            )
        _check_output(output, showing)
        kept = apply_file(session, planned, message)
        print_applied_plan(kept, output)
        say_served(session, kept.revision.number, wait=wait, timeout=timeout, beside=output != TEXT)
        return
    if not paths:
        raise click.UsageError("give manifests with -f or -k, or a plan with --plan")
    if not dry_run:
        _check_output(output, showing)
    wanted = read_wanted(session, paths, source, prune=prune, force=force_conflicts, guards=guards)
    if dry_run:
        found = considered(session, wanted, manager, writing=True)
        print_dry_run(found.review, output, showing, session.environ)
        found.check()
        showing.check(found.review.impact)
        if output == TEXT:
            click.echo("Dry run: nothing was changed.")
        return
    applied = apply_wanted(session, wanted, message, manager)
    print_applied(applied, wanted, output)
    say_served(session, applied.revision.number, wait=wait, timeout=timeout, beside=output != TEXT)


def _check_output(output: str, showing: Showing) -> None:
    if output == MARKDOWN or showing.fail_on:
        option = "-o markdown" if output == MARKDOWN else "--fail-on"
        raise click.UsageError(f"{option} looks at what would be done: add --dry-run, or ask diff")
