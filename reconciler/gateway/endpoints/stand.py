"""What all requests of one endpoint share, and who of them is let in."""

from dataclasses import dataclass

from reconciler.gateway.dispatch.conversation import Conversations
from reconciler.gateway.endpoints.authentication import credential_of, why_refused
from reconciler.gateway.endpoints.http import Current
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.telemetry import Telemetry
from reconciler.listener.hot import Fields
from reconciler.protocol.errors import InvalidRequest, keys_required
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.snapshot.clients import Clients, Credential


@dataclass(frozen=True, slots=True)
class Stand:
    """`closed`: nobody is answered without a key, since others can reach the listener."""

    row: EndpointRow
    registry: Current
    telemetry: Telemetry
    conversations: Conversations
    under_way: UnderWay
    closed: bool = False

    def let_in(self, fields: Fields, clients: Clients) -> Credential | None:
        """The key that came with a request; None where none is asked for. Raises InvalidRequest for who is not let in."""
        if clients.required:
            credential = credential_of(fields, clients.credentials)
            if credential is None:
                raise InvalidRequest(why_refused(fields))
            return credential
        if self.closed:
            raise InvalidRequest(keys_required())
        return None
