"""How operations are declared: the parameters, answers and refusals that many have in common."""

from collections.abc import Mapping, Sequence

from reconciler.json_types import JsonObject
from reconciler.listener.access import Answered, Operation, Parameter
from reconciler.management import openapi
from reconciler.management.rest import bodies, parameters

OBJECT: JsonObject = {"type": "object"}
TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "integer"}
YES_NO: JsonObject = {"type": "boolean"}
TEXT_OR_NULL: JsonObject = {"type": ["string", "null"]}
MILLISECONDS: JsonObject = {"type": "integer", "description": "Milliseconds since the epoch."}


def shape(
    properties: Mapping[str, JsonObject], *, required: Sequence[str] | None = None, more: bool = True
) -> JsonObject:
    """An object's schema. `required` None: all of them. more: there may be others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [*(properties if required is None else required)],
        **({} if more else {"additionalProperties": False}),
    }


def listing(name: str, item: JsonObject) -> JsonObject:
    return shape(
        {name: {"type": "array", "items": item}, "total": NUMBER, "continue": TEXT}, required=(name, "total")
    )


def refused(description: str) -> Answered:
    return Answered(description, openapi.PROBLEM, openapi.REFERENCE)


BUSY = {429: refused("As much as may be at once is under way; Retry-After says when to ask again.")}


def reading(
    name: str,
    summary: str,
    group: str,
    schema: JsonObject,
    *,
    given: tuple[Parameter, ...] = (parameters.NAMESPACE,),
    told: str = "It.",
    media: str = bodies.JSON,
) -> Operation:
    return Operation(name, summary, {200: Answered(told, media, schema)}, parameters=given, group=group)


def writing(  # noqa: PLR0913  words of a declaration, each named
    name: str,
    summary: str,
    group: str,
    schema: JsonObject,
    *,
    body: JsonObject | None = None,
    takes: tuple[str, ...] = (bodies.JSON,),
    given: tuple[Parameter, ...] = (),
    status: int = 200,
    told: str = "Done: the revision that it made stands beside it.",
) -> Operation:
    """One that makes a revision. A rehearsal is answered with 200 whatever else it is."""
    answers = {status: Answered(told, bodies.JSON, schema)}
    if status != 200:
        answers[200] = Answered("With dryRun: what it would be.", bodies.JSON, schema)
    return Operation(
        name,
        summary,
        answers,
        takes if body is not None else None,
        (*given, *parameters.WRITING),
        body or {},
        group=group,
    )
