"""The management listener's ASGI app: the guard, then the routes, each with its access.

What it tells of itself is in `views`; the API is made of groups of routes (`groups`), where there is a store to write to.
"""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.types import ASGIApp

from reconciler.listener.access import Access, DeclaredRoute, Endpoint, Operation
from reconciler.listener.guard import Gate, Guard, rules
from reconciler.management import failures, groups, hooks, operations, problems, reference
from reconciler.management.hooks import GitHook
from reconciler.management.ports import Ports
from reconciler.management.rest import bodies
from reconciler.management.views import Door, Facts, Views

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What pages of an allowed origin may do."""


def build_app(
    facts: Facts,
    door: Door,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    hook: GitHook | None = None,
    ports: Ports | None = None,
) -> ASGIApp:
    """`hosts` and `origins` are answered beside localhost, IP literals and the listener's own origin.

    Without `ports` there is no API.
    """
    app = Starlette(routes=declared_routes(facts, door, hook, ports))
    failures.handle(app, door.note)
    app.router.redirect_slashes = False
    gate = Gate(rules(hosts, origins, media=bodies.BESIDE_JSON, bare=True))
    return Guard(app, gate, problems.guard_refusal, methods=_METHODS, tails=groups.TAILS)


def declared_routes(
    facts: Facts, door: Door, hook: GitHook | None = None, ports: Ports | None = None
) -> list[DeclaredRoute]:
    """Every route of the listener."""
    views = Views(facts, door, hook)

    def get(path: str, endpoint: Endpoint, access: Access, operation: Operation) -> DeclaredRoute:
        return DeclaredRoute(
            path, endpoint, methods=("GET",), access=access, check=door.check, operation=operation
        )

    views.described = [
        get("/", views.root, Access.VIEWER, operations.ROOT),
        get("/healthz", views.healthz, Access.OPEN, operations.HEALTHZ),
        get("/health", views.healthz, Access.OPEN, operations.HEALTH),
        get("/readyz", views.readyz, Access.OPEN, operations.READYZ),
        get("/status", views.status, Access.VIEWER, operations.STATUS),
        get("/v1/status", views.status, Access.VIEWER, operations.STATUS_V1),
        get("/metrics", views.metrics, Access.VIEWER, operations.METRICS),
        get("/openapi.json", views.openapi, Access.VIEWER, operations.OPENAPI),
        get("/openapi/data-plane.json", views.data_plane, Access.VIEWER, operations.DATA_PLANE),
        DeclaredRoute(
            hooks.PATH,
            views.git_hook,
            methods=("POST",),
            access=Access.SIGNED,
            check=door.check,
            operation=operations.GIT_HOOK,
        ),
        *reference.routes(door.check),
        *(groups.routes(ports, door) if ports is not None else ()),
    ]
    return views.described
