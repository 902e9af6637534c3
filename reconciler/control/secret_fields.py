"""The secret fields of a provider's config, found by how they are written: whatever its type is, nothing else is so."""

from collections.abc import Iterator

from reconciler.json_types import JsonObject, JsonValue


def secret_fields(config: JsonValue) -> Iterator[JsonObject]:
    if isinstance(config, dict):
        if isinstance(config.get("valueFrom"), dict) or config.keys() == {"sealed"}:
            yield config
        else:
            for child in config.values():
                yield from secret_fields(child)
