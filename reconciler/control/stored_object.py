"""A stored resource as one object, as the API writes it: what people wrote, and what the system adds."""

from reconciler.control.ownership.managed_fields import managed_fields_json
from reconciler.json_types import JsonObject
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.resource import StoredResource


def stored_object(stored: StoredResource, *, managed_fields: bool = False) -> JsonObject:
    """Without status. Its field managers are in it where they are asked for."""
    key = stored.key
    metadata: JsonObject = {"name": key.name, "namespace": key.namespace}
    for name, texts in (("labels", stored.resource.labels), ("annotations", stored.resource.annotations)):
        if texts:
            metadata[name] = dict(texts)
    if stored.resource.finalizers:
        metadata["finalizers"] = [*stored.resource.finalizers]
    metadata["uid"] = stored.uid
    metadata["generation"] = stored.generation
    metadata["resourceVersion"] = str(stored.resource_version)
    metadata["creationTimestamp"] = stored.creation_timestamp
    if stored.resource.deletion_timestamp is not None:
        metadata["deletionTimestamp"] = stored.resource.deletion_timestamp
    if managed_fields:
        metadata["managedFields"] = managed_fields_json(stored.managed_fields, API_VERSION)
    return {"apiVersion": API_VERSION, "kind": key.kind, "metadata": metadata, "spec": stored.resource.spec}
