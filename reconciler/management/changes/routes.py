"""All routes that change a store as a whole."""

from reconciler.listener.access import DeclaredRoute
from reconciler.management.changes import manifests, objects, people
from reconciler.management.changes.writers import Turn, WritesOf
from reconciler.management.rest.calls import Desk


def routes(desk: Desk, writes: WritesOf, turn: Turn) -> list[DeclaredRoute]:
    """`turn` is what an import takes, which copies all of a store."""
    return [
        *manifests.routes(desk, writes, turn),
        *objects.routes(desk, writes),
        *people.routes(desk, writes),
    ]
