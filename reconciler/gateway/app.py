"""The data plane: the inference endpoints by callbacks, all other routes as an ASGI app, and one guard before both.

What is refused is refused in the shape of its endpoint.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from reconciler.gateway.dispatch.conversation import conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.ports import Transports
from reconciler.gateway.endpoints.http import MAX_BODY, Current, error_response
from reconciler.gateway.endpoints.inference import services
from reconciler.gateway.endpoints.routes import cold_routes
from reconciler.gateway.telemetry import Telemetry
from reconciler.listener.guard import Gate, Guard, Headers, rules
from reconciler.listener.hot import HotPaths
from reconciler.protocol.error_shapes import OPENAI, ErrorShape
from reconciler.protocol.errors import internal, method_not_allowed, not_found, refused
from reconciler.provider_types.endpoints import ENDPOINTS, MULTIPART_PATHS

_SHAPES = {row.path: row.errors for row in ENDPOINTS.values()}


@dataclass(frozen=True, slots=True)
class DataPlane:
    """`hot` are the POSTs that never come to `app`. `close` ends what no client waits for, once the last has gone."""

    app: ASGIApp
    hot: HotPaths
    close: Callable[[], None] = lambda: None


def data_plane(
    registry: Current,
    transports: Transports,
    telemetry: Telemetry,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    max_body: int = MAX_BODY,
    memory: Memory | None = None,
) -> DataPlane:
    """`hosts` and `origins` are answered beside localhost, IP literals and the listener's own origin."""
    memory = Memory() if memory is None else memory
    app = Starlette(
        routes=cold_routes(registry),
        exception_handlers={HTTPException: _http_error, Exception: _bug},
    )
    app.router.redirect_slashes = False
    gate = Gate(rules(hosts, origins, MULTIPART_PATHS))
    talks = conversations(transports, memory, telemetry)
    hot = HotPaths(services(registry, telemetry, talks), gate, _guard_refusal, max_body)
    return DataPlane(Guard(app, gate, _guard_refusal), hot, talks.close)


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


async def _bug(request: Request, error: Exception) -> Response:  # noqa: ARG001  Starlette's signature
    return error_response(internal())


def _guard_refusal(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:
    error = refused(status, code, message)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in error.response_headers()]
    return headers, _shape(path).body(error)
