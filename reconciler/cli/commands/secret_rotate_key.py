"""routerctl secret rotate-key"""

import click

from reconciler.api.upkeep import Begun, Rotated
from reconciler.cli.key_dropping import drop_older
from reconciler.cli.output import counted
from reconciler.cli.session import Session
from reconciler.cli.upkeep import upkeep_of
from reconciler.control.manifest.printable import printable
from reconciler.control.rotation import need_lines


@click.command(epilog="Example: routerctl secret rotate-key")
@click.option(
    "--drop-old", is_flag=True, help="Remove the older keys from the key file, where nothing needs them."
)
@click.option(
    "--yes", is_flag=True, help="With --drop-old: don't ask, whatever of earlier revisions it closes."
)
@click.pass_obj
def command(session: Session, *, drop_old: bool, yes: bool) -> None:
    """Put a new encryption key in front of the key file, and seal every value of the vault again under it.

    No revision is made, and workers go on with what they serve. A rotation that was ended midway leaves everything
    readable: the same command goes on with it. The older key stays in the file until --drop-old removes it; what is sealed
    in manifests needs it until it was resealed and applied. Old backups need it for ever.

    Where the key comes from a variable or a program, put the new one in front of the old one there, and run this then.
    With --server all of it is of the server's own key file.
    """
    upkeep = upkeep_of(session)
    if drop_old:
        drop_older(upkeep, yes=yes)
        return
    done = upkeep.rotate_key(_begun)
    click.echo(f"{counted(done.written, 'value')} of the vault sealed again, under the key {done.key}.")
    _tell(session, done)


def _begun(begun: Begun) -> None:
    if begun.file is None:
        click.echo(f"Going on with the rotation to the key {begun.key}.")
    else:
        click.echo(f"The new key {begun.key} stands in front of {printable(str(begun.file))}.")


def _tell(session: Session, done: Rotated) -> None:
    now = [need for need in done.needs if need.now]
    earlier = len(done.needs) - len(now)
    if now:
        click.echo("These fields are sealed in manifests, and still need an older key:")
        click.echo("\n".join(need_lines(now)))
        click.echo(f"Reseal their files and apply them: {session.program} secret reseal -f MANIFESTS")
    if earlier:
        verb = "needs" if earlier == 1 else "need"
        click.echo(f"{counted(earlier, 'sealed field')} of earlier revisions {verb} an older key.")
    if done.older and not now:
        click.echo(
            f"Nothing that is stored now needs an older key: {session.program} secret rotate-key --drop-old"
        )
    click.echo("Values that are sealed from now on need the new public key: routerctl secret public-key")
