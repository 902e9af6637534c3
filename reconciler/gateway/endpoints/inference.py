"""All endpoints that a model answers: a body that names the model, answered by one of its candidates."""

from reconciler.gateway.dispatch.conversation import Conversations
from reconciler.gateway.endpoints.heading import Heading
from reconciler.gateway.endpoints.http import Current
from reconciler.gateway.endpoints.request import Request
from reconciler.gateway.endpoints.stand import Stand
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.telemetry import Telemetry
from reconciler.listener.access import Access
from reconciler.listener.hot import Fields, Reply
from reconciler.provider_types.endpoints import ENDPOINTS


def services(
    registry: Current,
    telemetry: Telemetry,
    conversations: Conversations,
    under_way: UnderWay,
    *,
    closed: bool = False,
) -> "dict[str, Inference]":
    """An endpoint for each row of the table, by its path. `closed`: see Stand."""
    return {
        row.path: Inference(Stand(row, registry, telemetry, conversations, under_way, closed))
        for row in ENDPOINTS.values()
    }


class Inference:
    """The endpoint of one row, as the listener knows it."""

    access = Access.CLIENT

    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    def read(self, fields: Fields) -> "Alike":
        return Alike(self._stand, Heading(self._stand.row, fields))


class Alike:
    """The requests of an endpoint that bear one head."""

    def __init__(self, stand: Stand, heading: Heading) -> None:
        self._stand = stand
        self._heading = heading

    def begin(self, reply: Reply) -> Request:
        self._stand.telemetry.began()
        request = Request(self._stand, self._heading, reply)
        request.begin()
        return request
