"""All routes of whole resources, revisions and export."""

from reconciler.listener.access import DeclaredRoute
from reconciler.management.resources import exporting, reading, revisions, writing
from reconciler.management.rest.calls import Desk
from reconciler.management.rest.stores import Stores


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    return [
        *reading.routes(desk, stores),
        *writing.routes(desk, stores),
        *revisions.routes(desk, stores),
        *exporting.routes(desk, stores),
    ]
