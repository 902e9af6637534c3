"""The data plane's ASGI app: the guard, then the routes. What is refused is refused in the shape of its endpoint."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.gateway.dispatch.driver import Transports
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.health import Health
from reconciler.gateway.endpoints.http import MAX_BODY, Current, error_response
from reconciler.gateway.endpoints.inference import Inference
from reconciler.gateway.endpoints.models import Models
from reconciler.gateway.endpoints.stored_responses import StoredResponses
from reconciler.gateway.telemetry import Telemetry
from reconciler.listener.guard import Guard, Headers
from reconciler.protocol.error_shapes import OPENAI, ErrorShape
from reconciler.protocol.errors import internal, method_not_allowed, not_found, refused
from reconciler.provider_types.endpoints import ENDPOINTS, MULTIPART_PATHS

_SHAPES = {row.path: row.errors for row in ENDPOINTS.values()}


def build_app(
    registry: Current,
    transports: Transports,
    telemetry: Telemetry,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    max_body: int = MAX_BODY,
    memory: Memory | None = None,
) -> ASGIApp:
    """`hosts` and `origins` are answered beside localhost, IP literals and the listener's own origin."""
    memory = Memory() if memory is None else memory
    models, health, stored = Models(registry), Health(registry), StoredResponses(registry)
    app = Starlette(
        routes=[
            *(
                Route(
                    row.path,
                    Inference(row, registry, transports, telemetry, memory, max_body),
                    methods=["POST"],
                )
                for row in ENDPOINTS.values()
            ),
            Route("/v1/responses/{id}", stored.refuse, methods=["GET", "DELETE"]),
            Route("/v1/responses/{id}/cancel", stored.refuse, methods=["POST"]),
            Route("/v1/responses/{id}/input_items", stored.refuse, methods=["GET"]),
            Route("/v1/models", models.list, methods=["GET"]),
            Route("/v1/models/{id:path}", models.retrieve, methods=["GET"]),
            Route("/healthz", health.healthz, methods=["GET"]),
            Route("/readyz", health.readyz, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _http_error, Exception: _bug},
    )
    app.router.redirect_slashes = False
    return Guard(app, hosts, origins, _guard_refusal, MULTIPART_PATHS)


def _shape(path: str) -> ErrorShape:
    return _SHAPES.get(path, OPENAI)


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, or another method."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        return error_response(method_not_allowed(request.method, allowed), shape=_shape(path))
    return error_response(not_found(request.method, path))


async def _bug(request: Request, error: Exception) -> Response:  # noqa: ARG001  Starlette's signature
    return error_response(internal())


def _guard_refusal(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:
    error = refused(status, code, message)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in error.response_headers()]
    return headers, _shape(path).body(error)
