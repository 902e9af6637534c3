"""What `secret` commands are given: the place that a value is for, and the key."""

from collections.abc import Collection
from pathlib import Path

import click

from reconciler.bootstrap.ciphers import load_cipher, no_key
from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.cli.secret_value import read_small
from reconciler.cli.selecting import keys_of
from reconciler.cli.session import Session
from reconciler.errors import InvalidInput
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.sealing import PublicKey

FieldPath = tuple[str, ...]


def place_given(
    session: Session, name: str | None, key: str | None, place: str | None
) -> tuple[ResourceKey, FieldPath]:
    """--name and --key of a Secret, or --for KIND/NAME:FIELD: the resource, and the path of the field below spec."""
    if place is None:
        if name is None or key is None:
            raise click.UsageError(
                "say what it is for: --name and --key of a Secret, or --for KIND/NAME:FIELD"
            )
        return ResourceKey("Secret", session.namespace or DEFAULT_NAMESPACE, name), ("data", key)
    if name is not None or key is not None:
        raise click.UsageError("give --name and --key, or --for, not both")
    words, colon, field = place.partition(":")
    resource = keys_of([words], session.namespace)[0]
    spec, *path = field.split(".")
    if resource.kind == "Secret" and path[:1] == ["data"]:
        path = ["data", ".".join(path[1:])]
    if not colon or spec != "spec" or not all(path) or not _is_secret(resource.kind, path):
        raise InvalidInput(
            f"--for {place}: this is no field for a secret",
            hint="write it as --for provider/NAME:spec.config.apiKey",
        )
    return resource, tuple(path)


def _is_secret(kind: str, path: list[str]) -> bool:
    structure = structure_of_kind(kind).child("spec")
    for name in path:
        structure = structure.child(name)
    return structure.shape is Shape.SECRET


def cipher_at_hand(session: Session, otherwise: str = "") -> Cipher:
    """The keys of the store, if there is one, or those that the environment names. Raises SecretError without one, which
    names the way `otherwise` as well.
    """
    reader = open_reader_if_any(session.location)
    try:
        cipher = load_cipher(session.location, session.environ, reader)
        known: Collection[str] = reader.key_ids() if reader is not None else ()
    finally:
        if reader is not None:
            reader.close()
    if cipher is None:
        raise no_key(session.location, known, otherwise)
    return cipher


def public_key_for(session: Session, file: Path | None) -> PublicKey:
    """Of the file, else of the server, else of the key at hand."""
    if file is None and session.is_remote:
        return PublicKey.parse(session.asked.accounts.public_key())
    if file is None:
        return cipher_at_hand(session, ", or give the public key of the router with --public-key").public_key
    text = read_small(file).decode("ascii", "replace")
    try:
        return PublicKey.parse(text)
    except InvalidInput as error:
        raise InvalidInput(f"{file}: {error.message}", hint=error.hint) from None
