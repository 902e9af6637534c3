"""Bodies that are a whole resource."""

from reconciler.control.imperative.creation import Creation
from reconciler.control.manifest.document import InvalidManifests, without_nulls
from reconciler.control.manifest.reader import read_text
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.problems import BadRequest
from reconciler.management.rest import bodies
from reconciler.management.rest.call import Call
from reconciler.management.rest.masks import unmasked
from reconciler.management.rest.shapes import object_of
from reconciler.resources.resource import ResourceKey


def whole(call: Call, key: ResourceKey) -> Creation:
    """What becomes of a resource that is sent whole; it is made where there is none."""
    wanted = _document(call)

    def written(present: JsonObject | None) -> JsonValue:
        stored = object_of(present, "spec") if present is not None else None
        spec = unmasked(key.kind, object_of(wanted, "spec") or {}, stored)
        return _named(key, {**wanted, "spec": spec})

    return Creation(key, lambda: written(None), written)


def _document(call: Call) -> JsonObject:
    """The one resource of the body. Raises InvalidManifests with the place of what can't be read."""
    if call.media != bodies.YAML:
        return without_nulls(call.object)
    reading = read_text(call.content, "the body")
    if reading.problems:
        raise InvalidManifests(reading.problems)
    if len(reading.documents) != 1:
        raise BadRequest(f"the body holds {len(reading.documents)} documents", hint="a resource is one")
    return without_nulls(reading.documents[0].data)


def _named(key: ResourceKey, whole: JsonObject) -> JsonObject:
    """As a manifest: names may go without saying, since the path has them."""
    metadata = object_of(whole, "metadata") or {}
    return {
        **whole,
        "kind": whole.get("kind", key.kind),
        "metadata": {"name": key.name, "namespace": key.namespace, **metadata},
    }
