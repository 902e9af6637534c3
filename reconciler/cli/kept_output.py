"""What is told of a plan that was kept: what it holds, and what became of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from reconciler.cli.applied_output import outcome_json
from reconciler.cli.output import MARKDOWN, TEXT, counted, fact, print_data
from reconciler.cli.plan_output import done_lines, standing_lines
from reconciler.cli.review_options import Showing
from reconciler.cli.review_output import review_json
from reconciler.cli.revision_output import short_commit
from reconciler.control.review import Review
from reconciler.json_types import JsonObject

if TYPE_CHECKING:
    from reconciler.control.plan.artefact import Artefact
    from reconciler.control.planned.apply import AppliedPlan


def _review(artefact: "Artefact") -> Review:
    """As it was when it was made, without the store: whose fields drifted and what hung on what is not in the file."""
    fingerprints = {entry.id: entry.fingerprint.rpartition("-")[2][:8] for entry in artefact.seals}
    return Review(artefact.plan, impact=artefact.impact, fingerprints=fingerprints)


def print_kept(artefact: "Artefact", output: str, environ: Mapping[str, str]) -> None:
    """As diff shows a plan, below what it was made from."""
    review = _review(artefact)
    if output == TEXT:
        _print_head(artefact)
    if output in (TEXT, MARKDOWN):
        Showing().show(review, output, environ)
        return
    print_data({**_json(artefact), "plan": review_json(review)}, output)


def _json(artefact: "Artefact") -> JsonObject:
    return {
        "program": artefact.program,
        "made": artefact.made,
        "source": artefact.source,
        "manager": artefact.manager,
        "commit": artefact.commit,
        "dirty": artefact.dirty,
        "prune": artefact.prune,
        "scopes": [*artefact.scopes],
        "inputs": [{"path": each.path, "sha256": each.sha256} for each in artefact.inputs],
        "relies": [str(each.key) for each in artefact.relies],
    }


def _print_head(artefact: "Artefact") -> None:
    """The lines above the changes."""
    facts = {
        "Plan": f"made {artefact.made} by routerctl {artefact.program}",
        "Base": f"revision {artefact.plan.base}"
        + (f", {artefact.base_digest}" if artefact.base_digest else ""),
        "Manager": artefact.manager,
        "Commit": short_commit(artefact.commit, dirty=artefact.dirty),
        "Inputs": counted(len(artefact.inputs), "file"),
        "Relies on": ", ".join(str(each.key) for each in artefact.relies),
        "Prune": "yes" if artefact.prune else "no",
    }
    for name, value in facts.items():
        if value:
            click.echo(fact(name, value, 12))
    click.echo()


def print_applied_plan(done: "AppliedPlan", output: str) -> None:
    plan, revision = done.artefact.plan, done.revision
    if output != TEXT:
        told = outcome_json(plan, revision)
        changed = done.already is None and not plan.empty
        print_data({**told, "changed": changed, "alreadyAppliedAs": done.already}, output)
        return
    if done.already is not None:
        click.echo(f"The plan was applied as revision {done.already}; nothing is left to do.")
        return
    for line in [*done_lines(plan), *standing_lines(plan)]:
        click.echo(line)
    if plan.empty:
        click.echo(f"No changes. Revision {revision.number} is the head.")
    else:
        click.echo(f"Revision {revision.number}  digest {revision.digest}")
