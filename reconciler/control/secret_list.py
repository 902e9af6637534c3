"""The secrets of a state: where each comes from, where it may go, and who uses it. Never a value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.control.seal import place_of, sealed_id, secrets_of
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.references import SECRET_NAME
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.secrets.references import (
    FromEnv,
    FromFile,
    FromSecret,
    Sealed,
    SealedHere,
    parse,
    parse_entry,
)
from reconciler.secrets.sealing import SealedText

_SECRET_KEY = (*SECRET_NAME[:-1], "key")


@dataclass(frozen=True, slots=True)
class SecretField:
    """One secret field. `form` is how it is held, in words; `users` are the fields that refer to it."""

    key: ResourceKey
    entry: str
    form: str
    hosts: tuple[str, ...]
    users: tuple[str, ...]


def secret_fields(
    state: Mapping[ResourceKey, StoredResource], namespace: str | None
) -> Iterator[SecretField]:
    """The entries of all Secrets, and what Providers hold themselves; None: of all namespaces. References between them
    are no rows of their own.
    """
    users = _users(state)
    for key in sorted(key for key in state if namespace in (None, key.namespace)):
        resource = state[key].resource
        for path, written in secrets_of(resource):
            if value_at(written, SECRET_NAME[:-1]) is not None:
                continue
            entry = ".".join(path[1:] if key.kind == "Secret" else ("spec", *path))
            using = users.get((key, entry), ()) if key.kind == "Secret" else (str(key),)
            yield SecretField(key, entry, _form(key, written), _hosts(resource), tuple(using))


def _users(state: Mapping[ResourceKey, StoredResource]) -> Mapping[tuple[ResourceKey, str], list[str]]:
    found: dict[tuple[ResourceKey, str], list[str]] = {}
    for key in sorted(state):
        for path, written in secrets_of(state[key].resource):
            name, entry = value_at(written, SECRET_NAME), value_at(written, _SECRET_KEY)
            if isinstance(name, str) and isinstance(entry, str):
                secret = ResourceKey("Secret", key.namespace, name)
                found.setdefault((secret, entry), []).append(f"{key} {place_of(key, path).field}")
    return found


def _form(key: ResourceKey, written: JsonValue) -> str:
    try:
        held = parse_entry(written) if key.kind == "Secret" else parse(written)
        match held:
            case Sealed():
                return f"vault {sealed_id(written)}"
            case SealedHere(text):
                sealed = SealedText.parse(text)
                return f"sealed to {sealed.key_id}, scope {sealed.scope.name.lower()}"
            case FromEnv(name):
                return f"env {name}"
            case FromFile(path):
                return f"file {path}"
            case FromSecret():
                return "a Secret"
            case _:
                return "in plain text"
    except InvalidInput:
        return "unreadable"


def _hosts(resource: Resource) -> tuple[str, ...]:
    hosts = resource.spec.get("hosts")
    return tuple(str(host) for host in hosts) if isinstance(hosts, list) else ()
