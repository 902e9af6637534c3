"""The routes that go through ASGI: all but those that a model answers."""

from starlette.routing import Route

from reconciler.gateway.endpoints.health import Health
from reconciler.gateway.endpoints.http import Current
from reconciler.gateway.endpoints.models import Models
from reconciler.gateway.endpoints.stored_responses import StoredResponses


def cold_routes(registry: Current) -> list[Route]:
    models, health, stored = Models(registry), Health(registry), StoredResponses(registry)
    return [
        Route("/v1/responses/{id}", stored.refuse, methods=["GET", "DELETE"]),
        Route("/v1/responses/{id}/cancel", stored.refuse, methods=["POST"]),
        Route("/v1/responses/{id}/input_items", stored.refuse, methods=["GET"]),
        Route("/v1/models", models.list, methods=["GET"]),
        Route("/v1/models/{id:path}", models.retrieve, methods=["GET"]),
        Route("/healthz", health.healthz, methods=["GET"]),
        Route("/readyz", health.readyz, methods=["GET"]),
    ]
