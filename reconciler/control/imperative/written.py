"""What a rewrite made of a stored object, as a document that declares the same resource."""

from dataclasses import replace

from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.document import Document, InvalidManifests, without_nulls
from reconciler.control.stored_object import stored_object
from reconciler.errors import InvalidInput, Stale
from reconciler.json_types import JsonObject, JsonValue, same
from reconciler.resources.resource import SYSTEM_METADATA, Resource, StoredResource


def what_is_written(stored: StoredResource, wanted: JsonValue) -> JsonObject:
    """`wanted` as a document: without nulls, and without the system's metadata. One that differs is left in it, and
    complained of when it is read.

    Raises InvalidInput for what is no object or has another identity, Stale for another resourceVersion.
    """
    key = stored.key
    if not isinstance(wanted, dict):
        raise InvalidInput(f"{key}: what would be written is no object")
    written = without_nulls(wanted)
    given = written.get("metadata")
    if not isinstance(given, dict):
        raise InvalidInput(f"{key}: metadata is an object, and can't be removed")
    metadata: JsonObject = dict(given)
    metadata.setdefault("namespace", key.namespace)
    for field, value, held in (
        ("kind", written.get("kind", key.kind), key.kind),
        ("metadata.namespace", metadata["namespace"], key.namespace),
        ("metadata.name", metadata.get("name", key.name), key.name),
    ):
        if value != held:
            raise InvalidInput(
                f"{key}: {field} can't be changed",
                hint="make a resource of the other name, and delete this one",
            )
    version = metadata.get("resourceVersion")
    if version is not None and version != str(stored.resource_version):
        raise Stale(
            f"{key} was changed in between: its resourceVersion is {stored.resource_version}",
            hint="look at it again, or leave metadata.resourceVersion out",
        )
    held_metadata = stored_object(stored)["metadata"]
    known = held_metadata if isinstance(held_metadata, dict) else {}
    left: JsonObject = {
        name: value
        for name, value in metadata.items()
        if name not in SYSTEM_METADATA or not same(known.get(name), value)
    }
    return {
        "apiVersion": written.get("apiVersion"),
        "kind": key.kind,
        **written,
        "metadata": {"name": key.name, **left},
    }


def resource_of_written(written: JsonObject) -> Resource:
    """Raises InvalidManifests with every problem, by its field: there is no file that it stands in."""
    decoding = decode([Document(written, "", "{}\n", 1)])
    if decoding.problems or not decoding.declared:
        raise InvalidManifests([replace(problem, location=None) for problem in decoding.problems])
    return decoding.declared[0].resource
