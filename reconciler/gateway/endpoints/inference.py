"""All endpoints that a model answers: a body that names the model, answered by one of its candidates."""

import asyncio
import logging

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from reconciler.gateway.dispatch.actions import CLIENT_GONE, Ending, Outcome
from reconciler.gateway.dispatch.driver import Transports, converse
from reconciler.gateway.dispatch.machine import Ask
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.http import (
    MAX_BODY,
    BodyTooLarge,
    ClientGone,
    Current,
    error_response,
    new_request_id,
    not_ready,
    own_headers,
)
from reconciler.gateway.endpoints.reading import passed, read
from reconciler.gateway.routing.router import Routed, known_model, route
from reconciler.gateway.telemetry import Served, Telemetry, served
from reconciler.protocol.errors import InvalidRequest, OpenAIError, internal
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.snapshot.model import Snapshot

log = logging.getLogger(__name__)


class Inference:
    """The ASGI endpoint of one row. Of the client's headers those go on that the row names; all others end here."""

    def __init__(
        self,
        row: EndpointRow,
        registry: Current,
        transports: Transports,
        telemetry: Telemetry,
        memory: Memory,
        max_body: int = MAX_BODY,
    ) -> None:
        self._row = row
        self._registry = registry
        self._transports = transports
        self._telemetry = telemetry
        self._memory = memory
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(self._registry.current, self._row.label, self._telemetry)
        self._telemetry.began()
        try:
            await self._serve(request, scope, receive, send)
        except ClientGone:
            request.refused(CLIENT_GONE, Ending.GONE)
        except Exception:
            request.refused(500)
            log.exception("request %s ended with a bug", request.id)
            if not request.answering:
                await self._error(internal(), request)(scope, receive, send)
        finally:
            self._telemetry.ended()

    async def _serve(self, request: "_Request", scope: Scope, receive: Receive, send: Send) -> None:
        ask = await self._read(request, scope, receive)
        if isinstance(ask, OpenAIError):
            request.refused(ask.status)
            await self._error(ask, request)(scope, receive, send)
            return
        await converse(ask, self._transports, request.report, receive, request.watched(send))

    async def _read(self, request: "_Request", scope: Scope, receive: Receive) -> Ask | OpenAIError:
        snapshot = request.snapshot
        if snapshot is None:
            return not_ready()
        try:
            body = await read(self._row, scope, receive, self._max_body)
        except (BodyTooLarge, InvalidRequest) as refused:
            return refused.error
        namespace = snapshot.namespace(DEFAULT_NAMESPACE)
        routed = route(namespace, body.model, self._row.endpoint)
        if isinstance(routed, Routed):
            request.model = None if routed.forwarded else routed.model
            return Ask(
                row=self._row,
                body=body,
                model=routed.model,
                candidates=routed.candidates,
                request_id=request.id,
                revision=snapshot.revision,
                headers=passed(self._row, scope, body),
                memory=self._memory,
            )
        request.model = known_model(namespace, body.model)
        return routed

    def _error(self, error: OpenAIError, request: "_Request") -> Response:
        return error_response(error, own_headers(request.id, request.snapshot), self._row.errors)


class _Request:
    """One request for the books: counted once, however it ends."""

    def __init__(self, snapshot: Snapshot | None, endpoint: str, telemetry: Telemetry) -> None:
        self.snapshot = snapshot
        self.id = new_request_id()
        self.model: str | None = None
        self.answering = False
        self._endpoint = endpoint
        self._telemetry = telemetry
        self._started = asyncio.get_running_loop().time()
        self._counted = False

    def report(self, outcome: Outcome) -> None:
        self._count(served(self.id, self._endpoint, self.model or "", outcome))

    def refused(self, status: int, ending: Ending = Ending.REFUSED) -> None:
        """Nobody was tried, or a bug came in between."""
        seconds = asyncio.get_running_loop().time() - self._started
        revision = None if self.snapshot is None else self.snapshot.revision
        self._count(
            Served(self.id, self._endpoint, self.model, None, status, ending.value, revision, seconds)
        )

    def watched(self, send: Send) -> Send:
        """`send`, noting when the answer began."""

        async def noted(message: Message) -> None:
            self.answering = True
            await send(message)

        return noted

    def _count(self, request: Served) -> None:
        if not self._counted:
            self._counted = True
            self._telemetry.count(request)
