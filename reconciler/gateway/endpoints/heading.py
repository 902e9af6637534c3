"""What one head says to an endpoint, read once for all requests that bear it: a client sends the same one over and over."""

from math import inf
from time import time
from typing import Final

from reconciler.gateway.endpoints.http import Headers
from reconciler.gateway.endpoints.reading import content_type, passed
from reconciler.gateway.endpoints.stand import Stand
from reconciler.gateway.telemetry import SESSION
from reconciler.listener.hot import Fields
from reconciler.protocol.body import Body
from reconciler.protocol.multipart import MultipartBody
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.snapshot.clients import Clients, Credential

TRACE_HEADER = "x-routerctl-trace"
_TRACE: Final = TRACE_HEADER.encode()
_WISHED: Final = frozenset({b"true", b"1"})
_NEVER: Final = inf


class Heading:
    """Nothing of it follows from a snapshot but whose key is in it, which is looked up in each request's own.

    What is remembered of the key is that it was compared with this very credential: a digest of the same bytes is not made
    again. That is no more than `fields` hold, where the key itself stands, and no longer; a credential that was revoked
    or changed is not found any more, and the key is compared anew.

    `wishes_trace`: whether who sends it asks how requests are routed.
    """

    def __init__(self, row: EndpointRow, fields: Fields) -> None:
        self.fields = fields
        self.session = fields.get(SESSION)
        self.wishes_trace = fields.get(_TRACE) in _WISHED
        self._row = row
        self._compared: Credential | None = None
        self._content_type: str | None = None
        self._passed: Headers | None = None

    def let_in(self, stand: Stand, clients: Clients) -> Credential | None:
        """As `Stand.let_in`."""
        compared = self._compared
        if (
            compared is not None
            and clients.required
            and clients.credentials.get(compared.id) is compared
            and (compared.until == _NEVER or time() < compared.until)
        ):
            return compared
        found = self._compared = stand.let_in(self.fields, clients)
        return found

    def content_type(self) -> str:
        """As `reading.content_type`."""
        given = self._content_type
        if given is None:
            given = self._content_type = content_type(self._row, self.fields)
        return given

    def passed(self, body: Body) -> Headers:
        """As `reading.passed`. Its media type says whether bodies of this head are multipart ones: all are, or none."""
        headers = self._passed
        if headers is None:
            headers = passed(self._row, self.fields, body)
            if not isinstance(body, MultipartBody):  # whose own header goes with it
                self._passed = headers
        return headers
