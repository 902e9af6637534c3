"""The end of a rotation: the older keys leave the key file, once nothing needs them."""

import click

from reconciler.api.upkeep import Upkeep
from reconciler.cli.confirming import confirm
from reconciler.cli.output import counted
from reconciler.control.manifest.printable import printable


def drop_older(upkeep: Upkeep, *, yes: bool) -> None:
    """Raises Refused where something that is stored now needs one, and Declined."""
    would = upkeep.drop_old_keys(dry_run=True)
    file = printable(str(would.file))
    if not would.gone:
        click.echo(f"There is no older key in {file}.")
        return
    if would.closed:
        count = counted(would.closed, "sealed field")
        confirm(
            f"{count} of earlier revisions will not open any more: after a rollback to them its provider is refused. "
            "Go on?",
            yes=yes,
        )
    done = upkeep.drop_old_keys(dry_run=False)
    click.echo(
        f"{file} holds the key {done.key} alone; removed: {', '.join(done.gone)}. Backups from before need them."
    )
