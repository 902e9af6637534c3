from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from reconciler.listener.access import Access, Answered, DeclaredRoute, Operation
from reconciler.management.openapi import document


async def nowhere(request: Request) -> Response:
    raise NotImplementedError


async def nobody(scope: Scope, access: Access) -> None:
    raise NotImplementedError


def route(path: str, access: Access, *methods: str, takes: tuple[str, ...] | None = None) -> DeclaredRoute:
    operation = Operation(
        "thing", "A thing.", {200: Answered("It.", "text/plain", {"type": "string"})}, takes
    )
    return DeclaredRoute(path, nowhere, methods=methods, access=access, check=nobody, operation=operation)


def test_what_is_declared_is_what_is_told() -> None:
    made = document(
        "t",
        "d",
        [
            route("/open", Access.OPEN, "GET"),
            route("/things/{id:path}", Access.CLIENT, "GET", "DELETE"),
            route("/write", Access.ADMIN, "POST", takes=("application/json",)),
        ],
        Answered("Refused."),
    )
    paths, components = made["paths"], made["components"]
    assert isinstance(paths, dict)
    assert isinstance(components, dict)
    assert [*paths] == ["/open", "/things/{id}", "/write"]
    assert paths["/open"] == {
        "get": {
            "operationId": "thing",
            "summary": "A thing.",
            "x-access": "open",
            "security": [],
            "responses": {
                "200": {"description": "It.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                "default": {"description": "Refused."},
            },
        }
    }
    thing = paths["/things/{id}"]
    assert isinstance(thing, dict)
    assert {name: each["operationId"] for name, each in thing.items() if isinstance(each, dict)} == {
        "get": "getThing",
        "delete": "deleteThing",
    }
    assert isinstance(thing["get"], dict)
    assert thing["get"]["parameters"] == [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    assert thing["get"]["security"] == [{"clientKey": []}, {"apiKey": []}]
    write = paths["/write"]
    assert isinstance(write, dict)
    assert isinstance(write["post"], dict)
    assert write["post"]["requestBody"] == {"required": True, "content": {"application/json": {}}}
    assert isinstance(components["securitySchemes"], dict)
    assert set(components["securitySchemes"]) == {"clientKey", "apiKey", "token"}
