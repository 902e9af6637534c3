"""Whether manifests that a command changes are still valid: each document, and what holds between them."""

from collections.abc import Mapping

from reconciler.control.imperative.written import resource_of_written
from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import InvalidManifests, Problem, field_path
from reconciler.control.manifest.validate import violations
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource


def checked(key: ResourceKey, wanted: JsonObject) -> Resource:
    """Raises InvalidManifests for what no manifest may hold, InvalidInput for another identity."""
    metadata = wanted.get("metadata")
    named = {"namespace": key.namespace, **(metadata if isinstance(metadata, dict) else {})}
    resource = resource_of_written({**wanted, "metadata": named})
    if resource.key != key:
        raise InvalidInput(
            f"{key}: what would be written is {resource.key}",
            hint="make a resource of the other name, and delete this one",
        )
    return resource


def check_rules(
    held: Mapping[ResourceKey, Declared],
    stored: Mapping[ResourceKey, StoredResource],
    after: Mapping[ResourceKey, Resource | None],
) -> None:
    """Raises InvalidManifests for rules that are broken only afterwards. What just the store holds counts as there."""
    before = {
        **{key: item.resource for key, item in stored.items()},
        **{key: item.resource for key, item in held.items()},
    }
    result = dict(before)
    for key, resource in after.items():
        if resource is None:
            result.pop(key, None)
        else:
            result[key] = resource
    known = {*violations(before)}
    broken = [each for each in violations(result) if each not in known]
    if broken:
        raise InvalidManifests(
            [Problem(None, each.message, each.key, field_path(each.field), each.hint) for each in broken]
        )
