"""What a secret field holds, in types: the value itself, or the way to it.

    apiKey: text                        Literal       (stored as {sealed: v-...})
    apiKey: {sealed: v-...}             Sealed        (in the vault of this store)
    apiKey: {sealed: s1-...}            SealedHere    (the text itself, sealed to the router's public key)
    apiKey: {valueFrom: {env: NAME}}    FromEnv
    apiKey: {valueFrom: {file: PATH}}   FromFile
    apiKey: {valueFrom: {secret: {name: N, key: K}}}   FromSecret

An entry of a Secret's data takes {value: text} for the text, and no further Secret.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.secrets.value import SecretValue

_SEALED_ID = re.compile(r"v-[A-Za-z0-9_-]{1,64}")
_SEALED_TEXT = re.compile(r"s1-[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Literal:
    value: SecretValue


@dataclass(frozen=True, slots=True)
class Sealed:
    """`id` is the vault's: v-..."""

    id: str


@dataclass(frozen=True, slots=True)
class SealedHere:
    """`text` is the ciphertext: s1-..."""

    text: str


@dataclass(frozen=True, slots=True)
class FromEnv:
    name: str


@dataclass(frozen=True, slots=True)
class FromFile:
    path: str


@dataclass(frozen=True, slots=True)
class FromSecret:
    """A value of a Secret in the namespace of the resource that refers to it."""

    name: str
    key: str


EntryReference: TypeAlias = Literal | Sealed | SealedHere | FromEnv | FromFile
SecretReference: TypeAlias = EntryReference | FromSecret


def parse(written: JsonValue) -> SecretReference:
    """A secret field. Raises InvalidInput, which repeats nothing of what was written."""
    if isinstance(written, str):
        return _literal(written)
    name, inner = _only(written, "a text", ("valueFrom", "sealed"))
    if name == "sealed":
        return _sealed(inner)
    way, target = _only(inner, None, ("env", "file", "secret"))
    if way == "secret":
        return _from_secret(target)
    return _source(way, target)


def parse_entry(written: JsonValue) -> EntryReference:
    """An entry of a Secret's data. Raises InvalidInput, which repeats nothing of what was written."""
    name, inner = _only(written, None, ("value", "valueFrom", "sealed"))
    if name == "value":
        return _literal(inner)
    if name == "sealed":
        return _sealed(inner)
    return _source(*_only(inner, None, ("env", "file")))


def _only(written: JsonValue, otherwise: str | None, names: tuple[str, ...]) -> tuple[str, JsonValue]:
    """The one name of a mapping that has exactly one of `names`, and its value."""
    if isinstance(written, dict) and len(written) == 1:
        ((name, value),) = written.items()
        if name in names:
            return name, value
    forms = [f"{{{name}: ...}}" for name in names]
    raise _refused("expected " + " or ".join([otherwise, *forms] if otherwise else forms))


def _literal(written: JsonValue) -> Literal:
    if not isinstance(written, str) or not written:
        raise _refused("expected a text that is not empty")
    return Literal(SecretValue(written))


def _sealed(written: JsonValue) -> Sealed | SealedHere:
    if isinstance(written, str) and _SEALED_TEXT.fullmatch(written):
        return SealedHere(written)
    if not isinstance(written, str) or not _SEALED_ID.fullmatch(written):
        raise _refused("expected a sealed value (s1-..., or v-... of the vault)")
    return Sealed(written)


def _source(way: str, target: JsonValue) -> FromEnv | FromFile:
    if not isinstance(target, str) or not target:
        raise _refused(f"expected a text in valueFrom.{way}")
    return FromEnv(target) if way == "env" else FromFile(target)


def _from_secret(written: JsonValue) -> FromSecret:
    target: JsonObject = written if isinstance(written, dict) else {}
    name, key = target.get("name"), target.get("key")
    if set(target) != {"name", "key"} or not isinstance(name, str) or not isinstance(key, str):
        raise _refused("expected {name: ..., key: ...} in valueFrom.secret")
    return FromSecret(name, key)


def _refused(expected: str) -> InvalidInput:
    return InvalidInput(f"not a secret: {expected}")
