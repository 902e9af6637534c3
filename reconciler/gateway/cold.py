"""The ASGI app of the data plane: its routes, and refusals in the shape of the endpoint that was asked."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reconciler.gateway.endpoints.access import CallerCheck
from reconciler.gateway.endpoints.http import Current, error_response
from reconciler.gateway.endpoints.routes import MODEL_NAMES, cold_routes
from reconciler.listener.access import AccessRefused
from reconciler.listener.guard import Gate, Guard, Headers
from reconciler.protocol.error_shapes import OPENAI, ErrorShape
from reconciler.protocol.errors import internal, method_not_allowed, not_found, refused
from reconciler.provider_types.endpoints import ENDPOINTS

_SHAPES = {row.path: row.errors for row in ENDPOINTS.values()}


def cold_app(registry: Current, gate: Gate, *, closed: bool) -> Guard:
    """Behind the gate. `closed`: see `endpoints.stand`."""
    app = Starlette(
        routes=cold_routes(registry, CallerCheck(registry, closed=closed)),
        exception_handlers={
            HTTPException: _http_error,
            AccessRefused: _access_refused,
            Exception: _bug,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, gate, guard_refusal, tails=MODEL_NAMES)


def _shape(path: str) -> ErrorShape:
    return _SHAPES.get(path, OPENAI)


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, or another method."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if path in _SHAPES:
        return error_response(method_not_allowed(request.method, "POST"), shape=_shape(path))
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        return error_response(method_not_allowed(request.method, allowed))
    return error_response(not_found(request.method, path))


async def _access_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AccessRefused)
    verdict, path = error.verdict, request.scope["path"]
    told = refused(verdict.status, verdict.code, verdict.message)
    return error_response(told, tuple(error.headers().items()), _shape(path))


async def _bug(request: Request, error: Exception) -> Response:  # noqa: ARG001  Starlette's signature
    return error_response(internal())


def guard_refusal(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:
    """As `listener.guard.Refusal`."""
    error = refused(status, code, message)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in error.response_headers()]
    return headers, _shape(path).body(error)
