from fakes.doors import OpenDoor

from reconciler.management.app import declared_routes
from reconciler.management.operations import document
from reconciler.management.status import Status
from reconciler.store.counters import Counters


class NoFacts:
    def status(self) -> Status:
        raise NotImplementedError

    def counters(self) -> Counters:
        raise NotImplementedError

    def not_ready(self) -> str | None:
        raise NotImplementedError


def test_every_route_of_the_listener_is_described() -> None:
    routes = declared_routes(NoFacts(), OpenDoor())
    paths = document(routes)["paths"]
    assert isinstance(paths, dict)
    assert [*paths] == [route.path for route in routes]
    names = [route.operation.name for route in routes]
    assert len(set(names)) == len(names)
