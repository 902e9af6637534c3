"""A change that was asked for, carried out, and what is answered to it."""

from collections.abc import Callable, Collection
from typing import TypeAlias

from reconciler.control.imperative.changes import Rewrites
from reconciler.json_types import JsonObject
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.call import Call
from reconciler.management.rest.looking import Looking, looking
from reconciler.management.rest.stores import Stores
from reconciler.management.rest.writing import carry_out
from reconciler.management.rest.written import Written
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State

View: TypeAlias = Callable[[Written, Looking], JsonObject]


def change(  # noqa: PLR0913  what a handler knows, each named
    stores: Stores,
    call: Call,
    operation: str,
    rewrites: Rewrites | Callable[[State], Rewrites],
    view: View,
    *,
    of: ResourceKey | None = None,
    on: Collection[ResourceKey] = (),
    status: int = 200,
) -> Answer:
    """If-Match holds for `on`, which is `of` where nothing else is said; the answer has the ETag of `of`.

    A rehearsal is answered with 200, and says that it was one.
    """
    named = on or ((of,) if of is not None else ())
    written = carry_out(stores, call.who, call.manner(operation, *named), rewrites)
    with looking(stores, call.who) as now:
        body = view(written, now)
        stored = written.after(of, now) if of is not None else None
    if written.revision is None:
        return Answer({**body, "dryRun": True, "changed": written.changed})
    version = stored.resource_version if stored is not None else None
    return Answer(body, status, written.revision.number, version)


def deleted(name: str) -> View:
    """What is answered to a delete."""
    return lambda _written, _now: {"id": name, "deleted": True}
