"""All routes that change a store as a whole."""

from reconciler.listener.access import DeclaredRoute
from reconciler.management.changes import manifests, objects, people
from reconciler.management.changes.writers import WritesOf
from reconciler.management.rest.calls import Desk


def routes(desk: Desk, writes: WritesOf) -> list[DeclaredRoute]:
    return [
        *manifests.routes(desk, writes),
        *objects.routes(desk, writes),
        *people.routes(desk, writes),
    ]
