"""What the files declare, as rules ask for it."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from reconciler.control.manifest.decode import Declared
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey


class Service(NamedTuple):
    """A Binding that serves a Model: neither it nor its Provider is disabled. `active`: that is the active provider."""

    binding: ResourceKey
    provider: ResourceKey
    priority: int
    weight: int = 1
    active: bool = False


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
        active = self.active_provider(model.namespace)
        for binding in self.bindings.get(model, ()):
            provider = named(binding, "provider")
            if enabled(binding) and enabled(self.get(provider)):
                priority = self._priority(binding, provider)
                weight = binding.spec.get("weight", 1)
                ranked = Service(
                    binding.key,
                    provider,
                    priority,
                    weight if isinstance(weight, int) else 1,
                    provider == active,
                )
                found.append(ranked)
        return tuple(sorted(found, key=_place))

    def active_provider(self, namespace: str) -> ResourceKey | None:
        """The Provider that the Settings in these files name as the active one."""
        settings = self.get(ResourceKey("Settings", namespace, "default"))
        name = settings.spec.get("activeProvider") if settings is not None else None
        return ResourceKey("Provider", namespace, name) if isinstance(name, str) else None

    def forwards(self, namespace: str) -> bool:
        """Whether what no Model or Binding names goes to an active provider that is not disabled."""
        active = self.active_provider(namespace)
        return active is not None and enabled(self.get(active)) and self.means_to_forward(namespace)

    def means_to_forward(self, namespace: str) -> bool:
        """Whether the Settings in these files say so, whatever comes of it."""
        settings = self.get(ResourceKey("Settings", namespace, "default"))
        return settings is not None and settings.spec.get("unknownModels") == "forward"

    def forwarded(self, model: ResourceKey) -> bool:
        """Whether a Model is served so."""
        return model not in self.bindings and self.forwards(model.namespace)

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


def _place(service: Service) -> tuple[bool, int, int, str]:
    """By which the gateway orders them, too."""
    return not service.active, -service.priority, -service.weight, service.binding.name


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
