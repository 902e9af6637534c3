from fakes.doors import OpenDoor

from reconciler.management.app import declared_routes
from reconciler.management.openapi import shown_path
from reconciler.management.operations import directory, document
from reconciler.management.status import Status
from reconciler.store.counters import Counters
from scripts.reference.openapi import management_routes


class NoFacts:
    def status(self) -> Status:
        raise NotImplementedError

    def counters(self) -> Counters:
        raise NotImplementedError

    def not_ready(self) -> str | None:
        raise NotImplementedError


def test_every_route_of_the_listener_is_described() -> None:
    for routes in (declared_routes(NoFacts(), OpenDoor()), management_routes()):
        paths = document(routes)["paths"]
        assert isinstance(paths, dict)
        assert {*paths} == {shown_path(route.path) for route in routes}
        names = [route.operation.name for route in routes]
        assert len(set(names)) == len(names)
        told = directory(routes)["routes"]
        assert isinstance(told, list)
        assert len(told) == len(routes)
