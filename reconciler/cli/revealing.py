"""What export --show-secrets asks for."""

from collections.abc import Mapping

import click

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.cli.confirming import confirm
from reconciler.cli.session import Session
from reconciler.control.revealing import Revealer
from reconciler.errors import SecretError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher
from reconciler.settings import key_place
from reconciler.store import audit

Resources = Mapping[ResourceKey, StoredResource]
_NAMED = 10
"""Resources that the audit names."""


def cipher_here(session: Session) -> Cipher | None:
    """Of the store on this machine; of a server nobody here has the key."""
    if session.is_remote:
        return None
    with open_reader(session.location) as reader:
        return load_cipher(session.location, session.environ, reader)


def revealed(session: Session, state: Resources, *, yes: bool) -> Resources:
    """With sealed values in plain text, once a person agreed; what does not open stays sealed, with a warning.

    Who did is in the audit before anything is shown.
    Raises Declined, and SecretError without a key.
    """
    cipher = cipher_here(session)
    if cipher is None:
        place = key_place(session.environ, session.location.config_path)
        raise SecretError(
            "there is no encryption key to open secrets with", hint=f"it is looked for in {place}"
        )
    confirm("Print secrets in plain text?", yes=yes)
    deed = audit.Deed(
        "export --show-secrets", ", ".join(sorted(str(key) for key in state)[:_NAMED]) or "nothing"
    )
    audit.note(session.location.config_path, session.caller, deed, session.clock)
    with open_reader(session.location) as reader:
        revealer = Revealer(reader, cipher)
        shown = revealer.revealed(state)
    for (key, name), why in sorted(revealer.closed.items()):
        click.echo(f"warning: {key}: {name} stays sealed: {why}", err=True)
    return shown
