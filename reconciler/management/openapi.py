"""The OpenAPI 3.1 document of a listener, made of what its routes declare: it can't say what is not served, nor leave out
what is.
"""

import re
from collections.abc import Iterable, Sequence

from reconciler import __version__
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import Access, Answered, DeclaredRoute, Parameter

VERSION = "3.1.1"
PROBLEM = "application/problem+json"
_PARAMETER = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")

TOKEN = "token"  # noqa: S105  the name of a security scheme
CLIENT_KEY = "clientKey"
API_KEY = "apiKey"
_SCHEMES: JsonObject = {
    TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `routerctl token create`, or a JSON Web Token of the issuer that the Settings trust. While "
        "neither is there, this machine's own user needs none.",
    },
    CLIENT_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of a ClientKey, where the Settings ask for keys.",
    },
    API_KEY: {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key."},
}
_SECURITY: dict[Access, tuple[str, ...]] = {
    Access.CLIENT: (CLIENT_KEY, API_KEY),
    Access.VIEWER: (TOKEN,),
    Access.OPERATOR: (TOKEN,),
    Access.ADMIN: (TOKEN,),
}

PROBLEM_SCHEMA: JsonObject = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "A stable word for programs."},
        "hint": {"type": "string", "description": "What to do."},
        "command": {
            "type": "string",
            "description": "The command of routerctl that does it, without the program.",
        },
        "errors": {
            "type": "array",
            "description": "Each cause, where there are several or where it has a place.",
            "items": {
                "type": "object",
                "properties": {
                    "detail": {"type": "string"},
                    "resource": {"type": "string", "description": "Kind/name, or Kind/namespace/name."},
                    "field": {"type": "string"},
                    "hint": {"type": "string"},
                    "manager": {"type": "string", "description": "Who owns the field."},
                    "file": {"type": "string"},
                    "line": {"type": "integer"},
                    "column": {"type": "integer"},
                },
                "required": ["detail"],
            },
        },
        "standsAlone": {
            "type": "boolean",
            "description": "Whether each line of the detail says that it is an error.",
        },
        "revision": {
            "type": "integer",
            "description": "Where something was written nevertheless: the revision that it made.",
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}
REFERENCE: JsonObject = {"$ref": "#/components/schemas/Problem"}


def document(
    title: str,
    description: str,
    routes: Iterable[DeclaredRoute],
    refusal: Answered,
    schemas: JsonObject | None = None,
) -> JsonObject:
    """`refusal` is the shape of all that a listener refuses, told as the answer `default`."""
    paths: dict[str, JsonValue] = {}
    used: set[str] = set()
    for route in routes:
        item = paths.setdefault(shown_path(route.path), {})
        assert isinstance(item, dict)
        for method in route.declared:
            item[method.lower()] = _operation(route, method, refusal)
        used |= set(_SECURITY.get(route.access, ()))
    return {
        "openapi": VERSION,
        "info": {"title": title, "version": __version__, "description": description},
        "paths": paths,
        "components": {
            "schemas": schemas or {},
            "securitySchemes": {name: scheme for name, scheme in _SCHEMES.items() if name in used},
        },
    }


def shown_path(path: str) -> str:
    """Without what only the router reads of it."""
    return _PARAMETER.sub(r"{\1}", path)


def _operation(route: DeclaredRoute, method: str, refusal: Answered) -> JsonObject:
    operation = route.operation
    several = len(route.declared) > 1
    told: JsonObject = {
        "operationId": f"{method.lower()}{operation.name[0].upper()}{operation.name[1:]}"
        if several
        else operation.name,
        "summary": operation.summary,
        "x-access": route.access.value,
        "security": _security(route.access),
        "responses": {
            **{str(status): _answer(answer) for status, answer in sorted(operation.answers.items())},
            "default": _answer(refusal),
        },
    }
    if operation.group:
        told["tags"] = [operation.group]
    parameters = _parameters(route)
    if parameters:
        told["parameters"] = parameters
    if operation.takes is not None:
        media: JsonObject = {"schema": operation.body} if operation.body else {}
        told["requestBody"] = {"required": True, "content": {name: dict(media) for name in operation.takes}}
    return told


def _security(access: Access) -> list[JsonValue]:
    needed: Sequence[str] = _SECURITY.get(access, ())
    return [{name: []} for name in needed]


def _parameters(route: DeclaredRoute) -> list[JsonValue]:
    described = {(each.place, each.name): each for each in route.operation.parameters}
    told: list[JsonValue] = []
    for name in _PARAMETER.findall(route.path):
        known = described.pop(("path", name), None)
        told.append(_parameter(known or Parameter(name, "", place="path")))
    return told + [_parameter(each) for each in described.values()]


def _parameter(parameter: Parameter) -> JsonObject:
    told: JsonObject = {"name": parameter.name, "in": parameter.place}
    if parameter.place == "path":
        told["required"] = True
    if parameter.description:
        told["description"] = parameter.description
    return {**told, "schema": parameter.schema}


def _answer(answer: Answered) -> JsonObject:
    told: JsonObject = {"description": answer.description}
    if answer.media is not None:
        others: JsonObject = {name: {} for name in answer.also}
        told["content"] = {answer.media: {"schema": answer.schema}, **others}
    return told
