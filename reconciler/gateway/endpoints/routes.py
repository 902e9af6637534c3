"""The routes that go through ASGI: all but those that a model answers."""

from starlette.routing import Route

from reconciler.gateway.endpoints.health import Health
from reconciler.gateway.endpoints.http import Current
from reconciler.gateway.endpoints.models import Models
from reconciler.gateway.endpoints.stored_responses import StoredResponses
from reconciler.listener.access import Access, Check, DeclaredRoute, Endpoint, Operation

MODEL_NAMES = (b"/v1/models/",)
"""Below it the path is one name, which may hold anything."""


def cold_routes(registry: Current, check: Check) -> list[Route]:
    """`check` says who asks."""

    def route(path: str, endpoint: Endpoint, name: str, summary: str, *methods: str) -> Route:
        access = Access.OPEN if path in _OPEN else Access.CLIENT
        return DeclaredRoute(
            path,
            endpoint,
            methods=methods or ("GET",),
            access=access,
            check=check,
            operation=Operation(name, summary),
        )

    models, health, stored = Models(registry), Health(registry), StoredResponses(registry)
    kept = "Responses are kept by the provider that wrote them."
    return [
        route("/v1/responses/{id}", stored.refuse, "storedResponse", kept, "GET", "DELETE"),
        route("/v1/responses/{id}/cancel", stored.refuse, "cancelResponse", kept, "POST"),
        route("/v1/responses/{id}/input_items", stored.refuse, "listInputItems", kept),
        route("/v1/models", models.list, "listModels", "What the client may ask for."),
        route("/v1/models/{id:path}", models.retrieve, "retrieveModel", "One of them."),
        route("/healthz", health.healthz, "healthz", "Whether the process runs."),
        route("/readyz", health.readyz, "readyz", "Whether it has a snapshot to serve."),
    ]


_OPEN = frozenset({"/healthz", "/readyz"})
