"""The kinds by name. What a kind's fields are stands in `specs`, which costs more to import than a whole `get`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    plural: str
    short_names: tuple[str, ...]
    summary: str

    def words(self) -> tuple[str, ...]:
        """All that a command line may call it."""
        return tuple(dict.fromkeys((self.name.lower(), self.plural, *self.short_names)))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("Secret", "secrets", (), "Named values that Providers refer to."),
            Kind("Provider", "providers", ("prov",), "An upstream that serves models."),
            Kind("Model", "models", (), "What clients ask for."),
            Kind("Binding", "bindings", ("bind",), "A Model served by a Provider."),
            Kind("Route", "routes", (), "Who serves the requests that it matches, above Bindings."),
            Kind("Settings", "settings", (), "What holds for a whole namespace."),
            Kind("ClientKey", "clientkeys", ("ck",), "Who may call, with which keys, for what."),
        )
    }
)
"""In the order in which references allow them to be made: referents first."""


def find_kind(word: str) -> Kind | None:
    """The kind that a person calls `word`: its name, plural or short name, in any case."""
    lowered = word.lower()
    return next((kind for kind in KINDS.values() if lowered in kind.words()), None)
