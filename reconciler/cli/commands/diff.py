"""routerctl diff"""

import click

from reconciler.cli.comparing import compare_revisions
from reconciler.cli.intaking import note
from reconciler.cli.options import field_manager_option, filename_option, source_option
from reconciler.cli.output import PLAN_FORMATS, TEXT, output_option
from reconciler.cli.proposing import considered, read_wanted
from reconciler.cli.prune_options import prune_options
from reconciler.cli.review_options import Showing, review_options
from reconciler.cli.revision_words import HEAD, RevisionName, RevisionWord
from reconciler.cli.session import Session
from reconciler.control.proposal import Guards
from reconciler.control.review import Review

_DIFFERENCES = 1


@click.command(epilog="Example: routerctl diff -f manifests/ --prune")
@filename_option(required=False)
@prune_options
@source_option
@field_manager_option
@click.option(
    "--from",
    "since",
    metavar="REV",
    type=RevisionWord(zero=True),
    help="Compare two revisions: from this one ...",
)
@click.option(
    "--to",
    "until",
    metavar="REV",
    type=RevisionWord(zero=True),
    help="... to this one: 7, head~1. [default: head]",
)
@output_option(TEXT, PLAN_FORMATS)
@review_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    source: str | None,
    manager: str | None,
    *,
    prune: bool,
    guards: Guards,
    since: RevisionName | None,
    until: RevisionName | None,
    output: str,
    showing: Showing,
) -> int:
    """Show what apply would do, field by field, or how two revisions differ (--from, --to). Changes nothing.

    Exit code 0: no difference; 1: differences, or a secret that can't be compared without its key; 4: the impact on
    traffic holds what --fail-on names; above 1: an error.
    """
    if since is not None:
        if any((paths, prune, source, manager)):
            raise click.UsageError(
                "--from compares what is stored: it goes with neither -f, --prune, --source nor --field-manager"
            )
        review = compare_revisions(session, since, until or HEAD, output, showing)
        return _code(review, showing)
    if until is not None:
        raise click.UsageError("--to needs --from")
    if not paths:
        raise click.UsageError("give manifests with -f or -k, or two revisions with --from and --to")
    wanted = read_wanted(session, paths, source, prune=prune, guards=guards)
    found = considered(session, wanted, manager)
    showing.show(found.review, output, session.environ)
    if found.proposal.stranded is not None:
        raise found.proposal.stranded
    for objection in found.objections:
        note(f"apply would refuse: {objection.message}\n  {objection.hint}")
    return _code(found.review, showing)


def _code(review: Review, showing: Showing) -> int:
    showing.check(review.impact)
    return _DIFFERENCES if review.differs else 0
