"""A new master key: the vault sealed again under it, and what still needs an older one.

Each step is one transaction and leaves a store whose every value opens with the keys at hand, so a rotation that was
ended midway goes on where it stopped, by the same command.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from reconciler.control.manifest.document import field_path
from reconciler.control.seal import sealed_text, secrets_of
from reconciler.errors import InvalidInput, SecretError, StoreError
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.sealing import SealedText
from reconciler.store.codec import decode
from reconciler.store.records import VaultEntry, VersionRecord

BATCH = 50
"""Entries of one transaction: others who write wait for some milliseconds."""
_SHOWN = 20


class Records(Protocol):
    def versions(self) -> Sequence[VersionRecord]: ...

    def vault_entries(self) -> Sequence[VaultEntry]: ...


class Seals(Protocol):
    def rewrite_seals(self, entries: Sequence[tuple[VaultEntry, VaultEntry]]) -> int: ...


class Need(NamedTuple):
    """A field whose value is sealed to an older public key, as text. `now`: in what is stored now, not only earlier."""

    key: ResourceKey
    field: str
    key_id: str
    now: bool


@dataclass(frozen=True, slots=True)
class Needs:
    """What does not open with the current key alone. `vault` counts its entries under an older one."""

    vault: int
    texts: tuple[Need, ...]

    @property
    def now(self) -> tuple[Need, ...]:
        return tuple(need for need in self.texts if need.now)

    @property
    def earlier(self) -> tuple[Need, ...]:
        return tuple(need for need in self.texts if not need.now)


def rewrite_vault(records: Records, seals: Seals, cipher: Cipher) -> int:
    """Seals what is under an older key again, under the current one; how many entries.

    Raises SecretError before anything is written where an entry opens with none of the keys at hand.
    """
    current = cipher.key_ids[0]
    old = [entry for entry in records.vault_entries() if entry.key_id != current]
    renewed = [(entry, _renewed(entry, cipher)) for entry in old]
    return sum(seals.rewrite_seals(renewed[start : start + BATCH]) for start in range(0, len(renewed), BATCH))


def needs_of(records: Records, cipher: Cipher) -> Needs:
    """What can't be told, since a version can't be read, is no need: its damage is found elsewhere."""
    entries = sum(entry.key_id != cipher.key_ids[0] for entry in records.vault_entries())
    current = cipher.public_key.id
    found = (need for version in records.versions() for need in _texts(version))
    texts: dict[tuple[ResourceKey, str, str], Need] = {}
    for need in found:
        if need.key_id != current and (need.now or need[:3] not in texts):
            texts[need[:3]] = need
    return Needs(entries, tuple(sorted(texts.values())))


def need_lines(needs: Sequence[Need]) -> list[str]:
    """For people."""
    lines = [f"  {need.key} {need.field}  (sealed to {need.key_id})" for need in needs[:_SHOWN]]
    return [*lines, f"  and {len(needs) - _SHOWN} more"] if len(needs) > _SHOWN else lines


def _renewed(entry: VaultEntry, cipher: Cipher) -> VaultEntry:
    place = Place(*entry.place.split("/", 3))
    try:
        sealed = cipher.seal(place, cipher.open(place, entry.ciphertext, entry.key_id))
    except SecretError as error:
        raise SecretError(f"nothing was rotated: {error.message}", hint=error.hint) from None
    return VaultEntry(entry.id, entry.place, sealed.ciphertext, sealed.fingerprint, sealed.key_id)


def _texts(version: VersionRecord) -> Iterator[Need]:
    if version.key.kind not in KINDS or '"sealed":"s1-' not in version.body:
        return
    try:
        secrets = [*secrets_of(decode(version.key, version.body))]
    except (StoreError, AttributeError, TypeError):
        return
    for path, written in secrets:
        text = sealed_text(written)
        key_id = _key_id(text) if text is not None else None
        if key_id is not None:
            field = field_path(("spec", *path))
            yield Need(version.key, field, key_id, version.valid_to is None)


def _key_id(text: str) -> str | None:
    try:
        return SealedText.parse(text).key_id
    except InvalidInput:
        return None
