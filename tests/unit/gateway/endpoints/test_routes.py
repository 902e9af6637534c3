import pytest

from reconciler.gateway.endpoints.access import CallerCheck
from reconciler.gateway.endpoints.routes import cold_routes
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.registry import Registry

ROUTES = cold_routes(Registry(), CallerCheck(Registry()))


def test_no_route_stands_where_a_model_answers() -> None:
    assert not {route.path for route in ROUTES} & {row.path for row in ENDPOINTS.values()}
    assert {method for route in ROUTES for method in route.methods or ()} == {"GET", "HEAD", "DELETE", "POST"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_what_is_below_v1_needs_a_key_and_nothing_else_does(route: DeclaredRoute) -> None:
    assert (route.access is Access.CLIENT) == route.path.startswith("/v1/")
