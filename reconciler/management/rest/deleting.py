"""What is deleted, and what others that name it have to do with that."""

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.dependents import Dependent, cascade, dependents
from reconciler.control.manifest.document import field_path
from reconciler.json_types import JsonObject
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.call import Call
from reconciler.management.rest.changing import View, change
from reconciler.management.rest.shapes import Depended
from reconciler.management.rest.stores import Stores
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State

_CASCADE = "?cascade=true deletes Bindings as well, and lets it be the active provider no more"


def delete(
    stores: Stores, call: Call, operation: str, key: ResourceKey, view: View, *, cascades: bool
) -> Answer:
    """Raises Depended while something names it; with `cascades` only for what somebody has to decide about."""

    def rewrites(state: State) -> Rewrites:
        found = dependents({key}, (stored.resource for stored in state.lasting().values()))
        standing = [each for each in found if not cascades or each.stands]
        if standing:
            raise Depended(
                f"{key} is named by {', '.join(str(each) for each in standing)}",
                (_cause(each) for each in standing),
                hint="change those first" if any(each.stands for each in standing) else _CASCADE,
            )
        return {key: None, **cascade(found)}

    return change(stores, call, operation, rewrites, view, on=(key,))


def _cause(each: Dependent) -> JsonObject:
    return {
        "resource": str(each.key),
        "field": field_path(each.field),
        "detail": f"names {each.target.name}",
    }
