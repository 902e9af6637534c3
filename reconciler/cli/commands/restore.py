"""routerctl restore"""

from pathlib import Path

import click

from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.progress import progress
from reconciler.cli.session import Session
from reconciler.control.manifest.printable import printable
from reconciler.settings import key_place
from reconciler.store import audit
from reconciler.store.backup import restore


@click.command(epilog="Example: routerctl restore routing-2026-11-22.db")
@click.argument("file", type=click.Path(path_type=Path))
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, file: Path, output: str) -> None:
    """Make the store what a backup holds. The store as it was is kept in a file beside it.

    The backup is verified first, and migrated where it is of an older version. It is refused while anything uses the store:
    stop up, serve and sync, restore, and start them again.
    """

    def noted(store: Path) -> None:
        audit.note(store, session.caller, audit.Deed("restore", f"from {file.name}"), session.clock)

    with progress("Verifying and copying the backup", pulsing=True):
        done = restore(file, session.location, session.clock, noted=noted)
    place = key_place(session.environ, session.location.config_path)
    if output != "text":
        print_data(
            {
                "store": str(session.location.config_path),
                "revision": done.head.number,
                "digest": done.head.digest or None,
                "kept": str(done.kept) if done.kept is not None else None,
                "keyIds": [*sorted(done.key_ids)],
            },
            output,
        )
        return
    click.echo(f"Restored revision {done.head.number}  digest {done.head.digest or '-'}")
    if done.kept is not None:
        click.echo(f"The store as it was is kept in {printable(str(done.kept))}")
    if done.key_ids:
        keys = ", ".join(sorted(done.key_ids))
        click.echo(f"Its sealed values need the key {keys}, which is looked for in {place}.")
