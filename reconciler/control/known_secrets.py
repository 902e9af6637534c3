"""Which secrets a store knows: all that was ever sealed in it, and what its resources refer to, now or in the past."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from reconciler.control.seal import place_of
from reconciler.control.vault_record import secrets_written
from reconciler.errors import InvalidInput, SecretError
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.place import Place
from reconciler.secrets.references import FromFile, FromSecret, parse, parse_entry
from reconciler.secrets.resolver import Resolver
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry, VersionRecord


class Records(Protocol):
    def versions(self) -> Sequence[VersionRecord]: ...

    def vault_entries(self) -> Sequence[VaultEntry]: ...


@dataclass(slots=True)
class Known:
    """Secrets by what they are; `files` are where they belong. `unknown`: what could not be had, and why; `gone`: how many
    that only earlier revisions speak of could not, since their keys, variables or files are there no more.
    """

    values: dict[str, SecretValue] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    gone: int = 0


def known_secrets(records: Records, cipher: Cipher | None, resolver: Resolver) -> Known:
    """All that the vault holds and ever held, what resources of any revision refer to, and were sealed to."""
    known = Known()
    for entry in records.vault_entries():
        place = Place(*[*entry.place.split("/", 3), "", "", ""][:4])
        name = f"{place.kind}/{place.name} {place.field}, sealed as {entry.id}"
        _add(known, name, lambda entry=entry, place=place: _opened(cipher, place, entry))  # type: ignore[misc]  # bound now
    seen: set[tuple[ResourceKey, str, str]] = set()
    for version in sorted(records.versions(), key=_is_past):
        for path, written in secrets_written(version):
            place = place_of(version.key, path)
            told = (version.key, place.field, repr(written))
            if told not in seen:
                seen.add(told)
                _refer(known, version.key, place, written, resolver, past=_is_past(version))
    return known


def _is_past(version: VersionRecord) -> bool:
    return version.valid_to is not None


def _opened(cipher: Cipher | None, place: Place, entry: VaultEntry) -> SecretValue:
    if cipher is None:
        raise SecretError("it is sealed, and there is no key", hint="give the key")
    return cipher.open(place, entry.ciphertext, entry.key_id)


def _refer(
    known: Known, key: ResourceKey, place: Place, written: JsonValue, resolver: Resolver, *, past: bool
) -> None:
    """What the vault holds was opened already; a reference to a Secret leads to a value that is known by itself."""
    try:
        reference = (parse_entry if key.kind == "Secret" else parse)(written)
    except InvalidInput:
        return
    if isinstance(reference, FromSecret) or (
        isinstance(written, dict) and str(written.get("sealed")).startswith("v-")
    ):
        return
    if isinstance(reference, FromFile):
        known.files.add(Path(os.path.realpath(reference.path)))
    _add(
        known, f"{key} {place.field}", lambda: resolver.resolve(reference, place=place, host=None), past=past
    )


def _add(known: Known, name: str, value: Callable[[], SecretValue], *, past: bool = False) -> None:
    try:
        known.values[name] = value()
    except SecretError as error:
        if past:
            known.gone += 1
        else:
            known.unknown.append(f"{name}: {error.message}")


def with_keys(known: Known, keys: Mapping[str, str]) -> Known:
    """The encryption keys themselves are secrets as well: their texts, by name."""
    texts = {name: SecretValue(text) for name, text in keys.items()}
    return replace(known, values={**known.values, **texts})
