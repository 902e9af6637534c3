"""routerctl history verify"""

import click

from reconciler.api.accounts import Verified
from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.progress import progress
from reconciler.cli.reading import accounts_of
from reconciler.cli.revision_output import verification_json
from reconciler.cli.session import Session
from reconciler.control.manifest.printable import printable
from reconciler.errors import StoreError, one_line


@click.command(epilog="Example: routerctl history verify --head sha256:...")
@click.option(
    "--head", metavar="DIGEST", help="What the digest of the newest revision, or of the audit, should be."
)
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, head: str | None, output: str) -> int:
    """Recompute the record: is every revision, and every version of a resource, what was committed?

    With the encryption key at hand, every sealed value is opened as well. Whoever can write the store's file can rewrite
    the whole chain. Only a head digest kept elsewhere (apply prints it) proves against that, for contents: give it with
    --head. So does that of the audit, which signs the revisions as well. What is no content (owners, sources, holds) bears
    checksums only. Exit code 0: all is as committed; 5: something is not.
    """
    with accounts_of(session) as accounts, progress("Verifying the record", pulsing=True):
        found = accounts.verified(head)
    if found.trouble is not None:
        click.echo(one_line(found.trouble), err=True)
    newest, problems = found.head, found.problems
    if output != "text":
        told = verification_json(newest, problems, found.compacted, found.sealed, found.opened)
        print_data({**told, "audit": {"rows": found.deeds, "digest": found.signed}}, output)
        return StoreError.exit_code if problems else 0
    if problems:
        lines = [f"the record is not what was committed ({counted(len(problems), 'problem')}):"]
        lines += [f"  {printable(str(problem))}" for problem in problems]
        raise StoreError("\n".join(lines), hint="restore the store from a backup", command="restore FILE")
    click.echo(f"{counted(newest.number, 'revision')} verified; the head's digest is {newest.digest or '-'}")
    if found.deeds:
        click.echo(f"{counted(found.deeds, 'row')} of the audit verified; its digest is {found.signed}")
    if found.compacted:
        click.echo(
            f"Contents are proved from revision {found.compacted} on; before it, what changed and by whom."
        )
    if found.sealed:
        click.echo(_vault_line(found))
    return 0


def _vault_line(found: Verified) -> str:
    held = counted(found.sealed, "sealed value")
    if found.opened == found.sealed:
        return f"{held} opened."
    return f"{found.opened} of {held} opened; the key is not at hand."
