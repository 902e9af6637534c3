"""What adopt tells of what it did, or would do."""

from collections.abc import Mapping

import click

from reconciler.cli.output import TEXT, Palette, print_data
from reconciler.cli.plan_output import plan_json, plan_text
from reconciler.control.adopt import Adopted, Adoption
from reconciler.json_types import JsonObject


def print_adopted(done: Adopted, output: str, environ: Mapping[str, str], *, dry_run: bool) -> None:
    if output != TEXT:
        items: list[JsonObject] = [_json(each) for each in done.adoptions]
        print_data(
            {"dryRun": dry_run, "source": done.source, "adopted": [*items], "next": plan_json(done.next)},
            output,
        )
        return
    for each in done.adoptions:
        click.echo(f"{'adopted' if each.change is not None else 'unchanged'}   {each.key}{_whence(each)}")
    undeclared = [str(each.key) for each in done.adoptions if not each.declared]
    if undeclared:
        click.echo(
            f"Not seen in its files: {', '.join(undeclared)}. Declare them, or its next --prune deletes them."
        )
    if done.next.changes or done.next.conflicts:
        click.echo(f"An apply from {done.source} would then do:")
        click.echo(plan_text(done.next, Palette(environ)))
    click.echo("Dry run: nothing was changed." if dry_run else "No value changed, so no revision was made.")


def _whence(adoption: Adoption) -> str:
    taken = f"  from {', '.join(adoption.taken)}" if adoption.taken else ""
    return taken + (f"  shared with {', '.join(adoption.shared)}" if adoption.shared else "")


def _json(adoption: Adoption) -> JsonObject:
    return {
        "key": str(adoption.key),
        "changed": adoption.change is not None,
        "from": [*adoption.taken],
        "sharedWith": [*adoption.shared],
        "declared": adoption.declared,
    }
