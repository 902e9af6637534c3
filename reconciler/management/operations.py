"""What the routes of the management listener do, for its OpenAPI document."""

from collections.abc import Sequence

from reconciler import __version__
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import Answered, DeclaredRoute, Operation
from reconciler.management import openapi
from reconciler.management.schemas import schemas

JSON = "application/json"
TITLE = "routerctl management"
_ABOUT = "What an operator asks of a running gateway. It has a listener of its own, and keys of the data plane do nothing here."
_ANY: JsonObject = {"type": "object"}
_WORD: JsonObject = {
    "type": "object",
    "properties": {"status": {"type": "string"}},
    "required": ["status"],
}
_OK = Answered("It does.", JSON, _WORD)
_REFUSAL = Answered("Refused; in words, and with a code.", openapi.PROBLEM, openapi.REFERENCE)

GROUP = "About the gateway"
ROOT = Operation(
    "root",
    "What this listener answers to.",
    {200: Answered("Every route.", JSON, _ANY)},
)
HEALTH = Operation("health", "As /healthz.", {200: _OK})
HEALTHZ = Operation("healthz", "Whether the supervisor runs.", {200: _OK})
READYZ = Operation(
    "readyz",
    "Whether every worker that was started serves a revision.",
    {200: _OK, 503: Answered("Not yet, or no more; the status says why.", JSON, _WORD)},
)
STATUS = Operation(
    "status",
    "What is stored, what is served and by whom, and how the sources do.",
    {200: Answered("As `routerctl status -o json`.", JSON, _ANY)},
)
STATUS_V1 = Operation("statusV1", "As /status.", STATUS.answers)
METRICS = Operation(
    "metrics",
    "Counters and gauges of all workers, for Prometheus.",
    {200: Answered("In Prometheus' text format.", "text/plain", {"type": "string"})},
)
OPENAPI = Operation("openapi", "This document.", {200: Answered("OpenAPI 3.1.", JSON, _ANY)})
DATA_PLANE = Operation(
    "dataPlaneOpenapi",
    "The same of the data plane, which has its own listener.",
    {200: Answered("OpenAPI 3.1.", JSON, _ANY)},
)
GIT_HOOK = Operation(
    "gitHook",
    "A git host says that something was pushed: the repository is looked at now.",
    {
        202: Answered("It will be.", JSON, _WORD),
        401: Answered(
            "The body is not signed with the webhook's secret.", openapi.PROBLEM, openapi.REFERENCE
        ),
        404: Answered("No webhook is awaited.", openapi.PROBLEM, openapi.REFERENCE),
        413: Answered("The body is too large.", openapi.PROBLEM, openapi.REFERENCE),
    },
    (JSON,),
)


def document(routes: Sequence[DeclaredRoute]) -> JsonObject:
    return openapi.document(TITLE, _ABOUT, routes, _REFUSAL, {"Problem": openapi.PROBLEM_SCHEMA, **schemas()})


def directory(routes: Sequence[DeclaredRoute]) -> JsonObject:
    """What `GET /` tells: every route, with who may use it."""
    told: list[JsonValue] = [
        {
            "path": openapi.shown_path(route.path),
            "methods": [*route.declared],
            "access": route.access.value,
            "summary": route.operation.summary,
        }
        for route in routes
    ]
    return {
        "name": "routerctl",
        "version": __version__,
        "documentation": "/docs",
        "openapi": "/openapi.json",
        "routes": told,
    }
