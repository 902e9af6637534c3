"""Keeping what the first management token would cut off: entries added to what the Settings allow, as one revision."""

import json
from collections.abc import Sequence

from reconciler.clock import Clock
from reconciler.control.apply import Applied, Committer, apply
from reconciler.control.egress import allowing
from reconciler.control.imperative.write import Writing, write
from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.reader import read_text
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.control.proposal import Records, Wanted
from reconciler.json_types import JsonObject
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.store.records import RevisionMeta

SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")


def allow(
    entries: Sequence[JsonObject],
    records: Records,
    committer: Committer,
    clock: Clock,
    meta: RevisionMeta,
    manager: str,
) -> Applied:
    """Raises as `apply` and `write` do."""
    state = records.state()
    patch = allowing(state, entries)
    if SETTINGS in state:
        writing = Writing({SETTINGS: lambda target: merge_patch(target, patch)}, manager)
        return write(writing, records, committer, None, clock, meta)
    wanted = Wanted({SETTINGS: _declared(patch)}, manager)
    return apply(wanted, records, committer, None, clock, meta)


def _declared(patch: JsonObject) -> Declared:
    metadata: JsonObject = {"name": SETTINGS.name, "namespace": SETTINGS.namespace}
    document: JsonObject = {"apiVersion": API_VERSION, "kind": SETTINGS.kind, "metadata": metadata, **patch}
    reading = read_text(json.dumps(document).encode(), str(SETTINGS))
    (declared,) = decode(reading.documents, namespace=SETTINGS.namespace).declared
    return declared
