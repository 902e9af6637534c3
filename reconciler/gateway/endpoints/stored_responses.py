"""/v1/responses/{id} and below: what the gateway can't route, said plainly.

Responses are kept by the provider that wrote them. Their ids don't tell which one that was, the gateway writes nothing
down, and asking every provider in turn would show one provider's ids to all others.
"""

from starlette.requests import Request
from starlette.responses import Response

from reconciler.gateway.endpoints.http import Current, error_response, new_request_id, own_headers
from reconciler.protocol.errors import response_not_kept


class StoredResponses:
    def __init__(self, registry: Current) -> None:
        self._registry = registry

    async def refuse(self, request: Request) -> Response:
        headers = own_headers(new_request_id(), self._registry.current)
        return error_response(response_not_kept(request.path_params["id"]), headers)
