"""What the management listener tells of itself: health, status, numbers, documents, and the git host's word."""

import json
from collections.abc import Sequence
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.listener.guard import Verdict
from reconciler.management import data_plane, hooks, metrics, operations
from reconciler.management.failures import refusal
from reconciler.management.hooks import GitHook
from reconciler.management.showing.seeing import require_everywhere_of
from reconciler.management.status import Status, as_json
from reconciler.resources.principal import Principal
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

    async def note(self, scope: Scope, why: str) -> None:
        """Writes down a request that who was let in may not make."""
        ...

    def holds(self, who: Principal) -> bool:
        """Whether somebody who was let in would be again now. Blocks."""
        ...


class Views:
    described: Sequence[DeclaredRoute] = ()

    def __init__(self, facts: Facts, door: Door, hook: GitHook | None) -> None:
        self._facts = facts
        self._door = door
        self._hook = hook

    async def root(self, _: Request) -> Response:
        """What there is, for who looks around."""
        return _json(operations.directory(self.described))

    async def healthz(self, _: Request) -> Response:
        """The supervisor runs."""
        return _json({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """Every worker that was started serves a revision."""
        reason = await run_in_threadpool(self._facts.not_ready)
        return _json({"status": "ok"}) if reason is None else _json({"status": reason}, 503)

    async def status(self, request: Request) -> Response:
        require_everywhere_of(request.scope, "the status of the whole gateway")
        return _json(as_json(await run_in_threadpool(self._facts.status)))

    async def metrics(self, request: Request) -> Response:
        require_everywhere_of(request.scope, "the metrics of the whole gateway")
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
            return refusal(answer.status, answer.code, answer.detail)
        return _json({"status": answer.detail}, answer.status)

    def _exposition(self) -> bytes:
        return metrics.exposition(self._facts.status(), self._facts.counters())


def _json(value: JsonObject, status: int = 200) -> Response:
    return Response(json.dumps(value).encode(), status, media_type="application/json")
