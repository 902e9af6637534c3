"""What the files declare, as rules ask for it."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from reconciler.control.manifest.decode import Declared
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey


class Service(NamedTuple):
    """A Binding that serves a Model: neither it nor its Provider is disabled."""

    binding: ResourceKey
    provider: ResourceKey
    priority: int


class Declarations:
    """The resources of all files by key, and what follows from them for serving."""

    def __init__(self, declared: Iterable[Declared]) -> None:
        self.declared: Mapping[ResourceKey, Declared] = {item.key: item for item in declared}

    def get(self, key: ResourceKey) -> Resource | None:
        item = self.declared.get(key)
        return item.resource if item is not None else None

    def of_kind(self, kind: str) -> Iterator[Resource]:
        """In the order of their keys."""
        return (self.declared[key].resource for key in sorted(self.declared) if key.kind == kind)

    @cached_property
    def bindings(self) -> Mapping[ResourceKey, tuple[Resource, ...]]:
        """Model → its Bindings, in the order of their names."""
        found: dict[ResourceKey, list[Resource]] = {}
        for binding in self.of_kind("Binding"):
            found.setdefault(named(binding, "model"), []).append(binding)
        return {model: tuple(bindings) for model, bindings in found.items()}

    @cached_property
    def bound(self) -> frozenset[ResourceKey]:
        """The Providers that a Binding names."""
        return frozenset(
            named(binding, "provider") for bindings in self.bindings.values() for binding in bindings
        )

    def services(self, model: ResourceKey) -> tuple[Service, ...]:
        """Who serves a Model, in the order of trying. A Provider that these files don't hold counts as one that serves."""
        found = []
        for binding in self.bindings.get(model, ()):
            provider = named(binding, "provider")
            if enabled(binding) and enabled(self.get(provider)):
                found.append(Service(binding.key, provider, self._priority(binding, provider)))
        return tuple(sorted(found, key=lambda service: (-service.priority, service.binding.name)))

    def model_of(self, namespace: str, name: str) -> ResourceKey | None:
        """The Model that clients get who ask for `name`: exact names win, then the longest prefix."""
        prefixes: list[tuple[int, ResourceKey]] = []
        key = ResourceKey("Model", namespace, name)
        if key in self.declared:
            return key
        for model in self.of_kind("Model"):
            if model.key.namespace != namespace:
                continue
            aliases = texts(model.spec.get("aliases"))
            if name in aliases:
                return model.key
            prefixes += [
                (len(alias), model.key)
                for alias in aliases
                if alias.endswith("*") and name.startswith(alias[:-1])
            ]
        return max(prefixes)[1] if prefixes else None

    def _priority(self, binding: Resource, provider: ResourceKey) -> int:
        declared = self.get(provider)
        inherited = declared.spec.get("priority", 0) if declared is not None else 0
        priority = binding.spec.get("priority", inherited)
        return priority if isinstance(priority, int) else 0


def named(binding: Resource, field: str) -> ResourceKey:
    """The Model or Provider that a Binding names."""
    kind = {"model": "Model", "provider": "Provider"}[field]
    return ResourceKey(kind, binding.key.namespace, str(binding.spec.get(field)))


def enabled(resource: Resource | None) -> bool:
    return resource is None or resource.spec.get("enabled", True) is not False


def config_of(provider: Resource) -> JsonObject:
    config = provider.spec.get("config")
    return config if isinstance(config, dict) else {}


def texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
