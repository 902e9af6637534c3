from reconciler.gateway.endpoints.routes import cold_routes
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.registry import Registry


def test_no_route_stands_where_a_model_answers() -> None:
    routes = cold_routes(Registry())
    assert not {route.path for route in routes} & {row.path for row in ENDPOINTS.values()}
    assert {method for route in routes for method in route.methods or ()} == {"GET", "HEAD", "DELETE", "POST"}
