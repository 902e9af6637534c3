"""The management listener's ASGI app: the guard, then the routes. Nothing can be changed through it.

It reads; the one POST asks that the git repository be looked at now.
"""

import json
from collections.abc import Iterable
from typing import Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject
from reconciler.listener.guard import Gate, Guard, rules
from reconciler.management import hooks, metrics, problems
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


def build_app(
    facts: Facts, *, hosts: Iterable[str] = (), origins: Iterable[str] = (), hook: GitHook | None = None
) -> ASGIApp:
    """`hosts` and `origins` are answered beside localhost, IP literals and the listener's own origin."""
    views = _Views(facts, hook)
    app = Starlette(
        routes=[
            Route("/healthz", views.healthz, methods=["GET"]),
            Route("/readyz", views.readyz, methods=["GET"]),
            Route("/status", views.status, methods=["GET"]),
            Route("/metrics", views.metrics, methods=["GET"]),
            Route(hooks.PATH, views.git_hook, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _http_error, RouterctlError: _failed, Exception: _bug},
    )
    app.router.redirect_slashes = False
    return Guard(app, Gate(rules(hosts, origins)), problems.guard_refusal, methods=("GET",))


class _Views:
    def __init__(self, facts: Facts, hook: GitHook | None) -> None:
        self._facts = facts
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

    async def git_hook(self, request: Request) -> Response:
        answer = await hooks.answer(request, self._hook)
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


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RouterctlError)
    return _refusal(503, error.reason, str(error))


async def _bug(_: Request, error: Exception) -> Response:
    return _refusal(500, "internal", f"a bug in routerctl ({type(error).__name__})")
