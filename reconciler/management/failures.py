"""What is answered to what is raised: refusals and errors as problems.

All that is refused behind the door comes by here, once, and is handed to who writes it down.
"""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from reconciler.control.manifest.printable import printable
from reconciler.errors import RouterctlError, one_line
from reconciler.listener.access import AccessRefused
from reconciler.management import problems
from reconciler.management.rest import answers

Note = Callable[[Scope, str], Awaitable[None]]
"""Told of each request that who asked may not make, and why."""

_LONGEST_REASON = 300


def handle(app: Starlette, note: Note) -> None:
    """From now on all that its routes raise is a problem."""

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RouterctlError)
        if problems.status_of(error) == HTTPStatus.FORBIDDEN:
            await note(request.scope, _reason(error))
        return answers.refusal(error)

    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(AccessRefused, _access_refused)
    app.add_exception_handler(RouterctlError, failed)
    app.add_exception_handler(Exception, _bug)


def refusal(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    return answers.problem_response(problems.problem(status, code, detail), headers)


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, or another method."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 405:
        allowed = {"allow": ", ".join(_allowed(request))}
        return refusal(405, "method_not_allowed", f"{request.method} is not possible on {path}", allowed)
    return refusal(404, "not_found", f"there is no {path} here; GET / tells what there is")


def _allowed(request: Request) -> list[str]:
    """Several routes may have one path, each with methods of its own."""
    routes: Sequence[BaseRoute] = request.app.routes
    found = [
        route
        for route in routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    return sorted({method for route in found for method in route.methods or ()})


async def _access_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, AccessRefused)
    verdict = error.verdict
    return refusal(verdict.status, verdict.code, verdict.message, error.headers())


def _reason(error: RouterctlError) -> str:
    """In one line: what people wrote may stand in it."""
    told = printable(one_line(error.message))
    shown = told if len(told) <= _LONGEST_REASON else f"{told[:_LONGEST_REASON]}..."
    return f"{problems.status_of(error)} {problems.of_error(error)['code']}: {shown}"


async def _bug(_: Request, error: Exception) -> Response:
    return refusal(500, "internal", f"a bug in routerctl ({type(error).__name__})")
