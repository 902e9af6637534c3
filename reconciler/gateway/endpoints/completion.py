"""/v1/chat/completions and /v1/embeddings: a body that names a model, answered by one of its candidates."""

import asyncio
import logging

from starlette.types import Message, Receive, Scope, Send

from reconciler.gateway.dispatch.actions import CLIENT_GONE, Ending, Outcome
from reconciler.gateway.dispatch.driver import Transports, converse
from reconciler.gateway.dispatch.machine import Ask
from reconciler.gateway.endpoints.http import (
    MAX_BODY,
    BodyTooLarge,
    ClientGone,
    Current,
    error_response,
    new_request_id,
    not_ready,
    own_headers,
    read_body,
)
from reconciler.gateway.routing.router import Routed, known_model, route
from reconciler.gateway.telemetry import Served, Telemetry, served
from reconciler.protocol.body import RequestBody, read_request
from reconciler.protocol.errors import InvalidRequest, OpenAIError, internal
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.snapshot.model import Snapshot

log = logging.getLogger(__name__)

LABELS = {Endpoint.CHAT: "chat", Endpoint.EMBEDDINGS: "embeddings"}


class Completion:
    """The ASGI endpoint. Of the client's request only the body goes on; its headers end here."""

    def __init__(
        self,
        endpoint: Endpoint,
        registry: Current,
        transports: Transports,
        telemetry: Telemetry,
        max_body: int = MAX_BODY,
    ) -> None:
        self._endpoint = endpoint
        self._registry = registry
        self._transports = transports
        self._telemetry = telemetry
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(self._registry.current, LABELS[self._endpoint], self._telemetry)
        self._telemetry.began()
        try:
            await self._serve(request, scope, receive, send)
        except ClientGone:
            request.refused(CLIENT_GONE, Ending.GONE)
        except Exception:
            request.refused(500)
            log.exception("request %s ended with a bug", request.id)
            if not request.answering:
                response = error_response(internal(), own_headers(request.id, request.snapshot))
                await response(scope, receive, send)
        finally:
            self._telemetry.ended()

    async def _serve(self, request: "_Request", scope: Scope, receive: Receive, send: Send) -> None:
        ask = await self._read(request, scope, receive)
        if isinstance(ask, OpenAIError):
            request.refused(ask.status)
            response = error_response(ask, own_headers(request.id, request.snapshot))
            await response(scope, receive, send)
            return
        request.model = ask.model
        await converse(ask, self._transports, request.report, receive, request.watched(send))

    async def _read(self, request: "_Request", scope: Scope, receive: Receive) -> Ask | OpenAIError:
        snapshot = request.snapshot
        if snapshot is None:
            return not_ready()
        try:
            body = read_request(await read_body(scope, receive, self._max_body))
        except BodyTooLarge as refused:
            return refused.error
        except InvalidRequest as refused:
            return refused.error
        namespace = snapshot.namespace(DEFAULT_NAMESPACE)
        routed = route(namespace, body.model)
        if isinstance(routed, Routed):
            return self._ask(request, body, routed)
        request.model = known_model(namespace, body.model)
        return routed

    def _ask(self, request: "_Request", body: RequestBody, routed: Routed) -> Ask:
        assert request.snapshot is not None
        return Ask(
            endpoint=self._endpoint,
            body=body,
            model=routed.model,
            candidates=routed.candidates,
            request_id=request.id,
            revision=request.snapshot.revision,
        )


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
