"""routerctl backup"""

from pathlib import Path

import click

from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.progress import progress
from reconciler.cli.session import Session
from reconciler.cli.upkeep import upkeep_of
from reconciler.control.manifest.printable import printable


@click.command(epilog="Example: routerctl backup routing-2026-11-22.db")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, file: Path, output: str, *, force: bool) -> None:
    """Write a verified copy of the store to a file, while everything goes on.

    It holds every revision, what rollbacks hold, and sealed values, which nobody reads without the encryption key: that is
    not in it. Nor is what workers observed (counters, acknowledgements): that is made again.

    With --server it is a copy of the server's store, and verified once more here.
    """
    with progress("Copying and verifying the store", pulsing=True):
        made = upkeep_of(session).back_up(file, force=force)
    done, place = made.backup, made.key
    if output != "text":
        print_data(
            {
                "file": str(done.file),
                "revision": done.head.number,
                "digest": done.head.digest or None,
                "bytes": done.size,
                "keyIds": [*sorted(done.key_ids)],
                "key": place if done.key_ids else None,
            },
            output,
        )
        return
    size = f"{(done.size + 1023) // 1024} KiB"
    click.echo(f"Wrote {printable(str(done.file))}: revision {done.head.number}, {size}, verified.")
    if done.head.digest:
        click.echo(f"Head digest {done.head.digest}")
    if done.key_ids:
        click.echo(
            f"The key that opens its sealed values is not in it: it is in {place}. Keep a copy of it elsewhere."
        )
