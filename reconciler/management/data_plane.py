"""The OpenAPI document of the data plane, of the very tables that it serves by."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from reconciler.gateway.endpoints.routes import cold_routes
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, Answered, DeclaredRoute, Operation
from reconciler.management import openapi
from reconciler.provider_types.endpoints import ENDPOINTS, EndpointRow
from reconciler.snapshot.registry import Registry

TITLE = "routerctl data plane"
_ABOUT = (
    "What LLM clients speak, as OpenAI and Anthropic document it: bodies are theirs, and pass as they are."
)
_REFUSAL = Answered(
    "Refused, in the shape of the protocol that is spoken.", "application/json", {"type": "object"}
)


def document() -> JsonObject:
    cold = [route for route in cold_routes(Registry(), nobody) if isinstance(route, DeclaredRoute)]
    hot = [_declared(row) for row in ENDPOINTS.values()]
    return openapi.document(TITLE, _ABOUT, [*hot, *cold], _REFUSAL)


def _declared(row: EndpointRow) -> DeclaredRoute:
    """As an endpoint is served without ASGI."""
    answered = {200: Answered("What the model answers.", "application/json", {"type": "object"})}
    operation = Operation(
        row.label, f"Asks a model: {row.label.replace('_', ' ')}.", answered, tuple(sorted(row.takes))
    )
    return DeclaredRoute(
        row.path, nowhere, methods=("POST",), access=Access.CLIENT, check=nobody, operation=operation
    )


async def nobody(scope: Scope, access: Access) -> None:
    raise NotImplementedError


async def nowhere(request: Request) -> Response:
    raise NotImplementedError
