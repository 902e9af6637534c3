"""What apply and rollback tell of what they did, or would do."""

from collections.abc import Mapping

import click

from reconciler.cli.intaking import note
from reconciler.cli.output import MARKDOWN, TEXT, print_data
from reconciler.cli.plan_output import done_lines, plan_json, standing_lines
from reconciler.cli.review_options import Showing
from reconciler.cli.review_output import review_json
from reconciler.control.apply import Applied
from reconciler.control.plan.model import Plan
from reconciler.control.proposal import Wanted
from reconciler.control.review import Review
from reconciler.control.rollback import RolledBack
from reconciler.json_types import JsonObject, JsonValue
from reconciler.store.records import Revision


def print_dry_run(review: Review, output: str, showing: Showing, environ: Mapping[str, str]) -> None:
    if output in (TEXT, MARKDOWN):
        showing.show(review, output, environ)
        return
    print_data({**outcome_json(review.plan, None), "plan": review_json(review)}, output)


def print_applied(applied: Applied, wanted: Wanted, output: str) -> None:
    plan, revision = applied.proposal.plan, applied.revision
    if applied.attempts > 1:
        note(f"planned {applied.attempts} times: other commits came between")
    if applied.proposal.renamed_from is not None:
        now = f"called {wanted.source.name}" if wanted.source is not None else f"of {wanted.manager}"
        note(f"the source {applied.proposal.renamed_from} is {now} from now on")
    if output != TEXT:
        print_data(outcome_json(plan, revision), output)
        return
    for line in [*done_lines(plan), *standing_lines(plan)]:
        click.echo(line)
    if not plan.empty:
        click.echo(f"Revision {revision.number}  digest {revision.digest}")
        return
    digest = f", digest {revision.digest}" if revision.digest else ""
    click.echo(f"No changes. Revision {revision.number} is the head{digest}.")


def print_rolled_back(done: RolledBack, target: int, output: str, program: str) -> None:
    """`program` is how a command that is suggested begins."""
    if output != TEXT:
        holds: list[JsonValue] = [{"key": str(hold.key), "source": hold.source} for hold in done.holds]
        print_data({**outcome_json(done.plan, done.revision), "holds": holds}, output)
        return
    for line in done_lines(done.plan):
        click.echo(line)
    if done.plan.empty:
        click.echo(f"No changes: the state is that of revision {target} already.")
    else:
        click.echo(f"Revision {done.revision.number}  digest {done.revision.digest}")
    for source in sorted({hold.source for hold in done.holds}):
        keys = [str(hold.key) for hold in done.holds if hold.source == source]
        click.echo(f"Held against {source}: {', '.join(keys)}. To end it: {program} resume {source}")


def outcome_json(plan: Plan, revision: Revision | None) -> JsonObject:
    """The documented form of `apply -o json` and `rollback -o json`. `revision` is the head afterwards; None: a dry run."""
    head: JsonObject | None = (
        None
        if revision is None
        else {
            "number": revision.number,
            "digest": revision.digest or None,
            "time": revision.time or None,
        }
    )
    return {
        "dryRun": revision is None,
        "changed": not plan.empty,
        "revision": head,
        "plan": plan_json(plan),
    }
