"""All endpoints that a model answers: a body that names the model, answered by one of its candidates."""

import asyncio
import logging

from reconciler.gateway.dispatch.actions import CLIENT_GONE, Ending, Outcome
from reconciler.gateway.dispatch.alarms import Alarms
from reconciler.gateway.dispatch.driver import Conversation, Transports
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.asking import Incoming, Unserved, ask_for
from reconciler.gateway.endpoints.http import Current, new_request_id, not_ready, own_headers
from reconciler.gateway.endpoints.reading import RawHeaders, content_type
from reconciler.gateway.telemetry import Served, Telemetry, served
from reconciler.listener.hot import Reply
from reconciler.protocol.errors import InvalidRequest, OpenAIError, internal, payload_too_large
from reconciler.provider_types.endpoints import ENDPOINTS, EndpointRow
from reconciler.snapshot.model import Snapshot

log = logging.getLogger(__name__)


def services(
    registry: Current, transports: Transports, telemetry: Telemetry, memory: Memory
) -> "dict[str, Inference]":
    """An endpoint for each row of the table, by its path."""
    alarms = Alarms()
    return {
        row.path: Inference(row, registry, transports, telemetry, memory, alarms)
        for row in ENDPOINTS.values()
    }


class Inference:
    """The endpoint of one row. Of the client's headers those go on that the row names; all others end here."""

    def __init__(
        self,
        row: EndpointRow,
        registry: Current,
        transports: Transports,
        telemetry: Telemetry,
        memory: Memory,
        alarms: Alarms,
    ) -> None:
        self.row = row
        self.registry = registry
        self.transports = transports
        self.telemetry = telemetry
        self.memory = memory
        self.alarms = alarms

    def begin(self, headers: RawHeaders, reply: Reply) -> "Request":
        self.telemetry.began()
        request = Request(self, headers, reply)
        request.begin()
        return request


class Request:
    """One request, answered and counted once, however it ends. Nothing that it is told raises."""

    __slots__ = (
        "_content_type",
        "_counted",
        "_endpoint",
        "_headers",
        "_id",
        "_model",
        "_reply",
        "_snapshot",
        "_started",
        "_talk",
    )

    def __init__(self, endpoint: Inference, headers: RawHeaders, reply: Reply) -> None:
        self._endpoint = endpoint
        self._headers = headers
        self._reply = reply
        self._snapshot: Snapshot | None = None
        self._id = new_request_id()
        self._started = asyncio.get_running_loop().time()
        self._model: str | None = None
        self._content_type = ""
        self._talk: Conversation | None = None
        self._counted = False

    # --- from the connection --------------------------------------------------------------------------------

    def begin(self) -> None:
        try:
            self._snapshot = self._endpoint.registry.current
            if self._snapshot is None:
                self._refuse(not_ready())
            else:
                self._content_type = content_type(self._endpoint.row, self._headers)
        except InvalidRequest as invalid:
            self._refuse(invalid.error)
        except Exception as error:  # noqa: BLE001  the connection is no place for it
            self.bug(error)

    def body(self, raw: bytes) -> None:
        snapshot, endpoint = self._snapshot, self._endpoint
        if snapshot is None:
            return
        try:
            incoming = Incoming(self._id, self._headers, self._content_type, raw)
            asked = ask_for(incoming, endpoint.row, snapshot, endpoint.memory)
            self._model = asked.model
            if isinstance(asked, Unserved):
                self._refuse(asked.error)
                return
            self._talk = talk = Conversation(
                asked.ask, endpoint.transports, endpoint.alarms, self._reply, self
            )
        except InvalidRequest as invalid:
            self._refuse(invalid.error)
        except Exception as error:  # noqa: BLE001  the connection is no place for it
            self.bug(error)
        else:
            talk.start()

    def too_large(self, limit: int) -> None:
        self._refuse(payload_too_large(limit))

    def gone(self) -> None:
        if self._talk is None:
            self._count_own(CLIENT_GONE, Ending.GONE)
        else:
            self._talk.gone()

    def blocked(self) -> None:
        if self._talk is not None:
            self._talk.blocked()

    def writable(self) -> None:
        if self._talk is not None:
            self._talk.writable()

    # --- from the conversation ------------------------------------------------------------------------------

    def over(self, outcome: Outcome) -> None:
        self._count(served(self._id, self._endpoint.row.label, self._model or "", outcome))

    def bug(self, error: Exception) -> None:
        self._count_own(500)
        log.error("request %s ended with a bug", self._id, exc_info=error)
        if self._reply.began:
            self._reply.abort()
        else:
            self._answer(internal())

    # --- what becomes of it ---------------------------------------------------------------------------------

    def _refuse(self, error: OpenAIError) -> None:
        """Nobody was tried."""
        self._count_own(error.status)
        self._answer(error)

    def _answer(self, error: OpenAIError) -> None:
        headers = (*error.response_headers(), *own_headers(self._id, self._snapshot))
        self._reply.answer(error.status, headers, self._endpoint.row.errors.body(error))

    def _count_own(self, status: int, ending: Ending = Ending.REFUSED) -> None:
        """Where the machine tells no outcome."""
        seconds = asyncio.get_running_loop().time() - self._started
        revision = None if self._snapshot is None else self._snapshot.revision
        label = self._endpoint.row.label
        self._count(Served(self._id, label, self._model, None, status, ending.value, revision, seconds))

    def _count(self, request: Served) -> None:
        if not self._counted:
            self._counted = True
            self._talk = None  # it holds this object in turn
            self._endpoint.telemetry.ended()
            self._endpoint.telemetry.count(request)
