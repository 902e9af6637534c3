"""Resources → YAML that applies to no change: what people declared, in a canonical order."""

from collections.abc import Iterable

from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.plan.differ import owned_content
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import (
    DEFAULT_NAMESPACE,
    Resource,
    ResourceKey,
    StoredResource,
    finalizers_of,
)
from reconciler.resources.scheme import structure_of_kind

_METADATA = frozenset({"name", "namespace", "labels", "annotations", "finalizers"})
_PARTS = ("apiVersion", "kind", "metadata", "spec")


def manifest(stored: StoredResource) -> JsonObject:
    """The document that declares a stored resource: every field that has a manager, and `enabled` always."""
    content = owned_content(stored)
    spec = content.get("spec")
    declared: JsonObject = dict(spec) if isinstance(spec, dict) else {}
    if "enabled" in stored.resource.spec:
        declared["enabled"] = stored.resource.spec["enabled"]
    return document(stored.key, metadata_of(stored.resource), declared)


def metadata_of(resource: Resource) -> JsonObject:
    """What people write of it beside the name."""
    return {
        "labels": dict(resource.labels),
        "annotations": dict(resource.annotations),
        "finalizers": [*resource.finalizers],
    }


def document(key: ResourceKey, told: JsonObject, spec: JsonObject) -> JsonObject:
    """A whole document in the order in which people write them. `told` is its metadata beside its name."""
    metadata: JsonObject = {"name": key.name}
    if key.namespace != DEFAULT_NAMESPACE:
        metadata["namespace"] = key.namespace
    for name in ("labels", "annotations"):
        texts = told.get(name)
        if isinstance(texts, dict) and texts:
            metadata[name] = dict(sorted(texts.items()))
    if finalizers := finalizers_of(told):
        metadata["finalizers"] = [*finalizers]
    return {
        "apiVersion": API_VERSION,
        "kind": key.kind,
        "metadata": metadata,
        "spec": _ordered(key.kind, spec),
    }


def in_usual_order(key: ResourceKey, written: JsonObject) -> JsonObject:
    """A document whose fields stand in the order in which people write them, where it holds what `document` takes."""
    metadata, spec = written.get("metadata"), written.get("spec")
    if not isinstance(metadata, dict) or not isinstance(spec, dict) or not metadata.keys() <= _METADATA:
        return written
    return {
        **document(key, metadata, spec),
        **{name: each for name, each in written.items() if name not in _PARTS},
    }


def export(resources: Iterable[StoredResource]) -> str:
    """All resources as one YAML text, referents first. The same resources give the same text."""
    return to_yaml(in_order(manifest(stored) for stored in resources))


def in_order(documents: Iterable[JsonObject]) -> list[JsonObject]:
    """Referents first; of one kind by namespace, then name."""
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}

    def place(document: JsonObject) -> tuple[int, str, str]:
        metadata = document.get("metadata")
        named = metadata if isinstance(metadata, dict) else {}
        space = named.get("namespace", DEFAULT_NAMESPACE)
        return ranks[str(document["kind"])], str(space), str(named["name"])

    return sorted(documents, key=place)


def _ordered(kind: str, spec: JsonObject) -> JsonObject:
    declared = list(structure_of_kind(kind).child("spec").properties)
    first = [name for name in ("type", "displayName", "description", "model", "provider") if name in declared]
    ranks = {
        name: rank for rank, name in enumerate([*first, *(name for name in declared if name not in first)])
    }
    return {
        name: _sorted(spec[name])
        for name in sorted(spec, key=lambda name: (ranks.get(name, len(ranks)), name))
    }


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return value
