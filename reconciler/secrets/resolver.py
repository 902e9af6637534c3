"""From what a secret field says to its value, with the two guards on the way: what may be read, and where it may go."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from reconciler.errors import SecretError
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.references import (
    EntryReference,
    FromEnv,
    FromFile,
    FromSecret,
    Literal,
    Sealed,
    SecretReference,
    parse_entry,
)
from reconciler.secrets.sources import read_env, read_file
from reconciler.secrets.value import SecretValue
from reconciler.settings import KEY, KEY_FILE, Reach

_PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+")


class VaultEntry(Protocol):
    @property
    def ciphertext(self) -> bytes: ...
    @property
    def key_id(self) -> str: ...


class VaultReader(Protocol):
    def vault_entry(self, entry_id: str) -> VaultEntry | None: ...


SecretLookup = Callable[[ResourceKey], Resource | None]
"""The Secret of a key, as the revision has it that is being built."""

SameTrust = Callable[[ResourceKey], bool]
"""Whether a Secret without `hosts` may go to the resource that refers to it: both of one source, or the resource's
baseURL and reference last written locally or by an admin."""


def no_trust(_secret: ResourceKey) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Resolver:
    reach: Reach
    environ: Mapping[str, str] = field(repr=False)
    vault: VaultReader
    cipher: Cipher | None
    secrets: SecretLookup

    def resolve(
        self,
        reference: SecretReference,
        *,
        place: Place,
        host: str | None,
        same_trust: SameTrust = no_trust,
    ) -> SecretValue:
        """The value of the field at `place`, which will be sent to `host` (of baseURL, no port; None: to nobody).

        Raises SecretError, or InvalidInput where a Secret's entry can't be read.
        """
        if isinstance(reference, FromSecret):
            return self._from_secret(reference, place, host, same_trust)
        return self._entry(reference, place)

    def _entry(self, reference: EntryReference, place: Place) -> SecretValue:
        match reference:
            case Literal(value):
                return value
            case Sealed(entry_id):
                return self._sealed(entry_id, place)
            case FromEnv(name):
                return read_env(name, self.environ, self.reach)
            case FromFile(path):
                return read_file(path, self.reach)
            case _:
                assert_never(reference)

    def _sealed(self, entry_id: str, place: Place) -> SecretValue:
        entry = self.vault.vault_entry(entry_id)
        if entry is None:
            raise SecretError(
                f"the sealed value {entry_id} of {place} is not in this store", hint="give the value again"
            )
        if self.cipher is None:
            raise SecretError(
                f"the value of {place} is sealed with the key {entry.key_id}, and there is no key",
                hint=f"give it in {KEY} or {KEY_FILE}",
            )
        return self.cipher.open(place, entry.ciphertext, entry.key_id)

    def _from_secret(
        self, reference: FromSecret, place: Place, host: str | None, same_trust: SameTrust
    ) -> SecretValue:
        key = ResourceKey("Secret", place.namespace, reference.name)
        secret = self.secrets(key)
        if secret is None:
            raise SecretError(f"{key} does not exist", hint="declare it, or refer to another")
        data = secret.spec.get("data")
        if not isinstance(data, dict) or reference.key not in data:
            names = ", ".join(sorted(data)) if isinstance(data, dict) and data else "none"
            raise SecretError(f"{key} holds no key {json.dumps(reference.key)}", hint=f"it holds: {names}")
        _check_host(key, secret.spec, host, same_trust)
        entry = parse_entry(data[reference.key])
        return self._entry(entry, Place(key.namespace, key.kind, key.name, f"spec.data.{reference.key}"))


def _check_host(key: ResourceKey, spec: JsonObject, host: str | None, same_trust: SameTrust) -> None:
    written = spec.get("hosts")
    hosts = [each for each in written if isinstance(each, str)] if isinstance(written, list) else []
    if hosts:
        allowed = host is not None and _comparable(host) in {_comparable(each) for each in hosts}
    else:
        allowed = same_trust(key)
    if allowed:
        return
    if host is None:
        raise SecretError(
            f"{key} may go to its hosts only, and this resource names none", hint="give it a baseURL"
        )
    line = ", ".join(each if _PLAIN_HOST.fullmatch(each) else json.dumps(each) for each in [*hosts, host])
    raise SecretError(
        f"{key} may not go to {host}", hint=f"to allow it, write in spec of {key}: hosts: [{line}]"
    )


def _comparable(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]")
