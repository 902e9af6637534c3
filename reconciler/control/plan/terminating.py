"""What an apply does with a resource that is being deleted: nothing, but for its own finalizers.

Such a resource is gone for all but its record, so nothing that is declared for it takes effect. It waits for its
finalizers, and the first apply after they are gone makes it anew. Just finalizers that the applier declared, and no longer
does, are taken from it.
"""

from dataclasses import replace

from reconciler.control.deletion_text import deletion_text
from reconciler.control.ownership.apply import apply
from reconciler.control.ownership.field_set import FieldSet, Path, from_fields_v1
from reconciler.control.ownership.value import extract
from reconciler.control.plan.model import Action, Change, content_of, resource_of
from reconciler.resources.resource import Resource, StoredResource
from reconciler.resources.scheme import structure_of_kind

_FINALIZERS: Path = (("f", "metadata"), ("f", "finalizers"))


def let_go(stored: StoredResource, declared: Resource, manager: str, *, now: str) -> Change | None:
    """The change that takes `manager`'s finalizers which `declared` has no more; None where there are none."""
    key, structure = stored.key, structure_of_kind(stored.key.kind)
    mine: FieldSet = frozenset().union(
        *(
            from_fields_v1(entry.fields)
            for entry in stored.managed_fields
            if (entry.manager, entry.operation) == (manager, "Apply")
        )
    )
    if not any(path[:2] == _FINALIZERS for path in mine):
        return None
    live = content_of(stored.resource)
    kept = resource_of(key, extract(live, mine, structure))
    kept = replace(kept, finalizers=tuple(each for each in kept.finalizers if each in declared.finalizers))
    applied = apply(live, stored.managed_fields, content_of(kept), structure, manager=manager, now=now)
    left = resource_of(key, applied.content).finalizers
    if left == stored.resource.finalizers:
        return None
    after = replace(stored.resource, finalizers=left)
    return Change(Action.UPDATE, key, stored, after, applied.managers, stored.source, stored.path)


def waits(stored: StoredResource, left: Change | None = None) -> str:
    """Why it is left alone. `left`: what becomes of its finalizers."""
    resource = stored.resource if left is None or left.after is None else left.after
    if resource.ended:
        return "its last finalizer goes with this, and so does it; the next apply makes it anew"
    return f"{deletion_text(resource)}; the apply after they are gone makes it anew"
