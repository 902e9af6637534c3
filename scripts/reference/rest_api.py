"""rest-api.md: every operation of the management API, as its routes declare it."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import DeclaredRoute, Operation, Parameter
from reconciler.management.openapi import shown_path
from reconciler.management.operations import GROUP
from reconciler.management.rest import parameters
from scripts.reference.markdown import GENERATED, code, joined, table
from scripts.reference.openapi import management_routes

_INTRODUCTION = """\
What the management listener (`--admin-listen`, by default `127.0.0.1:8485`) answers to. It serves this as
[OpenAPI 3.1](openapi-management.json) at `/openapi.json`, and as a page to try it on at `/docs`; `GET /` lists the routes.
[How to use it](../how-to/rest-api.md) shows it with curl, [management access](../how-to/management-access.md) tells who is
let in, and with which role."""

_WRITING = """\
Those that make a revision take these, beside their own. They answer with the revision's number, in the body and in the header
`x-routerctl-revision`, and where they are about one resource with its `ETag`."""

_PROBLEMS = """\
Every refusal is a problem (RFC 9457, `application/problem+json`): `status`, `code` for programs, `detail` and `hint` for people,
and `errors` with `resource`, `field` and `detail` for each thing that is wrong."""

_STATUSES = (
    ("400", "the request can't be read: its body, a parameter, a header"),
    ("401, 403", "nobody is known to ask, or may not do that"),
    ("404", "there is no such thing"),
    ("405, 413, 415", "another method, a body that is too large, or of another media type"),
    ("409", "somebody else owns the field, names the resource, or a guard says no"),
    ("412", "If-Match or If-None-Match does not hold"),
    ("422", "what was sent breaks a rule; an Idempotency-Key came with another request"),
    ("503", "the store, a secret or the workers are in the way; with `revision`: written, and not served"),
    ("504", "written, and not served in time"),
)


def page() -> str:
    routes = management_routes()
    groups = list(dict.fromkeys(map(_group, routes)))
    routes.sort(key=lambda route: groups.index(_group(route)))
    lines = ["# REST API", "", GENERATED, "", *_INTRODUCTION.splitlines(), "", "## In common", ""]
    lines += [*_WRITING.splitlines(), "", *_parameters(parameters.WRITING), "", *_PROBLEMS.splitlines(), ""]
    lines += table(("Status", "When"), _STATUSES)
    for group, found in groupby(routes, key=_group):
        lines += ["", f"## {group}"]
        for route in found:
            for method in route.declared:
                lines += [
                    "",
                    f"### {method} {shown_path(route.path)}",
                    "",
                    *_operation(route, route.operation),
                ]
    return joined(lines)


def _group(route: DeclaredRoute) -> str:
    return route.operation.group or GROUP


def _operation(route: DeclaredRoute, operation: Operation) -> Iterator[str]:
    writes = all(each in operation.parameters for each in parameters.WRITING)
    told = f"{operation.summary} Access: {route.access.value}."
    yield told + (" Makes a revision." if writes else "")
    own = [each for each in operation.parameters if not (writes and each in parameters.WRITING)]
    if own:
        yield from ("", *_parameters(own))
    if operation.takes is not None:
        yield from (
            "",
            f"Body: {', '.join(code(media) for media in operation.takes)}{_fields(operation.body)}",
        )


def _parameters(found: Sequence[Parameter]) -> list[str]:
    rows = [(code(each.name), each.place, _text(each.description)) for each in found]
    return table(("Parameter", "In", "Is"), rows)


def _fields(schema: JsonObject) -> str:
    """The members that a body may have."""
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or not properties:
        return "."
    needed = required if isinstance(required, list) else []
    names = ", ".join(code(name) + ("" if name in needed else "?") for name in properties)
    return f" with {names}."


def _text(value: JsonValue) -> str:
    return " ".join(str(value).split()).replace("*", "\\*").replace("<", "\\<")
