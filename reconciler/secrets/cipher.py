"""Seals a value for one place, and opens it there and nowhere else.

The Fernet key of a token is derived from the master key and the place (namespace, kind, name and field, not uids: a
restore into a new store must open). A token that is copied to another resource or field does not open. Fingerprints
answer "the same value?" without opening; they are keyed, so nobody without the key can try values.
"""

import base64
import hmac
from functools import cached_property
from typing import NamedTuple, final

from cryptography.fernet import Fernet, InvalidToken

from reconciler.errors import SecretError
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.place import Place, packed
from reconciler.secrets.sealing import PublicKey, SealingKeys
from reconciler.secrets.value import SecretValue

__all__ = ["Cipher", "Place", "SealedValue"]

_SEAL = b"routerctl seal v1"
_FINGERPRINT = b"routerctl fingerprint v1"
_FINGERPRINT_PREFIX = "f1-"
_FINGERPRINT_BYTES = 16


class SealedValue(NamedTuple):
    """What the vault keeps. `fingerprint`: f1- and 32 hex digits, equal for equal values at one place under one key."""

    ciphertext: bytes
    fingerprint: str
    key_id: str


@final
class Cipher:
    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._fingerprint_key = keyring.current.derive(_FINGERPRINT)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Of the keys at hand, newest first; the first seals."""
        return self._keyring.ids

    def seal(self, place: Place, value: SecretValue) -> SealedValue:
        key = self._keyring.current
        ciphertext = _fernet(key, place).encrypt(value.reveal().encode())
        return SealedValue(ciphertext, self.fingerprint(place, value), key.id)

    def open(self, place: Place, ciphertext: bytes, key_id: str) -> SecretValue:
        """Raises SecretError, which names the place and the key ids, where the token was not sealed so."""
        key = self._keyring.get(key_id)
        if key is None:
            raise SecretError(
                f"the value of {place} is sealed with the key {key_id}, which is not at hand",
                hint=f"give that key as well, behind the current one (at hand: {', '.join(self.key_ids)})",
            )
        try:
            return SecretValue(_fernet(key, place).decrypt(ciphertext).decode())
        except (InvalidToken, UnicodeDecodeError):
            raise SecretError(
                f"the sealed value of {place} does not open with the key {key_id}: it was sealed for another place, "
                "or is damaged",
                hint="give the value again",
            ) from None

    def fingerprint(self, place: Place, value: SecretValue) -> str:
        """Under the current key."""
        message = packed(place) + value.reveal().encode()
        digest = hmac.digest(self._fingerprint_key, message, "sha256")
        return _FINGERPRINT_PREFIX + digest[:_FINGERPRINT_BYTES].hex()

    @property
    def public_key(self) -> PublicKey:
        """What is sealed to it, in a file, opens here."""
        return self._sealing.current

    def open_text(self, place: Place, text: str) -> SecretValue:
        """Of a sealed text (s1-...); as SealingKeys.open."""
        return self._sealing.open(place, text)

    @cached_property
    def _sealing(self) -> SealingKeys:
        return SealingKeys(self._keyring)

    def __repr__(self) -> str:
        return f"<Cipher {', '.join(self.key_ids)}>"


def _fernet(key: MasterKey, place: Place) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key.derive(_SEAL + packed(place))))
