"""/healthz: the process runs. /readyz: it has a snapshot to serve."""

from starlette.requests import Request
from starlette.responses import Response

from reconciler.gateway.endpoints.http import Current, json_response


class Health:
    def __init__(self, registry: Current) -> None:
        self._registry = registry

    async def healthz(self, _: Request) -> Response:
        return json_response({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        snapshot = self._registry.current
        if snapshot is None:
            return json_response({"status": "no configuration yet"}, status=503)
        revision = ("x-routerctl-revision", str(snapshot.revision))
        return json_response({"status": "ok", "revision": snapshot.revision}, (revision,))
