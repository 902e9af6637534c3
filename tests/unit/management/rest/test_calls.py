import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from fakes.api import Asked, RoleDoor, api
from starlette.applications import Starlette

from reconciler.errors import NotFound
from reconciler.listener.access import Access, Operation
from reconciler.management import failures
from reconciler.management.rest import parameters
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import OF_VIEWERS, Call, Desk
from reconciler.resources.principal import Principal, Role

OPERATION = Operation("thing", "A thing.", takes=("application/json",), parameters=parameters.WRITING)


@dataclass
class Handled:
    asked: Asked
    calls: int = 0
    missing: bool = False

    def __call__(self, call: Call) -> Answer:
        self.calls += 1
        if self.missing:
            raise NotFound("no such thing", hint="make it")
        return Answer({"who": call.who.name, "sent": call.json}, revision=self.asked.reader.head())

    def ask(self, method: str = "POST", query: str = "", **headers: str) -> httpx2.Response:
        door = RoleDoor(Principal("token:ada", Role.ADMIN))
        desk = Desk(self.asked.ports.stores, door.check)
        routes = [
            desk.write("POST", "/x", self, OPERATION),
            desk.read("/x", lambda _: Answer({"read": True}), Operation("y", "Y.")),
        ]
        assert [route.access for route in routes] == [Access.OPERATOR, Access.VIEWER]

        async def whole() -> httpx2.Response:
            app = Starlette(routes=routes)
            failures.handle(app, door.note)
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                sent = {
                    "content-type": "application/json",
                    **{k.replace("_", "-"): v for k, v in headers.items()},
                }
                return await client.request(method, f"/x{query}", content=b'{"a": 1}', headers=sent)

        return asyncio.run(whole())


@pytest.fixture
def handled(tmp_path: Path) -> Iterator[Handled]:
    with api(tmp_path) as asked:
        yield Handled(asked)


def test_a_handler_is_asked(handled: Handled) -> None:
    assert handled.ask().json() == {"who": "token:ada", "sent": {"a": 1}, "revision": 0}
    assert handled.ask("GET").json() == {"read": True}
    handled.missing = True
    missing = handled.ask()
    assert missing.status_code == 404
    assert missing.json()["hint"] == "make it"
    for answer in (handled.ask(query="?x=1"), handled.ask(query="?timeout=x"), handled.ask("GET", "?x=1")):
        assert answer.status_code == 400
    assert handled.ask(content_type="text/plain").status_code == 415


def test_what_a_viewer_asks_is_not_kept(tmp_path: Path) -> None:
    """It writes nothing, and could only crowd out what others may have to ask again."""
    with api(tmp_path) as asked:
        body = {"items": [{"key": {"kind": "Model", "namespace": "default", "name": "m"}, "wanted": {}}]}
        for _ in range(2):
            found = asked.viewer.post("/v1/objects", {**body, "dryRun": True}, idempotency_key="k")
            assert "x-routerctl-replayed" not in found.headers
        with asked.observations.writing() as connection:
            assert connection.execute("SELECT count(*) FROM kept_answer").fetchone() == (0,)


def test_large_questions_of_viewers_come_a_few_at_a_time(tmp_path: Path) -> None:
    """Else two dozen of them take all threads, the door's as well."""
    with api(tmp_path) as asked:
        running, most, let = 0, 0, threading.Event()

        def slow(_: Call) -> Answer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == OF_VIEWERS:
                let.set()
            let.wait(10)
            running -= 1
            return Answer({})

        desk = Desk(asked.ports.stores, RoleDoor(Principal("token:eve", Role.VIEWER)).check)
        app = Starlette(routes=[desk.write("POST", "/x", slow, OPERATION, Access.VIEWER)])

        async def whole() -> list[int]:
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                json = {"content-type": "application/json"}
                every = (client.post("/x", content=b"{}", headers=json) for _ in range(9))
                return [answer.status_code for answer in await asyncio.gather(*every)]

        assert asyncio.run(whole()) == [200] * 9
        assert most == OF_VIEWERS


def test_it_is_asked_once_for_one_key(handled: Handled) -> None:
    handled.missing = True
    assert handled.ask(idempotency_key="k").status_code == 404
    handled.missing = False
    first, second = handled.ask(idempotency_key="k"), handled.ask(idempotency_key="k")
    assert first.json() == second.json()
    assert second.headers["x-routerctl-replayed"] == "true"
    assert handled.calls == 2
    assert handled.ask(query="?dryRun=false", idempotency_key="k").status_code == 422
    assert handled.ask(idempotency_key="\t").status_code == 400


def test_waiting_until_it_is_served(handled: Handled) -> None:
    nobody = handled.ask(query="?wait=true")
    assert (nobody.status_code, nobody.json()["code"], nobody.json()["revision"]) == (503, "unreachable", 0)
    assert nobody.headers["content-type"] == "application/problem+json"
    assert nobody.headers["x-routerctl-revision"] == "0"
    handled.asked.serve(0)
    assert handled.ask(query="?wait=true").status_code == 200
    handled.asked.serve(0, refused={"Provider/p": "no key"})
    refused = handled.ask(query="?wait=true")
    assert (refused.status_code, refused.json()["code"]) == (503, "worker_refused")
    handled.asked.serve(-1)
    late = handled.ask(query="?wait=true&timeout=30ms")
    assert (late.status_code, late.json()["code"]) == (504, "timed_out")


def test_who_waits_is_told_of_the_namespaces_that_they_see(tmp_path: Path) -> None:
    """What another namespace's providers lack is neither told nor waited for; whoever sees them is told, also of old troubles."""
    ours, theirs = "Provider/team/q", "Provider/p2"
    with api(tmp_path) as asked:
        team = asked.as_(Role.ADMIN, namespaces=frozenset({"team"}))
        asked.serve(9, refused={theirs: "http://10.0.0.7:80 is not allowed: add a line"})
        made = team.post("/v1/models?wait=true&namespace=team", {"id": "tm"})
        assert (made.status_code, asked.reader.head()) == (201, 1)
        told = asked.post("/v1/models?wait=true", {"id": "m"})
        assert (told.status_code, told.json()["code"], theirs in told.text) == (503, "worker_refused", True)
        asked.serve(9, refused={theirs: "the variable A is not set", ours: "the variable B is not set"})
        own = team.post("/v1/models?wait=true&namespace=team", {"id": "tn"})
        assert (own.status_code, own.json()["code"]) == (503, "worker_refused")
        assert (ours in own.text, "variable B" in own.text) == (True, True)
        assert (theirs in own.text, "variable A" in own.text) == (False, False)
