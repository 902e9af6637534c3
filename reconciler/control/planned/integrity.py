"""Whether a kept plan is one that could have been made: each write is checked as strictly as a manifest is.

Who can write the file can write anything into it, so nothing of it is taken for granted that a manifest would not be.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from pydantic import ValidationError

from reconciler.control.plan.artefact import Artefact
from reconciler.control.plan.differ import completed, owned_content
from reconciler.control.plan.model import Action, Change
from reconciler.control.seal import literal_of, place_of, sealed_id, sealed_text, secrets_of, text_fault
from reconciler.errors import InvalidInput, RouterctlError, SecretError
from reconciler.resources.kinds import KINDS
from reconciler.resources.meta import Metadata
from reconciler.resources.resource import Resource, StoredResource
from reconciler.resources.specs import spec_adapter
from reconciler.secrets.cipher import Cipher, Place
from reconciler.store.records import VaultEntry

_PLACE_PARTS = 4


class Vault(Protocol):
    def vault_entry(self, entry_id: str) -> VaultEntry | None: ...

    def key_ids(self) -> frozenset[str]: ...


def check(artefact: Artefact, vault: Vault, cipher: Cipher | None) -> None:
    """Raises InvalidInput with every fault, and SecretError for sealed values that do not fit this store's key."""
    edits = artefact.plan.edits
    faults = [f"{change.key}: {fault}" for change in edits for fault in _faults(change)]
    seen = [change.key for change in edits]
    faults += (
        [f"{key}: stands twice" for key in sorted({key for key in seen if seen.count(key) > 1})]
        if (len(set(seen)) < len(seen))
        else []
    )
    if not faults:
        seals = {entry.id: entry for entry in artefact.seals}
        faults = [
            f"{change.key}: {fault}" for change in edits for fault in _unsealed(change, seals, vault, cipher)
        ]
    if faults:
        raise InvalidInput(
            "\n".join(
                ["the plan holds what no manifest could bring about:", *(f"  {each}" for each in faults)]
            ),
            hint="plan again",
        )
    for entry in artefact.seals:
        _check_seal(entry, vault, cipher)


def _faults(change: Change) -> Iterator[str]:
    if change.key.kind not in KINDS:
        yield "unknown kind"
        return
    before, after = change.before is not None, change.after is not None
    if (before, after) != (change.action is not Action.CREATE, change.action is not Action.DELETE):
        yield f"{change.action.value} does not fit what stands before and after it"
        return
    held = change.before.resource.deletion_timestamp if change.before is not None else None
    if change.after is not None and change.after.deletion_timestamp != held:
        yield "metadata.deletionTimestamp is not as it was"
    if change.before is not None and change.after is not None and change.after.terminating:
        new = {*change.after.finalizers} - {*change.before.resource.finalizers}
        yield from (f"{name} is a new finalizer of what is being deleted" for name in sorted(new))
    if change.after is not None:
        yield from [*_invalid(change.after)] or _undeclared(change, change.after)


def _invalid(resource: Resource) -> Iterator[str]:
    key = resource.key
    metadata = {
        "name": key.name,
        "namespace": key.namespace,
        "labels": dict(resource.labels),
        "annotations": dict(resource.annotations),
        "finalizers": [*resource.finalizers],
    }
    try:
        Metadata.model_validate(metadata)
        spec_adapter(key.kind).validate_python(resource.spec)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            yield ".".join(str(part) for part in details["loc"]) + " is not valid"
        return
    for path, written in secrets_of(resource):
        if literal_of(written) is not None:
            yield f"spec.{'.'.join(path)} is a secret in plain text"


def _undeclared(change: Change, after: Resource) -> Iterator[str]:
    """What stands in a resource is what its managers declare, and defaults."""
    stored = StoredResource(after, "", 0, 0, "", 0, change.managed_fields)
    try:
        same = completed(after.key, owned_content(stored), stored) == after
    except (RouterctlError, TypeError, ValueError):
        same = False
    if not same:
        yield "its fields are not those that its managers declare, with the defaults of this version"


def _unsealed(
    change: Change, seals: Mapping[str, VaultEntry], vault: Vault, cipher: Cipher | None
) -> Iterator[str]:
    for path, written in secrets_of(change.after) if change.after is not None else ():
        text = sealed_text(written)
        if text is not None and (fault := text_fault(change.key, path, text, cipher)) is not None:
            yield f"spec.{'.'.join(path)}: {fault.message}"
        named = sealed_id(written)
        if named is None:
            continue
        entry = seals.get(named) or vault.vault_entry(named)
        field = f"spec.{'.'.join(path)}"
        if entry is None:
            yield f"{field} names a sealed value that neither the plan nor this store holds"
        elif entry.place != str(place_of(change.key, path)):
            yield f"{field} names a sealed value that belongs to another place"


def _check_seal(entry: VaultEntry, vault: Vault, cipher: Cipher | None) -> None:
    """With the key at hand the value is opened, else its key must be one that the store knows."""
    known = vault.vault_entry(entry.id)
    if known is not None and known != entry:
        raise InvalidInput(f"the store holds another sealed value by the name {entry.id}", hint="plan again")
    if cipher is None or entry.key_id not in cipher.key_ids:
        if entry.key_id in vault.key_ids():
            return
        raise SecretError(
            f"the plan's secrets are sealed with the key {entry.key_id}, which is not this store's",
            hint="plan with the key of the store that the plan is for",
        )
    parts = entry.place.split("/", _PLACE_PARTS - 1)
    if len(parts) != _PLACE_PARTS:
        raise InvalidInput(f"the sealed value {entry.id} has no place", hint="plan again")
    place = Place(*parts)
    value = cipher.open(place, entry.ciphertext, entry.key_id)
    if entry.key_id == cipher.key_ids[0] and cipher.fingerprint(place, value) != entry.fingerprint:
        raise InvalidInput(f"the fingerprint of {entry.place} is of another value", hint="plan again")
