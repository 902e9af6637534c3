"""What was found of upstreams' models ⇄ JSON, as the API tells it: resources as the documents that would declare them."""

from reconciler.control.manifest.writer import document
from reconciler.control.model_sync import Clash, Gone, Synced
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey


def synced_data(found: Synced) -> JsonObject:
    return {
        "provider": found.provider.name,
        "namespace": found.provider.namespace,
        "offered": found.offered,
        "resources": [document(each.key, {}, each.spec) for each in found.resources],
        "left": [*found.left],
        "clashes": [{"model": each.model, "reason": each.reason} for each in found.clashes],
        "gone": [
            {"binding": each.binding.name, "model": each.model, "prunable": each.prunable}
            for each in found.gone
        ],
        "unusable": found.unusable,
        "more": found.more,
        "problem": found.problem,
    }


def synced_of(data: JsonValue) -> Synced:
    """The inverse. Raises ValueError for what is none."""
    try:
        (data,) = _objects([data])
        namespace = str(data["namespace"])
        problem = data["problem"]
        return Synced(
            ResourceKey("Provider", namespace, str(data["provider"])),
            _number(data["offered"]),
            tuple(_resource(each) for each in _objects(data["resources"])),
            tuple(str(each) for each in _list(data["left"])),
            tuple(Clash(str(each["model"]), str(each["reason"])) for each in _objects(data["clashes"])),
            tuple(
                Gone(
                    ResourceKey("Binding", namespace, str(each["binding"])),
                    str(each["model"]),
                    each["prunable"] is True,
                )
                for each in _objects(data["gone"])
            ),
            _number(data["unusable"]),
            data["more"] is True,
            str(problem) if problem is not None else None,
        )
    except (KeyError, TypeError) as error:
        raise ValueError("that is not what a sync of models found") from error


def _resource(written: JsonObject) -> Resource:
    spec = written["spec"]
    name, namespace = value_at(written, ("metadata", "name")), value_at(written, ("metadata", "namespace"))
    if not isinstance(spec, dict) or not isinstance(name, str):
        raise TypeError("a resource has a name and a spec")
    space = namespace if isinstance(namespace, str) else DEFAULT_NAMESPACE
    return Resource(ResourceKey(str(written["kind"]), space, name), spec)


def _objects(value: JsonValue) -> list[JsonObject]:
    found = [each for each in _list(value) if isinstance(each, dict)]
    if len(found) < len(_list(value)):
        raise TypeError("objects are expected")
    return found


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value


def _number(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise TypeError("a number is expected")
    return value
