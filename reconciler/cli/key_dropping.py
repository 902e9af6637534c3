"""The end of a rotation: the older keys leave the key file, once nothing needs them."""

from pathlib import Path

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.confirming import confirm
from reconciler.cli.output import counted
from reconciler.cli.session import Session
from reconciler.control.rotation import Need, needs_of
from reconciler.errors import Refused
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, replace_key_file
from reconciler.store import audit

_SHOWN = 20


def drop_older(session: Session, keyring: Keyring, path: Path | None, *, yes: bool) -> None:
    """Raises Refused where something that is stored now needs one, and Declined. `path`: the key file, if there is one."""
    if path is None:
        raise Refused(
            "the key comes from a variable or a program, which can't be changed from here",
            hint="take the older key away there; rotate-key without --drop-old tells what needs it",
        )
    if len(keyring.ids) == 1:
        click.echo(f"There is no older key in {path}.")
        return
    with open_reader(session.location) as reader:
        needs = needs_of(reader, Cipher(keyring))
    if needs.vault:
        raise Refused(
            f"{counted(needs.vault, 'value')} of the vault still need an older key",
            hint="seal them again first",
            command="secret rotate-key",
        )
    if needs.now:
        raise Refused(
            "\n".join(["what is stored now still needs an older key:", *need_lines(needs.now)]),
            hint="reseal the manifests that hold it, apply them, and run this again",
            command="secret reseal -f MANIFESTS",
        )
    if needs.earlier:
        count = counted(len(needs.earlier), "sealed field")
        confirm(
            f"{count} of earlier revisions will not open any more: after a rollback to them its provider is refused. "
            "Go on?",
            yes=yes,
        )
    gone = ", ".join(keyring.ids[1:])
    deed = audit.Deed("secret rotate-key --drop-old", f"keys {gone}")
    audit.note(session.location.config_path, session.caller, deed, session.clock)
    replace_key_file(path, keyring, Keyring([keyring.current]))
    click.echo(
        f"{path} holds the key {keyring.current.id} alone; removed: {gone}. Backups from before need them."
    )


def need_lines(needs: tuple[Need, ...]) -> list[str]:
    lines = [f"  {need.key} {need.field}  (sealed to {need.key_id})" for need in needs[:_SHOWN]]
    return [*lines, f"  and {len(needs) - _SHOWN} more"] if len(needs) > _SHOWN else lines
