"""routerctl diff"""

import json

import click

from reconciler.cli.options import filename_option, prune_option, source_option
from reconciler.cli.output import Palette
from reconciler.cli.plan_output import plan_json, plan_text
from reconciler.cli.proposing import proposal_of
from reconciler.cli.session import Session

_DIFFERENCES = 1


@click.command(epilog="Example: routerctl diff -f manifests/ --prune")
@filename_option()
@prune_option
@source_option
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], prune: bool, source: str | None, output: str) -> int:
    """Show what apply would do, field by field. Changes nothing.

    Exit code 0: no difference; 1: differences; above 1: an error.
    """
    _, proposal = proposal_of(session, paths, source, prune=prune)
    if output == "json":
        click.echo(json.dumps(plan_json(proposal.plan, proposal.unknown), indent=2, ensure_ascii=False))
    else:
        click.echo(plan_text(proposal.plan, Palette(session.environ), proposal.unknown))
    return 0 if proposal.plan.empty and not proposal.plan.conflicts else _DIFFERENCES
