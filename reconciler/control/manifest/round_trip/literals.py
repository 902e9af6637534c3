"""Secrets in plain text in a file: whether one is what the store holds sealed. Nothing plain is ever written."""

from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.control.seal import place_of, sealed_id
from reconciler.errors import SecretError
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry

Path = tuple[str, ...]


@dataclass(slots=True)
class Literals:
    """Whether a secret that a file holds in plain text is the one that the store holds sealed.

    unknown: those that could not be compared, for want of the key; they are left as they are.
    """

    vault: Callable[[str], VaultEntry | None]
    cipher: Cipher | None
    unknown: set[tuple[ResourceKey, Path]] = field(default_factory=set)

    def stands(self, key: ResourceKey, path: Path, literal: str, stored: JsonValue) -> bool:
        """`path`: below spec. `stored`: what the store has there."""
        entry_id = sealed_id(stored)
        entry = self.vault(entry_id) if entry_id is not None else None
        if entry is None:
            return False
        known = self._equal(entry, key, path, SecretValue(literal))
        if known is None:
            self.unknown.add((key, ("spec", *path)))
        return known is not False

    def _equal(self, entry: VaultEntry, key: ResourceKey, path: Path, value: SecretValue) -> bool | None:
        if self.cipher is None:
            return None
        place = place_of(key, path)
        if entry.key_id == self.cipher.key_ids[0]:
            return self.cipher.fingerprint(place, value) == entry.fingerprint
        try:
            return self.cipher.open(place, entry.ciphertext, entry.key_id) == value
        except SecretError:
            return None
