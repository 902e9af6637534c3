"""The keys of /v1/settings. A seed's key that means a field of the Settings is another name of that field; one that
means nothing here, or is given to the process, is refused, and the refusal says what does that instead.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from reconciler.control.imperative.providing import Path
from reconciler.control.manifest.fields import OBJECT, Field, document_of
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.suggestions import suggestion
from reconciler.errors import Refused
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.management.rest.shapes import InvalidField
from reconciler.resources.kinds import KINDS

KIND = "Settings"

_ALIASES: Mapping[str, Path] = MappingProxyType(
    {
        "active_provider": ("activeProvider",),
        "default_model": ("defaultModel",),
        "logging.logRequests": ("records", "requests"),
        "logging.logResponses": ("records", "bodies"),
    }
)
_AT_START = "it is given when the gateway starts: "
_NO_DESKTOP = "nothing here has a desktop: who starts the gateway (systemd, a container) says so there"
_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "server.port": _AT_START + "--listen HOST:PORT, and --admin-listen for this API",
        "server.host": _AT_START + "--listen HOST:PORT, and --admin-listen for this API",
        "server.timeout": "each Provider has its own: PATCH /v1/providers/{id}/config/timeout; a Route may bound the whole",
        "logging.level": _AT_START + "-v, and --log-format",
        "system.autoStart": _NO_DESKTOP,
        "system.minimizeToTray": _NO_DESKTOP,
        "system.checkUpdates": "it asks nobody for updates; routerctl version says which one it is",
    }
)
ELSEWHERE = tuple(_ELSEWHERE)


class Elsewhere(Refused):
    """A key that is not set here."""


def path_of(key: str) -> Path:
    """The path below spec. Raises Elsewhere, or InvalidField for what is no key."""
    if key in _ELSEWHERE:
        raise Elsewhere(f"{key} is not set here", hint=_ELSEWHERE[key])
    known = _paths()
    path = _ALIASES.get(key, tuple(key.split(".")))
    if path not in known:
        names = [*_ALIASES, *(".".join(each) for each in known)]
        close = suggestion(key, names)
        hint = f"did you mean {close}?" if close is not None else f"keys are: {', '.join(names[:30])}"
        raise InvalidField(printable(key)[:64], "is no setting", hint=hint)
    return path


def value_of(path: Path, value: JsonValue) -> JsonValue:
    """The seeds write texts: "true" is true and "30" is 30 where the field is no text."""
    kind = _paths()[path]
    if isinstance(value, str):
        if kind == "boolean" and value in {"true", "false"}:
            return value == "true"
        if kind == "integer" and value.isascii() and value.isdigit() and len(value) < 16:
            return int(value)
    return value


def keys_of(spec: JsonObject) -> Iterator[tuple[str, JsonValue]]:
    """Every setting that has a value: leaves by their paths, and the seeds' names of them beside."""
    for path, kind in _paths().items():
        value = value_at(spec, path)
        if value is not None and kind != OBJECT:
            yield ".".join(path), value
    for name, path in _ALIASES.items():
        value = value_at(spec, path)
        if value is not None:
            yield name, value


@cache
def _paths() -> Mapping[Path, str]:
    """Every field of the Settings, with its type as `explain` tells it."""
    spec = document_of(KINDS[KIND], None).child("spec")
    if spec is None:
        raise TypeError("Settings have no spec")
    return MappingProxyType({path: field.type for path, field in _walk(spec, ())})


def _walk(field: Field, path: Path) -> Iterator[tuple[Path, Field]]:
    for child in field.fields:
        below = (*path, child.name)
        yield below, child
        if not child.type.startswith(("[]", "map[")):
            yield from _walk(child, below)
