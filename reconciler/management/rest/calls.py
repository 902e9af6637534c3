"""The endpoint that asks a handler, in a thread, and tells what came of it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from reconciler.control.serving import POLL_SECONDS
from reconciler.errors import RouterctlError
from reconciler.listener.access import Access, Check, DeclaredRoute, Endpoint, Operation
from reconciler.management import problems
from reconciler.management.doorkeeper import REHEARSAL, principal
from reconciler.management.rest import answers, bodies, parameters
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.call import Call
from reconciler.management.rest.idempotency import Requests, digest_of, key_of
from reconciler.management.rest.stores import Stores
from reconciler.resources.principal import Principal, Role

__all__ = ["Call", "Desk", "Handler"]

Handler = Callable[[Call], Answer]
"""Blocks; raises RouterctlError."""

AT_ONCE, OF_VIEWERS = 8, 2
"""Handlers of bodies that run at a time: a plan of a large body takes seconds, and makes neither the door nor who writes wait."""


class Desk:
    """Makes endpoints of handlers. One for all modules of routes."""

    def __init__(self, stores: Stores, check: Check) -> None:
        self._stores = stores
        self._check = check
        self._requests = Requests(stores.observations, stores.clock)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._turns_of_viewers = asyncio.Semaphore(OF_VIEWERS)

    def read(
        self, path: str, handler: Handler, operation: Operation, access: Access = Access.VIEWER
    ) -> DeclaredRoute:
        return self.route("GET", path, handler, operation, access)

    def write(
        self, method: str, path: str, handler: Handler, operation: Operation, access: Access = Access.OPERATOR
    ) -> DeclaredRoute:
        return self.route(method, path, handler, operation, access)

    def route(
        self, method: str, path: str, handler: Handler, operation: Operation, access: Access
    ) -> DeclaredRoute:
        return DeclaredRoute(
            path,
            self._endpoint(handler, operation),
            methods=(method,),
            access=access,
            check=self._check,
            operation=operation,
        )

    def _endpoint(self, handler: Handler, operation: Operation) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            call = await self.call(request, operation)
            return answers.response(await self._answer(call, handler), request)

        return endpoint

    async def call(self, request: Request, operation: Operation) -> Call:
        """Refuses what the operation does not take. For who answers without a handler; the others have it done."""
        who, given = principal(request.scope), parameters.read(request, operation.parameters)
        if parameters.flag(given, parameters.DRY_RUN.name):
            request.scope[REHEARSAL] = True
        if operation.takes is None:
            if request.method not in {"GET", "HEAD"}:
                await bodies.nothing(request)
            return Call(request, who, given)
        media = bodies.media_type(request, operation.takes)
        limit = bodies.MAX_YAML_BYTES if media == bodies.YAML else operation.most or bodies.MAX_JSON_BYTES
        return Call(request, who, given, await bodies.read(request, limit), media)

    async def _answer(self, call: Call, handler: Handler) -> Answer:
        wait = parameters.WAIT.name in call.given and call.flag(parameters.WAIT.name)
        seconds = parameters.seconds(call.given)
        key = key_of(call.request) if call.request.method != "GET" else None
        if not call.who.role.covers(Role.OPERATOR):
            key = None  # what a viewer may ask writes nothing: nothing of it needs to be kept
        async with self._turn(call):
            if key is None:
                answer = await run_in_threadpool(handler, call)
            else:
                answer = await run_in_threadpool(self._once, call, key, handler)
        if wait and answer.revision is not None:
            return await self._served(call.who, answer, answer.revision, seconds)
        return answer

    def _turn(self, call: Call) -> AbstractAsyncContextManager[object]:
        if call.media is None:
            return nullcontext()
        return self._turns if call.who.role.covers(Role.OPERATOR) else self._turns_of_viewers

    def _once(self, call: Call, key: str, handler: Handler) -> Answer:
        known = self._requests.begin(call.who, key, digest_of(call.request, call.content))
        if known is not None:
            return known
        try:
            answer = handler(call)
        except BaseException:
            self._requests.give_up(call.who, key)
            raise
        self._requests.keep(call.who, key, answer)
        return answer

    async def _served(self, who: Principal, answer: Answer, revision: int, seconds: float) -> Answer:
        """The answer, when it is served; where it is not, a problem that says what was written all the same."""
        awaited = await run_in_threadpool(self._stores.served, who, revision, seconds)
        try:
            while await run_in_threadpool(awaited.look) is None:  # noqa: ASYNC110  see below
                await asyncio.sleep(POLL_SECONDS)  # workers write to a file: nobody could set an event
        except RouterctlError as error:
            told = problems.of_error(error)
            status = told["status"]
            assert isinstance(status, int)
            return Answer(told, status, revision, headers={"content-type": problems.MEDIA_TYPE})
        return answer
