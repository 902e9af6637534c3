"""routerctl plan"""

from collections.abc import Sequence

import click

from reconciler.cli.intaking import note
from reconciler.cli.options import field_manager_option, filename_option, source_option
from reconciler.cli.output import PLAN_FORMATS, TEXT, output_option
from reconciler.cli.proposing import read_wanted
from reconciler.cli.prune_options import prune_options
from reconciler.cli.review_options import Showing, review_options
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.control.manifest.files import STDIN
from reconciler.control.plan.artefact import write
from reconciler.control.planned.files import digests, save
from reconciler.control.proposal import Guards


@click.command(epilog="Example: routerctl plan -f manifests/ --prune --out plan.json")
@filename_option()
@prune_options
@source_option
@field_manager_option
@click.option("--force-conflicts", is_flag=True, help="Take over fields that other managers own.")
@click.option(
    "--out",
    "target",
    metavar="FILE",
    required=True,
    help="Where the plan is written; - for stdout, where nothing else is then.",
)
@output_option(TEXT, PLAN_FORMATS)
@review_options
@click.pass_obj
def command(
    session: Session,
    paths: Sequence[str],
    source: str | None,
    manager: str | None,
    target: str,
    output: str,
    showing: Showing,
    *,
    prune: bool,
    guards: Guards,
    force_conflicts: bool,
) -> None:
    """Write what apply would do to a file, and show it: "apply --plan FILE" does just that, or refuses.

    Nothing is locked. New secrets are in the file as the store holds them: sealed. Exit code 0, also where nothing would
    change; 4 where apply would refuse, and then no file is written.
    """
    wanted = read_wanted(session, paths, source, prune=prune, force=force_conflicts, guards=guards)
    made = writes_of(session).plan(wanted, manager, digests(wanted))
    review = made.considered.review
    if target != STDIN:
        showing.show(review, output, session.environ)
    made.considered.check()
    showing.check(review.impact)
    if target == STDIN:
        click.echo(write(made.artefact), nl=False)
        return
    save(made.artefact, target)
    if output == TEXT:
        click.echo(f"Plan written to {target}")
    note(f"To apply it: {session.program} apply --plan {target}")
