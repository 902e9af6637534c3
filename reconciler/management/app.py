"""The management listener's ASGI app: the guard, then the routes, each with its access. Nothing can be changed through it.

It reads; the one POST asks that the git repository be looked at now.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, AccessRefused, DeclaredRoute, Endpoint, Operation
from reconciler.listener.guard import Gate, Guard, Verdict, rules
from reconciler.management import data_plane, hooks, metrics, operations, problems
from reconciler.management.hooks import GitHook
from reconciler.management.status import Status, as_json
from reconciler.store.counters import Counters


class Facts(Protocol):
    """What the listener tells. Methods may block: they are called in threads. They raise RouterctlError."""

    def status(self) -> Status: ...

    def counters(self) -> Counters:
        """The sum over all workers there ever were."""
        ...

    def not_ready(self) -> str | None:
        """Why the gateway is not ready; None where it is."""
        ...


class Door(Protocol):
    """Who may come in; `doorkeeper.Doorkeeper` is one."""

    async def check(self, scope: Scope, access: Access) -> None:
        """Raises AccessRefused."""
        ...

    async def refuse(self, scope: Scope, verdict: Verdict) -> None:
        """Raises AccessRefused, for what a route's own check found."""
        ...


def build_app(
    facts: Facts,
    door: Door,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    hook: GitHook | None = None,
) -> ASGIApp:
    """`hosts` and `origins` are answered beside localhost, IP literals and the listener's own origin."""
    app = Starlette(
        routes=declared_routes(facts, door, hook),
        exception_handlers={
            HTTPException: _http_error,
            AccessRefused: _access_refused,
            RouterctlError: _failed,
            Exception: _bug,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, Gate(rules(hosts, origins)), problems.guard_refusal, methods=("GET",))


def declared_routes(facts: Facts, door: Door, hook: GitHook | None = None) -> list[DeclaredRoute]:
    """Every route of the listener."""
    views = _Views(facts, door, hook)

    def get(path: str, endpoint: Endpoint, access: Access, operation: Operation) -> DeclaredRoute:
        return DeclaredRoute(
            path, endpoint, methods=("GET",), access=access, check=door.check, operation=operation
        )

    views.described = [
        get("/healthz", views.healthz, Access.OPEN, operations.HEALTHZ),
        get("/readyz", views.readyz, Access.OPEN, operations.READYZ),
        get("/status", views.status, Access.VIEWER, operations.STATUS),
        get("/metrics", views.metrics, Access.VIEWER, operations.METRICS),
        get("/openapi.json", views.openapi, Access.VIEWER, operations.OPENAPI),
        get("/openapi/data-plane.json", views.data_plane, Access.VIEWER, operations.DATA_PLANE),
        DeclaredRoute(
            hooks.PATH,
            views.git_hook,
            methods=("POST",),
            access=Access.SIGNED,
            check=door.check,
            operation=operations.GIT_HOOK,
        ),
    ]
    return views.described


class _Views:
    described: Sequence[DeclaredRoute] = ()

    def __init__(self, facts: Facts, door: Door, hook: GitHook | None) -> None:
        self._facts = facts
        self._door = door
        self._hook = hook

    async def healthz(self, _: Request) -> Response:
        """The supervisor runs."""
        return _json({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """Every worker that was started serves a revision."""
        reason = await run_in_threadpool(self._facts.not_ready)
        return _json({"status": "ok"}) if reason is None else _json({"status": reason}, 503)

    async def status(self, _: Request) -> Response:
        return _json(as_json(await run_in_threadpool(self._facts.status)))

    async def metrics(self, _: Request) -> Response:
        body = await run_in_threadpool(self._exposition)
        return Response(body, headers={"content-type": metrics.CONTENT_TYPE})

    async def openapi(self, _: Request) -> Response:
        return _json(operations.document(self.described))

    async def data_plane(self, _: Request) -> Response:
        return _json(data_plane.document())

    async def git_hook(self, request: Request) -> Response:
        answer = await hooks.answer(request, self._hook)
        if answer.status == 401:
            await self._door.refuse(request.scope, Verdict(401, answer.code, answer.detail))
        if answer.code:
            return _refusal(answer.status, answer.code, answer.detail)
        return _json({"status": answer.detail}, answer.status)

    def _exposition(self) -> bytes:
        return metrics.exposition(self._facts.status(), self._facts.counters())


def _json(value: JsonObject, status: int = 200) -> Response:
    return Response(json.dumps(value).encode(), status, media_type="application/json")


def _refusal(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(problems.problem(status, code, detail)).encode()
    return Response(body, status, headers, problems.MEDIA_TYPE)


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, or another method."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 405:
        allowed = dict(error.headers or {})
        return _refusal(405, "method_not_allowed", f"{request.method} is not possible on {path}", allowed)
    return _refusal(404, "not_found", f"there is no {path} here; try /status, /metrics, /healthz or /readyz")


async def _access_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, AccessRefused)
    verdict = error.verdict
    return _refusal(verdict.status, verdict.code, verdict.message, error.headers())


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RouterctlError)
    return _refusal(503, error.reason, str(error))


async def _bug(_: Request, error: Exception) -> Response:
    return _refusal(500, "internal", f"a bug in routerctl ({type(error).__name__})")
