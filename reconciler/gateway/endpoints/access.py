"""Who asks, of a request that goes through ASGI: the check of its declared route, and where it leaves what it found."""

from starlette.types import Scope

from reconciler.gateway.endpoints.authentication import credential_of, why_refused
from reconciler.gateway.endpoints.http import Current
from reconciler.listener.access import Access, AccessRefused
from reconciler.listener.guard import Verdict
from reconciler.listener.head import joined
from reconciler.protocol.errors import OpenAIError, keys_required
from reconciler.snapshot.clients import Client

_CLIENT = "routerctl.client"


class CallerCheck:
    """As `listener.access.Check`: what needs a key is refused without one, wherever keys are asked for.

    `closed`: nobody is answered without keys, since others can reach the listener.
    """

    def __init__(self, registry: Current, *, closed: bool = False) -> None:
        self._registry = registry
        self._closed = closed

    async def __call__(self, scope: Scope, access: Access) -> None:
        """Raises AccessRefused."""
        if access is Access.OPEN:
            return
        snapshot = self._registry.current
        if snapshot is None:
            return  # whoever is asked says so
        if snapshot.clients.required:
            fields = joined(scope["headers"])
            credential = credential_of(fields, snapshot.clients.credentials)
            if credential is None:
                raise _refused(why_refused(fields))
            scope[_CLIENT] = credential.client
        elif self._closed:
            raise _refused(keys_required())


def client_of(scope: Scope) -> Client | None:
    """Whose key came with a request that was let in; None where none is asked for."""
    client = scope.get(_CLIENT)
    return client if isinstance(client, Client) else None


def _refused(error: OpenAIError) -> AccessRefused:
    challenge = dict(error.headers).get("www-authenticate")
    return AccessRefused(Verdict(error.status, error.code or "", error.message), challenge)
