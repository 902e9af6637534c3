"""One request at an endpoint, from its head to its place in the books."""

import logging

from reconciler.gateway.dispatch.outcome import CLIENT_GONE, Ending, Outcome
from reconciler.gateway.dispatch.ports import Talk
from reconciler.gateway.endpoints.asking import Incoming, Unserved, ask_for
from reconciler.gateway.endpoints.heading import Heading
from reconciler.gateway.endpoints.http import new_request_id, not_ready, own_headers
from reconciler.gateway.endpoints.stand import Stand
from reconciler.gateway.tape import Tape
from reconciler.gateway.telemetry import OPENING
from reconciler.listener.hot import Reply
from reconciler.protocol.errors import (
    InvalidRequest,
    OpenAIError,
    internal,
    key_revoked,
    payload_too_large,
    request_timeout,
)
from reconciler.snapshot.clients import Credential
from reconciler.snapshot.model import Snapshot

log = logging.getLogger(__name__)


class Request:
    """Answered and counted once, however it ends. Nothing that it is told raises.

    Of the client's headers those go on that the row names; all others end here.
    """

    _snapshot: Snapshot | None = None
    _model: str | None = None
    _asked: str | None = None
    _stream = False
    _content_type = ""
    _tape: Tape | None = None
    _opening: bytes | None = None
    _counted = False
    credential: Credential | None = None

    def __init__(self, stand: Stand, heading: Heading, reply: Reply) -> None:
        self._stand = stand
        self._heading = heading
        self._reply = reply
        self._talk: Talk | None = None
        self._id = new_request_id()
        self._began = stand.conversations.alarms.now()

    # --- from the connection --------------------------------------------------------------------------------

    def begin(self) -> None:
        try:
            stand, heading = self._stand, self._heading
            self._snapshot = snapshot = stand.registry.current
            if snapshot is None:
                self._refuse(not_ready())
                return
            self.credential = credential = heading.let_in(stand, snapshot.clients)
            if credential is not None:
                stand.under_way.add(self, credential.until)
            self._content_type = heading.content_type()
        except InvalidRequest as invalid:
            self._refuse(invalid.error)
        except Exception as error:  # noqa: BLE001  the connection is no place for it
            self.bug(error)

    def body(self, raw: bytes) -> None:
        snapshot, stand = self._snapshot, self._stand
        if snapshot is None:
            return
        try:
            self._began = began = (
                stand.conversations.alarms.now()
            )  # a slow client's time is not the gateway's
            heading = self._heading
            session = heading.session
            credential = self.credential
            caller = None
            if credential is not None:
                caller = credential.client
                if session is None:
                    self._opening = raw if len(raw) <= OPENING else raw[:OPENING]
            incoming = Incoming(self._id, heading, self._content_type, raw, began, caller)
            asked = ask_for(incoming, stand.row, snapshot, stand.conversations.memory)
            self._model = asked.model
            if isinstance(asked, Unserved):
                self._refuse(asked.error)
                return
            ask, client = asked.ask, self._reply
            ask.session = session
            self._asked, self._stream = ask.body.model, ask.body.stream
            tape = stand.telemetry.attend(client, raw, heading.fields, snapshot.recording.body_bytes)
            if tape is not None:
                self._tape = tape
                if tape.trace is not None:
                    ask.headers = (*ask.headers, *tape.trace.headers)
            self._talk = talk = stand.conversations.begin(ask, client if tape is None else tape, self)
        except InvalidRequest as invalid:
            self._refuse(invalid.error)
        except Exception as error:  # noqa: BLE001  the connection is no place for it
            self.bug(error)
        else:
            talk.start(began)

    def too_large(self, limit: int) -> None:
        self._refuse(payload_too_large(limit))

    def too_slow(self, seconds: float) -> None:
        self._refuse(request_timeout(seconds))

    def gone(self) -> None:
        if self._talk is None:
            self._count_own(CLIENT_GONE, Ending.GONE)
        else:
            self._talk.gone()

    def revoked(self) -> None:
        """Its key is accepted no more."""
        if self._counted:
            return
        try:
            if self._talk is not None:
                self._talk.revoked()
            else:
                self._snapshot = None  # its body is not read any more
                self._refuse(key_revoked())
        except Exception as error:  # noqa: BLE001  who publishes a snapshot is no place for it
            self.bug(error)

    def blocked(self) -> None:
        if self._talk is not None:
            self._talk.blocked()

    def writable(self) -> None:
        if self._talk is not None:
            self._talk.writable()

    # --- from the conversation ------------------------------------------------------------------------------

    def over(self, outcome: Outcome) -> None:
        if self._counted:
            return
        self._counted = True
        self._talk = None  # it holds this object in turn
        credential = self.credential
        if credential is not None:
            self._stand.under_way.discard(self)
        telemetry = self._stand.telemetry
        telemetry.ended()
        telemetry.over(
            self._id,
            self._stand.row.label,
            self._model,
            outcome,
            self._asked,
            stream=self._stream,
            session=self._heading.session,
            tape=self._tape,
            caller=None if credential is None else credential.client,
            opening=self._opening,
        )

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
        self._reply.answer(error.status, headers, self._stand.row.errors.body(error))

    def _count_own(self, status: int, ending: Ending = Ending.REFUSED) -> None:
        """Where the machine tells no outcome."""
        seconds = self._stand.conversations.alarms.now() - self._began
        revision = 0 if self._snapshot is None else self._snapshot.revision
        self.over(Outcome(status, ending, (), None, revision, seconds))
