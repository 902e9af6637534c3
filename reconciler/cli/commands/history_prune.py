"""routerctl history prune"""

import click

from reconciler.cli.moments import Moment, MomentWord
from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.session import Session
from reconciler.cli.upkeep import upkeep_of
from reconciler.store.compaction import Compaction, Keep


@click.command(epilog="Example: routerctl history prune --keep-since 90d --dry-run")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Keep the newest N revisions whole.")
@click.option(
    "--keep-since", metavar="WHEN", type=MomentWord(), help="Keep all from then on whole: 90d, 2026-11-01."
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(
    session: Session, keep: int | None, keep_since: Moment | None, output: str, *, dry_run: bool
) -> None:
    """Remove the contents of old revisions, for good, with the sealed values that only they name.

    Revisions and what each changed stay listed and proved; show and rollback need what is kept, and the head always is.
    Live state and what rollbacks hold do not change, nothing that serves is disturbed, and the file gives its space back.
    With both options, what either keeps is kept. Make a backup first where old contents may be needed again.
    """
    if keep is None and keep_since is None:
        raise click.UsageError("say what to keep: --keep N or --keep-since 90d")
    kept = Keep(keep, keep_since.timestamp(session.clock) if keep_since is not None else None)
    done = upkeep_of(session).prune(kept, dry_run=dry_run)
    if output != "text":
        print_data(
            {
                "dryRun": dry_run,
                "head": done.head,
                "wholeFrom": done.compacted,
                "versions": done.versions,
                "sealedValues": done.sealed_values,
                "freedBytes": done.freed,
            },
            output,
        )
        return
    click.echo(_words(done, dry_run=dry_run))


def _words(done: Compaction, *, dry_run: bool) -> str:
    gone = [counted(done.versions, "old version")]
    if done.sealed_values:
        gone.append(counted(done.sealed_values, "sealed value"))
    first = done.compacted + 1
    kept = (
        f"revisions {first} to {done.head} stay whole"
        if first < done.head
        else f"revision {done.head} stays whole"
    )
    if dry_run:
        return f"Would remove {' and '.join(gone)}; {kept}. Dry run: nothing was changed."
    if done.freed is None:
        space = "\nThe file keeps its size for now: somebody reads it, or the disk has no room for a copy."
    else:
        space = f" {done.freed // 1024} KiB were given back." if done.freed >= 1024 else ""
    return f"Removed {' and '.join(gone)}; {kept}.{space}"
