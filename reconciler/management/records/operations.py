"""What the routes of the records do, for the OpenAPI document."""

from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import Answered, Operation, Parameter
from reconciler.management import openapi
from reconciler.management.records import filters
from reconciler.management.records.listing import CSV, FORMAT, JSONL, PAGING
from reconciler.store.traffic_query import DIMENSIONS

_GROUP = "Records"
_JSON = "application/json"
_INTEGER: JsonObject = {"type": "integer"}
_WORD: JsonObject = {"type": ["string", "null"]}
_BODIES = "The body where Settings keep bodies, and the principal is an operator."


def _object(required: tuple[str, ...] = (), **properties: JsonValue) -> JsonObject:
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": [*required]} if required else {}),
    }


REQUEST = _object(
    ("id", "request_id", "timestamp", "path", "stream", "response_summary", "status", "ending"),
    id={"type": "string"},
    request_id={"type": "string"},
    session_id=_WORD,
    timestamp=_INTEGER,
    created_at=_INTEGER,
    method={"type": "string"},
    path={"type": "string"},
    model=_WORD,
    stream={"type": "boolean"},
    openai_request={"description": _BODIES},
    response_summary={"type": "object"},
    revision=_INTEGER,
    provider=_WORD,
    client=_WORD,
    status=_INTEGER,
    ending={"type": "string"},
    attempts=_INTEGER,
    usage={"type": "object"},
    cost=_WORD,
)
RESPONSE = _object(
    ("id", "response_id", "request_id", "timestamp", "status", "ending", "duration_ms"),
    id={"type": "string"},
    response_id={"type": "string"},
    request_id={"type": "string"},
    session_id=_WORD,
    timestamp=_INTEGER,
    openai_response={"description": _BODIES},
    finish_reason=_WORD,
    error=_WORD,
    duration_ms=_INTEGER,
    status=_INTEGER,
    ending={"type": "string"},
)
SESSION = _object(
    ("id", "session", "created_at", "last_accessed", "request_count"),
    id={"type": "string"},
    namespace={"type": "string"},
    client=_WORD,
    session={"type": "string"},
    derived={"type": "boolean"},
    created_at=_INTEGER,
    last_accessed=_INTEGER,
    expires_at={"type": ["integer", "null"]},
    request_count=_INTEGER,
    cost={"type": "string"},
)
_DELETED = _object(
    ("success", "deleted"),
    success={"type": "boolean"},
    deleted=_INTEGER,
    bodies=_INTEGER,
    message={"type": "string"},
)


def _problem(description: str) -> Answered:
    return Answered(description, openapi.PROBLEM, openapi.REFERENCE)


_BAD = _problem("A parameter that can't be read.")
_NONE = _problem("No such record, or none that the principal may see.")


def _list(
    name: str, summary: str, key: str, item: JsonObject, parameters: tuple[Parameter, ...]
) -> Operation:
    also = (CSV, JSONL) if FORMAT in parameters else ()
    properties: JsonObject = {
        key: {"type": "array", "items": item},
        "count": _INTEGER,
        "total": _INTEGER,
        "total_exact": {"const": False, "description": "Counting stopped: there are so many at least."},
        "limit": _INTEGER,
        "offset": _INTEGER,
        "has_more": {"type": "boolean"},
        "continue": {"type": "string"},
    }
    whole: JsonObject = {"type": "object", "properties": properties, "required": [key, "total", "has_more"]}
    answers = {
        200: Answered("A part of them, the newest first; as jsonl and csv all of them.", _JSON, whole, also),
        400: _BAD,
    }
    return Operation(name, summary, answers, parameters=parameters, group=_GROUP)


def _one(name: str, summary: str, schema: JsonObject, parameters: tuple[Parameter, ...] = ()) -> Operation:
    answers = {200: Answered("It is.", _JSON, schema), 400: _BAD, 404: _NONE}
    return Operation(name, summary, answers, parameters=parameters, group=_GROUP)


def _sum(name: str, summary: str, schema: JsonObject, parameters: tuple[Parameter, ...] = ()) -> Operation:
    answers = {200: Answered("It comes to this.", _JSON, schema), 400: _BAD}
    return Operation(name, summary, answers, parameters=parameters, group=_GROUP)


def _delete(name: str, summary: str, parameters: tuple[Parameter, ...] = ()) -> Operation:
    answers = {200: Answered("They are gone.", _JSON, _DELETED), 400: _BAD}
    if not parameters:
        answers[404] = _NONE
    return Operation(name, summary, answers, parameters=parameters, group=_GROUP)


_EXPORT = (*PAGING, FORMAT)
LIST_REQUESTS = _list(
    "listRequests", "Requests of clients.", "requests", REQUEST, (*filters.REQUESTS, *_EXPORT)
)
GET_REQUEST = _one("getRequest", "One request, with its response.", REQUEST)
DELETE_REQUEST = _delete("deleteRequest", "Delete the record of one request, its response and bodies.")
DELETE_REQUESTS = _delete(
    "deleteRequests",
    "Delete the records of all requests that fit; at least one filter is needed.",
    filters.REQUESTS,
)
LIST_RESPONSES = _list(
    "listResponses", "What was answered.", "responses", RESPONSE, (*filters.RESPONSES, *_EXPORT)
)
GET_RESPONSE = _one("getResponse", "One response, with its request.", RESPONSE)
RESPONSE_OF_REQUEST = _one("getResponseOfRequest", "The response to a request.", RESPONSE)
RESPONSES_OF_SESSION = _list(
    "listResponsesOfSession",
    "What was answered in a session.",
    "responses",
    RESPONSE,
    (*filters.OTHERS, *PAGING),
)
RESPONSE_STATS = _sum("responseStatistics", "What responses come to.", {"type": "object"}, filters.REQUESTS)
DELETE_RESPONSE = _delete(
    "deleteResponse", "Delete the record of one response, which is that of its request as well."
)
LIST_SESSIONS = _list(
    "listSessions",
    "Sessions of clients, the last asked first.",
    "sessions",
    SESSION,
    (*filters.SESSIONS, *_EXPORT),
)
GET_SESSION = _one("getSession", "One session.", SESSION)
SESSION_STATS = _one("sessionStatistics", "What a session comes to.", {"type": "object"})
REQUESTS_OF_SESSION = _list(
    "listRequestsOfSession", "Requests of a session.", "requests", REQUEST, (*filters.OTHERS, *_EXPORT)
)
DELETE_SESSION = _delete("deleteSession", "Delete all records of a session.")
DELETE_SESSIONS = _delete(
    "deleteSessions",
    "Delete all records of the sessions that fit; at least one filter is needed.",
    filters.SESSIONS,
)
STATISTICS = _sum(
    "statistics",
    "Requests summed up: how many, how many failed, how long they took, tokens, cost.",
    _object(("by", "items"), by={"type": "array", "items": {"type": "string"}}, items={"type": "array"}),
    (
        Parameter("by", f"What is told apart: {', '.join(DIMENSIONS)}; several with commas."),
        *filters.REQUESTS,
    ),
)
RECENT = _sum(
    "recentActivity",
    "The newest requests, as a feed.",
    _object(("activities", "total"), activities={"type": "array"}, total=_INTEGER),
    (PAGING[0],),
)
ACTIVITY_STATS = _sum(
    "activityStatistics", "Numbers for a dashboard.", _object(("stats",), stats={"type": "object"})
)


def again(operation: Operation) -> Operation:
    """The same below /api, where such gateways have it."""
    return Operation(
        f"{operation.name}Below",
        operation.summary,
        operation.answers,
        parameters=operation.parameters,
        group=operation.group,
    )
