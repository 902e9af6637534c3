from pathlib import Path

import pytest
from fakes.api import api
from fakes.command import manifest

from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.upkeep import routes as upkeep
from reconciler.management.upkeep.turns import Turns
from scripts.reference.openapi import management_routes

READS = ("GET",)


def test_each_route_is_declared_once_and_writes_need_a_role() -> None:
    routes = management_routes()
    assert all(isinstance(route, DeclaredRoute) for route in routes)
    pairs = [(method, route.path) for route in routes for method in route.declared]
    assert len(set(pairs)) == len(pairs) > 60
    names = [route.operation.name for route in routes]
    assert len(set(names)) == len(names)
    api = [route for route in routes if route.path.startswith("/v1/")]
    assert all(route.access in {Access.VIEWER, Access.OPERATOR, Access.ADMIN} for route in api)


def test_imports_take_their_turns_with_what_else_copies_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(1)
    monkeypatch.setattr(upkeep, "few_at_a_time", lambda: turns)
    body = {"manifests": manifest("Model", "m")}
    with api(tmp_path) as asked:
        assert asked.post("/v1/imports", {"manifests": manifest("Model", "a")}).status_code == 200
        with turns.one():
            for path, sent in (("/v1/imports", body), ("/v1/backup", None)):
                refused = asked.post(path, sent)
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
            assert asked.post("/v1/apply", body).status_code == 200
        assert asked.post("/v1/imports", body).status_code == 200
