"""routerctl show"""

import json
from collections import Counter

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.output import Palette, fact
from reconciler.cli.plan_output import plan_json, plan_text
from reconciler.cli.revision_output import commit_text, revision_json
from reconciler.cli.session import Session
from reconciler.control.rollback import difference
from reconciler.errors import NotFound


@click.command(epilog="Example: routerctl show 7")
@click.argument("revision", type=click.IntRange(min=1), required=False)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, revision: int | None, output: str) -> None:
    """Show a revision (default: the head): who made it, when, from what, and every field that it changed."""
    with open_reader(session.location) as reader, reader.consistent():
        number = revision if revision is not None else reader.head()
        if number == 0:
            raise NotFound("there is no revision yet", hint="make one with: routerctl apply -f DIR")
        shown = reader.revision(number)
        plan = difference(reader.state_at(number - 1), reader.state_at(number))
        held = sorted(str(hold.key) for hold in reader.holds() if hold.revision == number)
        changes = Counter(str(event.type) for event in reader.events(number))
    if output == "json":
        whole = {**revision_json(shown, changes), "plan": plan_json(plan), "holds": list(held)}
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    facts = {
        "Revision": number,
        "Parent": shown.parent,
        "Time": shown.time,
        "Actor": shown.actor,
        "Operation": shown.operation,
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
    click.echo(plan_text(plan, Palette(session.environ)).rsplit("\n", 1)[0])
