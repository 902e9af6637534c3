"""The routes of the questions: what a command of another machine asks.

Each is answered in a thread, and a few at a time: who asks much makes neither the door nor what serves wait.
"""

import asyncio
import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from reconciler import __version__
from reconciler.api.questions import AT, LONGEST, QUESTIONS, Question
from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import Access, Answered, Check, DeclaredRoute, Operation, Parameter
from reconciler.management import problems
from reconciler.management.doorkeeper import principal
from reconciler.management.problems import BadRequest
from reconciler.management.questions.answer import JSON, VERSION, Answering, Asked, answer
from reconciler.management.rest import answers, bodies
from reconciler.resources.principal import Role

GROUP = "Questions of commands"
_AT_ONCE = 8
_ACCESS = {Role.VIEWER: Access.VIEWER, Role.OPERATOR: Access.OPERATOR, Role.ADMIN: Access.ADMIN}


def routes(answering: Answering, check: Check) -> list[DeclaredRoute]:
    turns = asyncio.Semaphore(_AT_ONCE)
    return [_route(question, answering, check, turns) for question in QUESTIONS.values()]


def _route(question: Question, answering: Answering, check: Check, turns: asyncio.Semaphore) -> DeclaredRoute:
    async def endpoint(request: Request) -> Response:
        try:
            asked = Asked(
                question,
                principal(request.scope),
                question.read_arguments(await _arguments(request)),
                _at(request),
                request.headers.get("if-none-match"),
                "gzip" in request.headers.get("accept-encoding", ""),
            )
            async with turns:
                told = await run_in_threadpool(answer, asked, answering)
            return Response(told.body, 304 if told.body is None else 200, dict(told.headers), JSON)
        except RouterctlError as error:
            return answers.problem_response(problems.of_error(error), {VERSION: __version__})

    return DeclaredRoute(
        question.path,
        endpoint,
        methods=("POST",) if question.long else ("GET",),
        access=_ACCESS[question.role],
        check=check,
        operation=_operation(question),
    )


async def _arguments(request: Request) -> JsonObject:
    """Each is JSON: behind the `?`, or all of them as the body's object."""
    if request.method != "POST":
        return {name: _json(text.encode()) for name, text in request.query_params.multi_items()}
    found = _json(await bodies.read(request, LONGEST))
    if not isinstance(found, dict):
        raise BadRequest("the body is an object with the question's arguments")
    return found


def _json(text: bytes) -> JsonValue:
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest(
            "an argument is no JSON", hint='a text is written with its quotes: namespace="team-a"'
        ) from None
    return found


def _at(request: Request) -> int | None:
    given = request.headers.get(AT)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 15):
        raise BadRequest(f"{AT} is the number of a revision")
    return int(given)


def _operation(question: Question) -> Operation:
    named = (Parameter(name, "As JSON.") for name in question.arguments if not question.long)
    at = Parameter(AT, "The revision that is meant.", {"type": "integer"}, "header")
    return Operation(
        f"ask{question.part.capitalize()}{''.join(word.capitalize() for word in question.name.split('_'))}",
        f"What `{question.part}.{question.name}` tells a command.",
        {
            200: Answered("As the same version of routerctl reads it.", JSON, {}),
            304: Answered("As it was told before."),
        },
        (JSON,) if question.long else None,
        parameters=(*named, at),
        group=GROUP,
    )
