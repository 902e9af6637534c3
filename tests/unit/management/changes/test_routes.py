from contextlib import nullcontext
from pathlib import Path

from fakes.api import api

from reconciler.listener.access import Access
from reconciler.management.changes.routes import routes
from reconciler.management.rest.calls import Desk


def test_who_may_use_them(tmp_path: Path) -> None:
    async def check(*_: object) -> None:
        raise NotImplementedError

    with api(tmp_path) as asked:
        found = {
            (route.declared[0], route.path): route.access
            for route in routes(Desk(asked.ports.stores, check), asked.ports.writes, nullcontext)
        }
    assert {path for (_, path), access in found.items() if access is Access.VIEWER} == {
        "/v1/diff",
        "/v1/plans",
        "/v1/objects",
        "/v1/rollback",
        "/v1/adopt",
    }
    assert all(access is Access.ADMIN for (_, path), access in found.items() if "tokens" in path)
    assert found["POST", "/v1/apply"] is Access.OPERATOR
