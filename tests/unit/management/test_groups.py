from reconciler.listener.access import Access, DeclaredRoute
from scripts.reference.openapi import management_routes

READS = ("GET",)


def test_each_route_is_declared_once_and_writes_need_a_role() -> None:
    routes = management_routes()
    assert all(isinstance(route, DeclaredRoute) for route in routes)
    pairs = [(method, route.path) for route in routes for method in route.declared]
    assert len(set(pairs)) == len(pairs) > 60
    names = [route.operation.name for route in routes]
    assert len(set(names)) == len(names)
    api = [route for route in routes if route.path.startswith("/v1/")]
    assert all(route.access in {Access.VIEWER, Access.OPERATOR, Access.ADMIN} for route in api)
