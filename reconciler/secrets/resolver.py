"""From what a secret field says to its value, with the two guards on the way: what may be read, and where it may go."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, assert_never

from reconciler.errors import NotTrusted, RouterctlError, SecretError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.references import (
    EntryReference,
    FromEnv,
    FromFile,
    FromSecret,
    Literal,
    Sealed,
    SealedHere,
    SecretReference,
    parse_entry,
)
from reconciler.secrets.sealing import SealedText
from reconciler.secrets.sources import read_env, read_file
from reconciler.secrets.value import SecretValue
from reconciler.settings import KEY, KEY_FILE, Reach

_NO_KEY = SecretError("there is no key", hint=f"give it in {KEY} or {KEY_FILE}")
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


class Trust(NamedTuple):
    """Whose words count: whether the Secret's own `hosts` do, and whether, where no hosts count, its value may go to
    the resource that refers to it.
    """

    hosts: bool
    resource: bool


TrustOf = Callable[[ResourceKey, str], Trust]
"""The Trust between a Secret's entry (its key in `data`) and the resource that refers to it."""


def no_trust(_secret: ResourceKey, _entry: str) -> Trust:
    return Trust(hosts=False, resource=False)


@dataclass(frozen=True, slots=True)
class Resolver:
    reach: Reach
    environ: Mapping[str, str] = field(repr=False)
    vault: VaultReader
    cipher: Cipher | None
    secrets: SecretLookup
    key_problem: RouterctlError | None = None
    """Why there is no cipher, where a key was given."""
    reading: Callable[[str], None] = lambda _path: None
    """Told of each file before it is read."""

    def resolve(
        self,
        reference: SecretReference,
        *,
        place: Place,
        host: str | None,
        trust: TrustOf = no_trust,
    ) -> SecretValue:
        """The value of the field at `place`, which will be sent to `host` (of baseURL, no port; None: to nobody).

        Raises SecretError (NotTrusted where a guard says no), or InvalidInput where a Secret's entry can't be read.
        """
        if not isinstance(reference, FromSecret):
            return self._entry(reference, place)
        entry = parse_entry(self.guard(reference, place=place, host=host, trust=trust))
        field = f"spec.data.{reference.key}"
        return self._entry(entry, Place(place.namespace, "Secret", reference.name, field))

    def guard(
        self, reference: FromSecret, *, place: Place, host: str | None, trust: TrustOf = no_trust
    ) -> JsonValue:
        """What the Secret's entry holds, where its value may go to `host`. Raises as `resolve` does."""
        key = ResourceKey("Secret", place.namespace, reference.name)
        secret = self.secrets(key)
        if secret is None:
            raise SecretError(f"{key} does not exist", hint="declare it, or refer to another")
        data = secret.spec.get("data")
        if not isinstance(data, dict) or reference.key not in data:
            names = ", ".join(sorted(data)) if isinstance(data, dict) and data else "none"
            raise SecretError(f"{key} holds no key {json.dumps(reference.key)}", hint=f"it holds: {names}")
        _check_host(key, secret.spec, host, trust(key, reference.key))
        return data[reference.key]

    def _entry(self, reference: EntryReference, place: Place) -> SecretValue:
        match reference:
            case Literal(value):
                return value
            case Sealed(entry_id):
                return self._sealed(entry_id, place)
            case SealedHere(text):
                return self._cipher(
                    f"is sealed to the public key {SealedText.parse(text).key_id}", place
                ).open_text(place, text)
            case FromEnv(name):
                return read_env(name, self.environ, self.reach)
            case FromFile(path):
                self.reading(path)
                return read_file(path, self.reach)
            case _:
                assert_never(reference)

    def _sealed(self, entry_id: str, place: Place) -> SecretValue:
        entry = self.vault.vault_entry(entry_id)
        if entry is None:
            raise SecretError(
                f"the sealed value {entry_id} of {place} is not in this store", hint="give the value again"
            )
        cipher = self._cipher(f"is sealed with the key {entry.key_id}", place)
        return cipher.open(place, entry.ciphertext, entry.key_id)

    def _cipher(self, needs: str, place: Place) -> Cipher:
        """Raises SecretError where there is none for the value of `place`, which `needs` a key."""
        if self.cipher is not None:
            return self.cipher
        problem = self.key_problem or _NO_KEY
        raise SecretError(f"the value of {place} {needs}, and {problem.message}", hint=problem.hint)


def _check_host(key: ResourceKey, spec: JsonObject, host: str | None, trust: Trust) -> None:
    written = spec.get("hosts")
    named = [each for each in written if isinstance(each, str)] if isinstance(written, list) else []
    hosts = named if trust.hosts else []
    if hosts:
        allowed = host is not None and _comparable(host) in {_comparable(each) for each in hosts}
    else:
        allowed = trust.resource
    if allowed:
        return
    if host is None:
        raise NotTrusted(
            f"{key} may go to its hosts only, and this resource names none", hint="give it a baseURL"
        )
    line = ", ".join(each if _PLAIN_HOST.fullmatch(each) else json.dumps(each) for each in [*hosts, host])
    hint = f"to allow it, write in spec of {key}: hosts: [{line}]"
    if named and not hosts:
        hint += (
            "\n  those written now don't count: only the one source that declares the value may write them"
        )
    raise NotTrusted(f"{key} may not go to {host}", hint=hint)


def _comparable(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]")
