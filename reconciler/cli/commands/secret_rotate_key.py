"""routerctl secret rotate-key"""

from pathlib import Path

import click

from reconciler.bootstrap.ciphers import check_keys
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import OpenStore, open_present_store
from reconciler.cli.key_dropping import drop_older, need_lines
from reconciler.cli.output import counted
from reconciler.cli.secret_input import no_key
from reconciler.cli.session import Session
from reconciler.control.rotation import needs_of, rewrite_vault
from reconciler.errors import Refused
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey, load_keyring, replace_key_file
from reconciler.settings import key_file, key_file_beside


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
    """
    path = key_file(session.environ, session.location.config_path)
    with open_reader(session.location) as reader:
        keyring = load_keyring(session.environ, key_file_beside(session.location.config_path))
        if keyring is None:
            raise no_key(session, reader.key_ids())
        check_keys(keyring, reader)
    if drop_old:
        drop_older(session, keyring, path, yes=yes)
        return
    with open_present_store(session.location, session.environ, session.clock, sealing=False) as store:
        keyring = _with_new_key(keyring, path, store)
        cipher = Cipher(keyring)
        written = rewrite_vault(store.reader, store.writer, cipher)
        click.echo(
            f"{counted(written, 'value')} of the vault sealed again, under the key {keyring.current.id}."
        )
        _tell(session, store, cipher)


def _with_new_key(keyring: Keyring, path: Path | None, store: OpenStore) -> Keyring:
    """The keys with a new one in front, in the file first; as they are where a rotation has not ended."""
    held = store.reader.key_ids()
    if held - {keyring.current.id} and len(keyring.ids) > 1:
        click.echo(f"Going on with the rotation to the key {keyring.current.id}.")
        return keyring
    if path is None:
        if len(keyring.ids) > 1:
            return keyring
        raise Refused(
            "the key comes from a variable or a program, which can't be changed from here",
            hint='let that give two keys, "NEW,OLD" (secret keygen makes one), reload what serves, and run this again',
        )
    after = Keyring([MasterKey.generate(), *keyring.keys])
    replace_key_file(path, keyring, after)
    click.echo(f"The new key {after.current.id} stands in front of {path}.")
    return after


def _tell(session: Session, store: OpenStore, cipher: Cipher) -> None:
    needs = needs_of(store.reader, cipher)
    if needs.now:
        click.echo("These fields are sealed in manifests, and still need an older key:")
        click.echo("\n".join(need_lines(needs.now)))
        click.echo(f"Reseal their files and apply them: {session.program} secret reseal -f MANIFESTS")
    if needs.earlier:
        verb = "needs" if len(needs.earlier) == 1 else "need"
        click.echo(f"{counted(len(needs.earlier), 'sealed field')} of earlier revisions {verb} an older key.")
    if len(cipher.key_ids) > 1 and not needs.now:
        click.echo(
            f"Nothing that is stored now needs an older key: {session.program} secret rotate-key --drop-old"
        )
    click.echo("Values that are sealed from now on need the new public key: routerctl secret public-key")
