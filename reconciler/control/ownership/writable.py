"""Which fields a write may touch, and which of them nobody owns."""

from reconciler.control.ownership.field_set import FieldSet, Path
from reconciler.json_types import JsonObject

STATUS = "status"

_SERVERS_OWN = frozenset[Path](
    {
        (("f", "apiVersion"),),
        (("f", "kind"),),
        (("f", "metadata"),),
        *(
            (("f", "metadata"), ("f", name))
            for name in (
                "name",
                "namespace",
                "creationTimestamp",
                "selfLink",
                "uid",
                "clusterName",
                "generation",
                "managedFields",
                "resourceVersion",
            )
        ),
    }
)


def writable(content: JsonObject, subresource: str) -> JsonObject:
    """The part of `content` that a write may change: `/status` just the status, all else everything but that."""
    if subresource == STATUS:
        return {STATUS: content[STATUS]} if STATUS in content else {}
    return (
        {name: value for name, value in content.items() if name != STATUS} if STATUS in content else content
    )


def written(live: JsonObject, new: JsonObject, subresource: str) -> JsonObject:
    """`live` after a write of `new`: what it may not change stays as it is."""
    kept = writable(live, "" if subresource == STATUS else STATUS)
    return {**writable(new, subresource), **kept}


def ownable(paths: FieldSet) -> FieldSet:
    """`paths` without what only the server writes."""
    return paths if paths.isdisjoint(_SERVERS_OWN) else paths - _SERVERS_OWN
