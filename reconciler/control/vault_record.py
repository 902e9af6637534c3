"""Whether the vault fits what the versions say, and, with the key, whether it still opens.

The store's own verification can't know which fields are secret, nor open anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.control.seal import place_of, sealed_id, secrets_of
from reconciler.errors import SecretError, StoreError
from reconciler.json_types import JsonValue
from reconciler.resources.kinds import KINDS
from reconciler.secrets.cipher import Cipher, Place
from reconciler.store.codec import decode
from reconciler.store.records import Problem, VaultEntry, VersionRecord


class VaultRecords(Protocol):
    def versions(self) -> Sequence[VersionRecord]: ...

    def vault_entries(self) -> Sequence[VaultEntry]: ...


@dataclass(frozen=True, slots=True)
class VaultReport:
    """`opened` of all the `entries` were opened; the rest is sealed with keys that are not at hand, at the places `shut`."""

    problems: tuple[Problem, ...]
    entries: int
    opened: int
    shut: tuple[str, ...] = ()


def verify_vault(records: VaultRecords, cipher: Cipher | None) -> VaultReport:
    """Without a cipher nothing is opened. What does not open, or opens to another value, is a problem."""
    entries = {entry.id: entry for entry in records.vault_entries()}
    problems = [problem for version in records.versions() for problem in _references(version, entries)]
    openable = [entry for entry in entries.values() if cipher is not None and entry.key_id in cipher.key_ids]
    if cipher is not None:
        problems += [problem for entry in openable for problem in _opened(entry, cipher)]
    open_ids = {entry.id for entry in openable}
    shut = sorted({entry.place for entry in entries.values() if entry.id not in open_ids})
    return VaultReport(tuple(problems), len(entries), len(openable), tuple(shut))


def _references(version: VersionRecord, entries: dict[str, VaultEntry]) -> Iterator[Problem]:
    """What a version names must be there, and sealed for that place. A body that can't be read is found elsewhere."""
    for path, written in secrets_written(version):
        entry_id = sealed_id(written)
        if entry_id is None:
            continue
        place = str(place_of(version.key, path))
        entry = entries.get(entry_id)
        if entry is None:
            message = f"it names the sealed value {entry_id}, which the vault does not hold"
            yield Problem(version.valid_from, version.key, message)
        elif entry.place != place:
            message = f"it names the sealed value {entry_id}, which the vault holds for {entry.place}"
            yield Problem(version.valid_from, version.key, message)


def secrets_written(version: VersionRecord) -> list[tuple[tuple[str, ...], JsonValue]]:
    """Path and value of each secret field; none where the version can't be read, which the store's own verification says."""
    if version.key.kind not in KINDS:
        return []
    try:
        return [*secrets_of(decode(version.key, version.body))]
    except (StoreError, AttributeError, TypeError):
        return []


def _opened(entry: VaultEntry, cipher: Cipher) -> Iterator[Problem]:
    namespace, kind, name, field = [*entry.place.split("/", 3), "", "", ""][:4]
    place = Place(namespace, kind, name, field)
    try:
        value = cipher.open(place, entry.ciphertext, entry.key_id)
    except (SecretError, TypeError):  # also what is no text
        message = f"the sealed value {entry.id} of {entry.place} does not open with its key"
        yield Problem(0, None, message)
        return
    current = entry.key_id == cipher.key_ids[0]
    if current and cipher.fingerprint(place, value) != entry.fingerprint:
        yield Problem(
            0, None, f"the fingerprint of the sealed value {entry.id} of {entry.place} is of another value"
        )
