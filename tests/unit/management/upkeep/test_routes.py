"""What is told is compared with the commands' own by tests/behaviour/both_ways."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from fakes.api import Asked, RoleDoor, api
from fakes.command import manifest
from starlette.applications import Starlette

from reconciler.management import failures
from reconciler.management.rest.calls import Desk
from reconciler.management.upkeep.routes import routes
from reconciler.management.upkeep.turns import Turns
from reconciler.resources.principal import Role

PATHS = (
    "/v1/backup",
    "/v1/history/prune",
    "/v1/doctor",
    "/v1/secrets/audit",
    "/v1/encryption-key/rotate",
    "/v1/encryption-key/drop-old",
)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as made:
        yield made


def test_a_copy_is_a_store(asked: Asked, tmp_path: Path) -> None:
    asked.post("/v1/apply", {"manifests": manifest("Model", "m")})
    sent = asked.post("/v1/backup")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "application/vnd.sqlite3")
    assert (sent.headers["x-routerctl-revision"], sent.headers["cache-control"]) == ("1", "no-store")
    assert sent.headers["x-routerctl-key-place"].startswith("the%20file%20/")
    assert int(sent.headers["content-length"]) == len(sent.content)
    file = tmp_path / "copy.db"
    file.write_bytes(sent.content)
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT max(number) FROM revision").fetchone() == (1,)
    last = asked.reader.select("SELECT principal, operation, target FROM audit ORDER BY number DESC LIMIT 1")
    assert [tuple(row) for row in last] == [("token:ada", "backup", "revision 1")]


def test_old_contents_go_when_it_is_said_which(asked: Asked) -> None:
    for priority in (1, 2, 3):
        asked.post(
            "/v1/apply", {"manifests": manifest("Provider", "p", {"type": "simulator", "priority": priority})}
        )
    for keep in ({}, {"revisions": 0}, {"since": "x"}, None):
        assert asked.post("/v1/history/prune", {"keep": keep}).status_code == 422
    assert asked.post("/v1/history/prune", {}).status_code == 422
    would = asked.post("/v1/history/prune", {"keep": {"revisions": 1}, "dryRun": True})
    assert would.json() == {"pruned": {"head": 3, "compacted": 2, "versions": 1, "sealedValues": 0}}
    assert asked.reader.compacted() == 0
    assert asked.post("/v1/history/prune", {"keep": {"revisions": 1}}).json()["pruned"]["versions"] == 1
    assert asked.reader.compacted() == 2


def test_what_is_found_is_told(asked: Asked) -> None:
    found = asked.post("/v1/doctor", {}).json()["findings"]
    assert {"check": "workers", "level": "warning"}.items() <= found[-1].items()
    assert f"routerctl --db {asked.location.config_path} serve" in found[-1]["todo"]
    assert asked.post("/v1/doctor", {"online": "yes"}).status_code == 422
    assert asked.post("/v1/secrets/audit").json() == {"searched": {"secrets": 0}}
    assert asked.post("/v1/encryption-key/rotate").status_code == 503
    assert asked.post("/v1/encryption-key/drop-old", {}).status_code == 503
    secret = manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}})
    asked.post("/v1/apply", {"manifests": secret})
    rotated = asked.post("/v1/encryption-key/rotate").json()["rotated"]
    assert (rotated["written"], rotated["older"]) == (1, True)
    dropped = asked.post("/v1/encryption-key/drop-old", {"dryRun": True}).json()["dropped"]
    assert dropped["key"] == rotated["key"]
    assert len(dropped["gone"]) == 1


def test_nobody_else_is_told_anything(asked: Asked) -> None:
    before = [*asked.reader.select("SELECT count(*) FROM audit")]
    limited = asked.as_(Role.ADMIN, namespaces=frozenset({"default"}))
    for path in PATHS:
        assert asked.nobody.post(path, {}).status_code == 401, path
        for who in (asked.viewer, asked.operator, limited):
            refused = who.post(path, {"keep": {"revisions": 1}} if "prune" in path else {})
            assert refused.status_code == 403, path
            assert str(asked.location.config_path.parent) not in refused.text
        assert asked.get(path).status_code == 405
    assert [*asked.reader.select("SELECT count(*) FROM audit")] == before


def test_who_is_one_too_many_comes_again(asked: Asked) -> None:
    turns = Turns(1)
    turns.enter()
    door = RoleDoor(asked.who)
    declared = routes(Desk(asked.ports.stores, door.check), asked.ports.keepers, door.check, turns)

    async def ask() -> list[httpx2.Response]:

        app = Starlette(routes=declared)
        failures.handle(app, door.note)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            headers = {"content-type": "application/json"}
            return [
                await client.post(path, content=json.dumps({"keep": {"revisions": 1}} if "prune" in path else {}), headers=headers)
                for path in PATHS
            ]  # fmt: skip

    for refused in asyncio.run(ask()):
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        assert "under way" in refused.json()["detail"]


def test_what_takes_no_body_refuses_one_before_it_does_anything(asked: Asked) -> None:
    asked.post("/v1/apply", {"manifests": manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}})})
    before = [*asked.reader.select("SELECT count(*) FROM audit")]
    for path in ("/v1/backup", "/v1/secrets/audit", "/v1/encryption-key/rotate"):
        assert asked.post(path, {"dryRun": True}).status_code == 422, path
        assert asked.post(path + "?dryRun=true").status_code == 400, path
        assert "no body is taken here" in asked.post(path, []).json()["detail"]
    assert [*asked.reader.select("SELECT count(*) FROM audit")] == before
    assert asked.post("/v1/encryption-key/rotate", {}).status_code == 200
    assert asked.post("/v1/backup", {}).status_code == 200
