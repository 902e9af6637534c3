"""Bodies that are a patch of a resource."""

from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.patch.json_patch import json_patch
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.rest import bodies
from reconciler.management.rest.call import Call
from reconciler.management.rest.masks import unmasked
from reconciler.management.rest.shapes import object_of
from reconciler.resources.resource import ResourceKey


def patch(call: Call, key: ResourceKey) -> Rewrite:
    """What becomes of a resource of which a patch is sent."""
    rewrite = _patch(call)

    def rewritten(present: JsonObject) -> JsonValue:
        written = rewrite(present)
        if not isinstance(written, dict) or not isinstance(written.get("spec"), dict):
            return written
        spec = object_of(written, "spec") or {}
        return {**written, "spec": unmasked(key.kind, spec, object_of(present, "spec"))}

    return rewritten


def _patch(call: Call) -> Rewrite:
    if call.media == bodies.JSON_PATCH:
        operations = call.json
        return lambda present: json_patch(present, operations)
    merged = call.object
    return lambda present: merge_patch(present, merged)
