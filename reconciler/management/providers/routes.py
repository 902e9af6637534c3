"""All routes below /v1/providers."""

from reconciler.listener.access import DeclaredRoute
from reconciler.management.providers import config, editing, looking_up, served, upstreams
from reconciler.management.providers.upstreams import Upstreams
from reconciler.management.rest.calls import Desk
from reconciler.management.rest.stores import Stores


def routes(desk: Desk, stores: Stores, asked: Upstreams) -> list[DeclaredRoute]:
    return [
        *looking_up.routes(desk, stores),
        *editing.routes(desk, stores),
        *upstreams.routes(desk, stores, asked),
        *config.routes(desk, stores),
        *served.routes(desk, stores),
    ]
