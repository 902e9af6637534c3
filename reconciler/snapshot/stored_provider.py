"""What a stored Provider says of itself, read without its config model: it may be of another release."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, value_at
from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.catalog import PROVIDER_TYPES, unusable
from reconciler.resources.resource import StoredResource
from reconciler.secrets.cipher import Place
from reconciler.secrets.references import SecretReference, parse


def host_of(config: JsonObject) -> str | None:
    """The host that a provider's secrets travel to."""
    base_url = config.get("baseURL")
    return urlsplit(base_url).hostname if isinstance(base_url, str) else None


def type_of(provider: StoredResource) -> ProviderType:
    name = str(provider.resource.spec.get("type"))
    found = PROVIDER_TYPES.get(name)
    if found is None:
        left = unusable(name)
        if left is not None:
            raise InvalidInput(str(left))
        raise InvalidInput(
            f"this release knows no provider type {json.dumps(name)}",
            hint=f"it knows: {', '.join(PROVIDER_TYPES)}",
        )
    return found


def config_of(provider: StoredResource) -> JsonObject:
    config = provider.resource.spec.get("config")
    return config if isinstance(config, dict) else {}


def secrets_of(provider: StoredResource) -> Iterator[tuple[str, SecretReference]]:
    """The secret fields of its config, by name."""
    config = config_of(provider)
    for name in type_of(provider).secret_fields:
        written = value_at(config, tuple(name.split(".")))
        if written is not None:
            yield name, parse(written)


def place_of(provider: StoredResource, name: str) -> Place:
    key = provider.key
    return Place(key.namespace, key.kind, key.name, f"spec.config.{name}")
