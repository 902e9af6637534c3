"""/v1/models and /v1/models/{id}: what a client may ask for, aliases included. Wildcards have no id of their own."""

from starlette.requests import Request
from starlette.responses import Response

from reconciler.gateway.endpoints.access import client_of
from reconciler.gateway.endpoints.http import (
    Current,
    error_response,
    json_response,
    new_request_id,
    not_ready,
    own_headers,
)
from reconciler.gateway.routing.router import find_model
from reconciler.json_types import JsonObject
from reconciler.protocol.errors import model_not_found
from reconciler.snapshot.model import ServedModel

OWNER = "routerctl"


class Models:
    def __init__(self, registry: Current) -> None:
        self._registry = registry

    async def list(self, request: Request) -> Response:
        snapshot = self._registry.current
        headers = own_headers(new_request_id(), snapshot)
        if snapshot is None:
            return error_response(not_ready(), headers)
        client = client_of(request.scope)
        models = snapshot.space_of(client).models
        listed = [
            described(name, models[name])
            for name in sorted(models)
            if client is None or client.may_use(models[name].name, name)
        ]
        return json_response({"object": "list", "data": [*listed]}, headers)

    async def retrieve(self, request: Request) -> Response:
        """The id may hold slashes, raw or percent-encoded: ASGI's path has both alike."""
        snapshot = self._registry.current
        headers = own_headers(new_request_id(), snapshot)
        if snapshot is None:
            return error_response(not_ready(), headers)
        asked: str = request.path_params["id"]
        client = client_of(request.scope)
        found = find_model(snapshot.space_of(client), asked)
        if found is None or (client is not None and not client.may_use(found[0].name, asked)):
            return error_response(model_not_found(asked), headers)
        return json_response(described(asked, found[0]), headers)


def described(name: str, model: ServedModel) -> JsonObject:
    """In OpenAI's shape, with the card's texts and figures beside it. `owned_by` names who is asked first."""
    owner = model.candidates[0].provider if model.candidates else OWNER
    return {**model.card, "id": name, "object": "model", "created": model.created, "owned_by": owner}
