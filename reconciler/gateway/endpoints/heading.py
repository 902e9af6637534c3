"""What one head says to an endpoint, read once for all requests that bear it: a client sends the same one over and over."""

from math import inf
from time import time
from typing import Final

from reconciler.gateway.endpoints.asking import wishes_trace
from reconciler.gateway.endpoints.reading import content_type
from reconciler.gateway.endpoints.stand import Stand
from reconciler.gateway.telemetry import SESSION
from reconciler.listener.hot import Fields
from reconciler.snapshot.clients import Clients, Credential

_NEVER: Final = inf


class Heading:
    """Nothing of it follows from a snapshot but whose key is in it, which is looked up in each request's own.

    What is remembered of the key is that it was compared with this very credential: a digest of the same bytes is not made
    again. That is no more than `fields` hold, where the key itself stands, and no longer; a credential that was revoked
    or changed is not found any more, and the key is compared anew.
    """

    def __init__(self, stand: Stand, fields: Fields) -> None:
        self.stand = stand
        self.fields = fields
        self.session = fields.get(SESSION)
        self.wishes_trace = wishes_trace(fields)
        self._compared: Credential | None = None
        self._content_type: str | None = None

    def let_in(self, clients: Clients) -> Credential | None:
        """As `Stand.let_in`."""
        compared = self._compared
        if (
            compared is not None
            and clients.required
            and clients.credentials.get(compared.id) is compared
            and (compared.until == _NEVER or time() < compared.until)
        ):
            return compared
        found = self._compared = self.stand.let_in(self.fields, clients)
        return found

    def content_type(self) -> str:
        """As `reading.content_type`."""
        given = self._content_type
        if given is None:
            given = self._content_type = content_type(self.stand.row, self.fields)
        return given
