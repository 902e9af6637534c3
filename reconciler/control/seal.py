"""Plaintext → vault: a literal in a declaration becomes `{sealed: v-...}` before anything else sees it."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

from reconciler.errors import RouterctlError, SecretError
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure, secret_places
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.sealing import SEALED_PREFIX, SealedText
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry

_GIVE_IT = "give the value itself, or a reference to it (valueFrom)"
UNKNOWN = "v-unknown"
"""Stands for a literal that can't be compared or sealed, because there is no key."""


@cache
def _holds_secrets(kind: str) -> bool:
    """Most resources are Models and Bindings, which hold none: nobody need look into them."""
    return _may_hold_secrets(structure_of_kind(kind))


def _may_hold_secrets(structure: Structure) -> bool:
    return structure.shape is Shape.SECRET or any(
        _may_hold_secrets(child)
        for child in (*structure.properties.values(), structure.values)
        if child is not None
    )


def secrets_of(resource: Resource) -> Iterator[tuple[tuple[str, ...], JsonValue]]:
    """The secret fields that a resource holds, as (path below spec, what is written there)."""
    if _holds_secrets(resource.key.kind):
        structure = structure_of_kind(resource.key.kind).child("spec")
        for path in secret_places(structure, resource.spec):
            yield path, value_at(resource.spec, path)


class Vault(Protocol):
    """What sealing reads of the store."""

    def vault_entry(self, entry_id: str) -> VaultEntry | None: ...

    def vault_fingerprints(self, places: Sequence[str]) -> Mapping[tuple[str, str], str]: ...


@dataclass(frozen=True, slots=True)
class SecretProblem:
    """A secret field that can't be used as it is declared."""

    key: ResourceKey
    field: tuple[str, ...]
    message: str
    hint: str


@dataclass(slots=True)
class Sealer:
    """Seals the literals of one plan. `entries` are the new ones, to be written with it."""

    vault: Vault
    cipher: Cipher | None
    entries: dict[str, VaultEntry] = field(default_factory=dict)
    unsealed: set[tuple[ResourceKey, str]] = field(default_factory=set)
    """Fields whose literal could not be sealed, for want of a key: (resource, field path)."""
    unknown: set[tuple[ResourceKey, str]] = field(default_factory=set)
    """Those of them that could not even be compared with what is stored."""
    problems: list[SecretProblem] = field(default_factory=list)

    def seal(self, resource: Resource, stored: StoredResource | None) -> Resource:
        """`resource` with every literal replaced. The same value at the same place keeps its id."""
        spec = resource.spec
        for path, written in secrets_of(resource):
            literal = literal_of(written)
            live = value_at(stored.resource.spec, path) if stored is not None else None
            if literal is not None:
                spec = replaced(spec, path, {"sealed": self._id(resource.key, path, literal, live)})
            elif written != live:  # what is stored was looked at when it came
                self._check_sealed(resource.key, path, written)
        return resource if spec is resource.spec else replace(resource, spec=spec)

    def _id(self, key: ResourceKey, path: tuple[str, ...], literal: str, live: JsonValue) -> str:
        place = place_of(key, path)
        if self.cipher is None:
            self.unsealed.add((key, place.field))
            stored_id = sealed_id(live)
            if stored_id is None:
                return UNKNOWN
            self.unknown.add((key, place.field))
            return stored_id
        value = SecretValue(literal)
        if (kept := self._kept(place, value, live)) is not None:
            return kept
        fingerprint = self.cipher.fingerprint(place, value)
        known = self.vault.vault_fingerprints([str(place)]).get((str(place), fingerprint))
        if known is not None:
            return known
        sealed = self.cipher.seal(place, value)
        entry_id = f"v-{secrets.token_hex(12)}"
        self.entries[entry_id] = VaultEntry(
            entry_id, str(place), sealed.ciphertext, sealed.fingerprint, sealed.key_id
        )
        return entry_id

    def _kept(self, place: Place, value: SecretValue, live: JsonValue) -> str | None:
        """The stored id where the value is the same and its entry was sealed with a key before the current one."""
        stored_id = sealed_id(live)
        entry = self.vault.vault_entry(stored_id) if stored_id is not None else None
        if self.cipher is None or entry is None or entry.key_id not in self.cipher.key_ids[1:]:
            return None
        try:
            return entry.id if self.cipher.open(place, entry.ciphertext, entry.key_id) == value else None
        except SecretError:
            return None

    def _check_sealed(self, key: ResourceKey, path: tuple[str, ...], written: JsonValue) -> None:
        if (text := sealed_text(written)) is not None:
            self._check_text(key, path, text)
        entry_id = sealed_id(written)
        if entry_id is None:
            return
        entry = self.vault.vault_entry(entry_id)
        if entry is None:
            self._problem(key, path, "names a sealed value that this store does not hold")
        elif entry.place != str(place_of(key, path)):
            self._problem(key, path, "names a sealed value that belongs to another place")

    def _check_text(self, key: ResourceKey, path: tuple[str, ...], text: str) -> None:
        fault = text_fault(key, path, text, self.cipher)
        if fault is not None:
            self._problem(key, path, fault.message, fault.hint or "")

    def _problem(self, key: ResourceKey, path: tuple[str, ...], message: str, hint: str = _GIVE_IT) -> None:
        self.problems.append(SecretProblem(key, ("spec", *path), message, hint))


def place_of(key: ResourceKey, path: tuple[str, ...]) -> Place:
    """Where a secret lives; its token opens nowhere else. `path` is below spec."""
    return Place(key.namespace, key.kind, key.name, ".".join(("spec", *path)))


def literal_of(written: JsonValue) -> str | None:
    """The plaintext of a secret field, where it holds one: text, or {value: text} in a Secret."""
    if isinstance(written, str):
        return written
    value = written.get("value") if isinstance(written, dict) else None
    return value if isinstance(value, str) else None


def sealed_id(written: JsonValue) -> str | None:
    """The id of the vault, where a secret field names one."""
    found = _sealed(written)
    return None if found is None or found.startswith(SEALED_PREFIX) else found


def sealed_text(written: JsonValue) -> str | None:
    """What is sealed to a public key, where a secret field holds that."""
    found = _sealed(written)
    return found if found is not None and found.startswith(SEALED_PREFIX) else None


def text_fault(
    key: ResourceKey, path: tuple[str, ...], text: str, cipher: Cipher | None
) -> RouterctlError | None:
    """Why a sealed text can't stand there. Without a key just its form is looked at."""
    try:
        if cipher is None:
            SealedText.parse(text)
        else:
            cipher.open_text(place_of(key, path), text)
    except RouterctlError as error:
        return error
    return None


def wants_a_key(resources: Iterable[Resource]) -> bool:
    """Whether a key may be made for them: there are literals to seal, and nothing that is sealed to somebody's key."""
    written = [each for resource in resources for _, each in secrets_of(resource)]
    return any(literal_of(each) is not None for each in written) and not any(map(sealed_text, written))


def _sealed(written: JsonValue) -> str | None:
    found = written.get("sealed") if isinstance(written, dict) else None
    return found if isinstance(found, str) else None


def replaced(spec: JsonObject, path: tuple[str, ...], value: JsonValue) -> JsonObject:
    """A copy of `spec` with `value` at `path`; the original is left alone."""
    name, *rest = path
    child = spec.get(name)
    if rest and isinstance(child, dict):
        return {**spec, name: replaced(child, tuple(rest), value)}
    return {**spec, name: value}
