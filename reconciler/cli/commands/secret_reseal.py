"""routerctl secret reseal"""

import click

from reconciler.cli.renewing import renew_files
from reconciler.cli.secret_input import FieldPath, cipher_at_hand
from reconciler.cli.session import Session
from reconciler.control.manifest.round_trip.secrets import Renew
from reconciler.control.seal import place_of, sealed_text
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.sealing import SealedText


@click.command(epilog="Example: routerctl secret reseal -f manifests/")
@click.option(
    "-f",
    "--filename",
    "paths",
    metavar="PATH",
    multiple=True,
    required=True,
    help="A manifest or a folder, changed in place; of -, stdin, to stdout. May be given again.",
)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...]) -> None:
    """Encrypt the sealed values of manifests to the current key: after secret rotate-key, before the old key is dropped.

    Needs the keys: those that opened the values, and the current one. Scopes stay as they are, and so does what is
    sealed to the current key already.
    """
    renew_files(session, paths, _resealing(cipher_at_hand(session)), "resealed")


def _resealing(cipher: Cipher) -> Renew:
    def renew(resource: ResourceKey, path: FieldPath, written: JsonValue) -> str | None:
        text = sealed_text(written)
        sealed = SealedText.parse(text) if text is not None else None
        if text is None or sealed is None or sealed.key_id == cipher.public_key.id:
            return None
        place = place_of(resource, path)
        return cipher.public_key.seal(place, cipher.open_text(place, text), sealed.scope)

    return renew
