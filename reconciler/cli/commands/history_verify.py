"""routerctl history verify"""

import click

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.revision_output import audited, verification_json
from reconciler.cli.session import Session
from reconciler.control.manifest.printable import printable
from reconciler.control.vault_record import VaultReport, verify_vault
from reconciler.errors import SecretError, StoreError, one_line
from reconciler.secrets.cipher import Cipher
from reconciler.store.reader import Reader
from reconciler.store.records import EMPTY_STORE
from reconciler.store.verify import verify


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
    with open_reader(session.location) as reader, reader.consistent():
        cipher = _cipher(session, reader)
        newest = reader.head_revision() or EMPTY_STORE
        problems = verify(reader, head=head)
        vault = verify_vault(reader, cipher)
        problems += vault.problems
        compacted = 0 if problems else reader.compacted()
        deeds, signed = audited(reader)
    if output != "text":
        told = verification_json(newest, problems, compacted, vault.entries, vault.opened)
        print_data({**told, "audit": {"rows": deeds, "digest": signed}}, output)
        return StoreError.exit_code if problems else 0
    if problems:
        lines = [f"the record is not what was committed ({counted(len(problems), 'problem')}):"]
        lines += [f"  {printable(str(problem))}" for problem in problems]
        raise StoreError("\n".join(lines), hint="restore the store from a backup", command="restore FILE")
    click.echo(f"{counted(newest.number, 'revision')} verified; the head's digest is {newest.digest or '-'}")
    if deeds:
        click.echo(f"{counted(deeds, 'row')} of the audit verified; its digest is {signed}")
    if compacted:
        click.echo(f"Contents are proved from revision {compacted} on; before it, what changed and by whom.")
    if vault.entries:
        click.echo(_vault_line(vault))
    return 0


def _cipher(session: Session, reader: Reader) -> Cipher | None:
    """A key that is not this store's opens nothing, and is no reason to look at nothing."""
    try:
        return load_cipher(session.location, session.environ, reader)
    except SecretError as error:
        click.echo(one_line(error.told(session.program)), err=True)
        return None


def _vault_line(vault: VaultReport) -> str:
    held = counted(vault.entries, "sealed value")
    if vault.opened == vault.entries:
        return f"{held} opened."
    return f"{vault.opened} of {held} opened; the key is not at hand."
