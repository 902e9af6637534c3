"""routerctl show"""

import sys
from collections import Counter

import click

from reconciler.cli.kept_output import print_kept
from reconciler.cli.output import MARKDOWN, PLAN_FORMATS, TEXT, Palette, fact, output_option, print_data
from reconciler.cli.reading import records_of
from reconciler.cli.review_options import Showing
from reconciler.cli.review_output import review_json, review_text
from reconciler.cli.revision_output import commit_text, manager_of, revision_json
from reconciler.cli.revision_words import RevisionName, RevisionOrPlan
from reconciler.cli.session import Session
from reconciler.control.planned.files import load
from reconciler.control.review import review_of_plan
from reconciler.control.rollback import difference
from reconciler.json_types import JsonValue


@click.command(epilog="Example: routerctl show 7")
@click.argument("shown", metavar="[REVISION|FILE]", type=RevisionOrPlan(), default="head")
@output_option(TEXT, PLAN_FORMATS)
@click.pass_obj
def command(session: Session, shown: RevisionName | str, output: str) -> None:
    """Show a revision (a number, head~1; default: the head): who made it, when, from what, and every field that it changed.

    Or show the plan in a file that "routerctl plan" wrote.
    """
    if isinstance(shown, str):
        print_kept(load(shown, sys.stdin.buffer), output, session.environ)
    else:
        _show_revision(session, shown, output)


def _show_revision(session: Session, revision: RevisionName, output: str) -> None:
    with records_of(session) as reader, reader.consistent():
        number = revision.number(reader)
        shown = reader.revision(number)
        reader.require_contents(number)
        before = reader.state_at(number - 1)
        review = review_of_plan(difference(before, reader.state_at(number)), before, reader)
        held = sorted(str(hold.key) for hold in reader.holds() if hold.revision == number)
        changes = Counter(str(event.type) for event in reader.events(number))
    if output == MARKDOWN:
        Showing().show(review, output, session.environ)
        return
    if output != TEXT:
        holds: list[JsonValue] = [*held]
        print_data({**revision_json(shown, changes), "plan": review_json(review), "holds": holds}, output)
        return
    facts = {
        "Revision": number,
        "Parent": shown.parent,
        "Time": shown.time,
        "Actor": shown.actor,
        "Operation": shown.operation,
        "Manager": manager_of(shown),
        "Source": shown.source,
        "Commit": commit_text(shown),
        "Message": shown.message,
        "Digest": shown.digest,
        "Holds": ", ".join(held),
    }
    for name, value in facts.items():
        if value not in (None, ""):
            click.echo(fact(name, value, 12))
    click.echo()
    click.echo(review_text(review, Palette(session.environ)).rsplit("\n", 1)[0])
