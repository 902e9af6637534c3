"""routerctl diff"""

import json

import click

from reconciler.bootstrap.reading import load_cipher, open_reader_if_any
from reconciler.cli.intaking import wanted_of
from reconciler.cli.options import filename_option, prune_option, source_option
from reconciler.cli.output import Palette
from reconciler.cli.plan_output import plan_json, plan_text
from reconciler.cli.session import Session
from reconciler.clock import timestamp
from reconciler.control.nothing import NoRecords
from reconciler.control.proposal import propose

_DIFFERENCES = 1


@click.command(epilog="Example: routerctl diff -f manifests/ --prune")
@filename_option()
@prune_option
@source_option
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], prune: bool, source: str | None, output: str) -> None:
    """Show what apply would do, field by field. Changes nothing.

    Exit code 0: no difference; 1: differences; above 1: an error.
    """
    reader = open_reader_if_any(session.location)
    wanted = wanted_of(session, paths, reader, source, prune=prune)
    cipher = load_cipher(session.location, session.environ, reader)
    proposal = propose(wanted, reader or NoRecords(), cipher, now=timestamp(session.clock.now()))
    if output == "json":
        click.echo(json.dumps(plan_json(proposal.plan, proposal.unknown), indent=2, ensure_ascii=False))
    else:
        click.echo(plan_text(proposal.plan, Palette(session.environ), proposal.unknown))
    if not proposal.plan.empty or proposal.plan.conflicts:
        raise SystemExit(_DIFFERENCES)
