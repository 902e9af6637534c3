"""The cipher of a store: the keys that the environment names, if they are this store's."""

import logging
from collections.abc import Callable, Collection, Mapping

from reconciler.errors import SecretError, one_line
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, load_keyring
from reconciler.settings import KEY, KEY_FILE, key_file_beside
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

_log = logging.getLogger(__name__)


def load_cipher(location: StoreLocation, environ: Mapping[str, str], reader: Reader | None) -> Cipher | None:
    """The cipher of the store's keys; None where no key is named. Raises SecretError for a key of another store."""
    keyring = load_keyring(environ, key_file_beside(location.config_path))
    if keyring is None:
        return None
    check_keys(keyring, reader)
    return Cipher(keyring)


def cipher_at_hand(
    location: StoreLocation,
    environ: Mapping[str, str],
    reader: Reader | None,
    tell: Callable[[str], None] = _log.warning,
) -> Cipher | None:
    """As load_cipher, and None for a key of another store, of which it is told: with it nothing can be opened or sealed
    here, and what needs neither goes on.
    """
    try:
        return load_cipher(location, environ, reader)
    except NotThisStores as error:
        tell(one_line(str(error)))
        return None


class NotThisStores(SecretError):
    """A key that opens nothing of what the store holds."""


def check_keys(keyring: Keyring, reader: Reader | None) -> None:
    """A store that holds sealed values is opened with its own keys or not at all: nothing is overwritten."""
    known = reader.key_ids() if reader is not None else frozenset()
    if known and not known & set(keyring.ids):
        raise NotThisStores(
            f"the encryption key at hand ({', '.join(keyring.ids)}) is not this store's ({', '.join(sorted(known))})",
            hint=f"set {KEY} or {KEY_FILE} to the key that sealed its values",
        )


def no_key(location: StoreLocation, known: Collection[str], otherwise: str = "") -> SecretError:
    """`known` are the ids of the keys that the store was sealed with: there another key would open nothing."""
    if known:
        return SecretError(
            f"there is no encryption key here; this store's is {', '.join(sorted(known))}",
            hint=f"set {KEY} or {KEY_FILE} to it{otherwise}",
        )
    return SecretError(
        "there is no encryption key here",
        hint=f"make one{otherwise}",
        command=f"secret keygen --out {key_file_beside(location.config_path)}",
    )
