"""What --save wrote into manifests, or would."""

import click

from reconciler.cli.export_output import folder_diff, folder_json, folder_lines
from reconciler.cli.output import print_data
from reconciler.cli.save_options import Saving
from reconciler.cli.write_options import NAME, TEXT, Asked
from reconciler.cli.written_output import name_of
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.round_trip.folder import FolderPlan


def print_saved(plan: FolderPlan, asked: Asked, saving: Saving) -> None:
    aside = asked.beside or (saving.apply and asked.output != TEXT)
    if not aside and asked.output == NAME:
        for change_ in plan.changes:
            for key in (*change_.written, *change_.removed):
                click.echo(name_of(key))
    elif not aside and asked.output != TEXT:
        print_data(folder_json(plan, {}, dry_run=asked.dry_run), asked.output)
    else:
        _print_text(plan, asked, saving, aside=aside)


def _print_text(plan: FolderPlan, asked: Asked, saving: Saving, *, aside: bool) -> None:
    if asked.dry_run:
        click.echo(folder_diff(plan.changes), nl=False, err=aside)
    lines = [*folder_lines(plan, every=False)][:-1]
    for line in lines or ["The manifests say so already: no file was changed."]:
        click.echo(line, err=aside)
    if asked.dry_run:
        click.echo("Dry run: nothing was written.", err=aside)
    elif lines and not saving.apply:
        folder = printable(str(saving.folder))
        click.echo(f"The store is as it was: commit the change, or apply it with -f {folder}.", err=True)
