"""The OpenAPI documents of both listeners, as the management listener serves them."""

import json
from pathlib import Path

from starlette.types import Scope

from reconciler.bootstrap.ports import ports_of
from reconciler.clock import SystemClock
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.listener.guard import Verdict
from reconciler.management import data_plane, operations
from reconciler.management.app import declared_routes
from reconciler.management.status import Status
from reconciler.resources.principal import Principal
from reconciler.store.counters import Counters
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation

_NOWHERE = Path("/nowhere/routerctl.db")


class _Nobody:
    """Stands where a listener that serves has its facts and its door."""

    def status(self) -> Status:
        raise NotImplementedError

    def counters(self) -> Counters:
        raise NotImplementedError

    def not_ready(self) -> str | None:
        raise NotImplementedError

    async def check(self, scope: Scope, access: Access) -> None:
        raise NotImplementedError

    async def refuse(self, scope: Scope, verdict: Verdict) -> None:
        raise NotImplementedError

    async def note(self, scope: Scope, why: str) -> None:
        raise NotImplementedError

    def holds(self, who: Principal) -> bool:
        raise NotImplementedError


def management_routes() -> list[DeclaredRoute]:
    """All of them, of a store that nobody opens."""
    ports = ports_of(StoreLocation(_NOWHERE, _NOWHERE), {}, Observations(_NOWHERE), SystemClock())
    return declared_routes(_Nobody(), _Nobody(), ports=ports)


def management() -> str:
    return _text(operations.document(management_routes()))


def of_data_plane() -> str:
    return _text(data_plane.document())


def _text(document: JsonObject) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
