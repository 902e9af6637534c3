"""Stored resources with their sealed values in plain text, for somebody who asked for that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.control.seal import Vault, place_of, replaced, sealed_id, sealed_text, secrets_of
from reconciler.errors import RouterctlError, SecretError
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.value import SecretValue


@dataclass(slots=True)
class Revealer:
    """`closed`: the fields that did not open, and why; they stay as they are."""

    vault: Vault
    cipher: Cipher
    closed: dict[tuple[ResourceKey, str], str] = field(default_factory=dict)

    def revealed(self, state: Mapping[ResourceKey, StoredResource]) -> dict[ResourceKey, StoredResource]:
        return {key: self._revealed(stored) for key, stored in state.items()}

    def _revealed(self, stored: StoredResource) -> StoredResource:
        spec = stored.resource.spec
        for path, written in secrets_of(stored.resource):
            place = place_of(stored.key, path)
            try:
                value = self._opened(place, written)
            except RouterctlError as error:
                self.closed[stored.key, place.field] = error.message
                continue
            if value is not None:
                text = value.reveal()
                spec = replaced(spec, path, {"value": text} if stored.key.kind == "Secret" else text)
        return replace(stored, resource=replace(stored.resource, spec=spec))

    def _opened(self, place: Place, written: JsonValue) -> SecretValue | None:
        """None for what is not sealed."""
        if (text := sealed_text(written)) is not None:
            return self.cipher.open_text(place, text)
        if (entry_id := sealed_id(written)) is None:
            return None
        entry = self.vault.vault_entry(entry_id)
        if entry is None:
            raise SecretError(f"the sealed value {entry_id} of {place} is not in this store")
        return self.cipher.open(place, entry.ciphertext, entry.key_id)
