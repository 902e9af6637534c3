"""Every module of routes of the API, in the order in which they are told of. What is more special comes first."""

from reconciler.listener.access import DeclaredRoute
from reconciler.management.changes import routes as changes
from reconciler.management.events import routes as events
from reconciler.management.models import routes as models
from reconciler.management.ports import Ports
from reconciler.management.providers import routes as providers
from reconciler.management.questions import routes as questions
from reconciler.management.records import routes as records
from reconciler.management.resources import routes as resources
from reconciler.management.rest.calls import Desk
from reconciler.management.settings import routes as settings
from reconciler.management.upkeep import routes as upkeep

TAILS = (b"/v1/models/",)
"""Below these a path is one name, whatever stands in it."""


def routes(ports: Ports, door: events.Door) -> list[DeclaredRoute]:
    stores, check = ports.stores, door.check
    desk, turns = Desk(stores, check), upkeep.few_at_a_time()
    return [
        *providers.routes(desk, stores, ports.upstreams),
        *models.routes(desk, stores, ports.upstreams),
        *settings.routes(desk, stores),
        *records.routes(stores, ports.archive, check),
        *resources.routes(desk, stores),
        *changes.routes(desk, ports.writes, turns.one),
        *upkeep.routes(desk, ports.keepers, check, turns),
        *questions.routes(ports.answering, check),
        *events.routes(ports.answering, door, stopping=ports.stopping),
    ]
