"""Who gets in: every route of both listeners, however its path and Host are written, with whatever credentials."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx2
import pytest
from fakes.doors import House, bearer
from fakes.loop import on_loop
from fakes.serving import candidate, namespace, served, simulator, snapshot
from fakes.waiting import until
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from reconciler.bootstrap.http_server import http_server
from reconciler.bootstrap.ports import ports_of
from reconciler.gateway.app import DataPlane, data_plane
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.listener.guard import Guard
from reconciler.management.app import build_app
from reconciler.management.status import Status, status
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.resources.principal import Role
from reconciler.secrets.key_text import mint
from reconciler.snapshot.registry import Registry
from reconciler.store.counters import Counters
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation


class Facts:
    def status(self) -> Status:
        return status("sqlite:///s.db", None, (), (), (), 2.0)

    def counters(self) -> Counters:
        return {}

    def not_ready(self) -> str | None:
        return None


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "store.db")
    with closing(house.reader):
        yield house


def app_of(house: House) -> ASGIApp:
    """All of the management listener, the API included."""
    records = house.path.with_name("records.db")
    ports = ports_of(StoreLocation(house.path, records), {}, Observations(records), house.clock)
    return build_app(Facts(), house.door, ports=ports)


def plane() -> DataPlane:
    registry = Registry()
    registry.publish(snapshot(namespace(served("m", candidate(simulator("sim", text="ok"))))))
    return data_plane(registry, TransportPool(), Telemetry())


def routes_of(app: ASGIApp) -> list[BaseRoute]:
    assert isinstance(app, Guard)
    found: list[BaseRoute] = list(app._app.routes)  # type: ignore[attr-defined]  # Starlette's
    return found


# --- every route declares its access -------------------------------------------------------------------------


def test_every_route_of_every_app_declares_its_access(house: House) -> None:
    served_by = [*routes_of(app_of(house)), *routes_of(plane().app)]
    assert len(served_by) >= 14
    undeclared = [route for route in served_by if not isinstance(route, DeclaredRoute)]
    assert undeclared == []


def test_so_does_every_endpoint_that_is_served_without_asgi() -> None:
    services = plane().hot.services
    assert set(services) == {row.path for row in ENDPOINTS.values()}
    assert {path: service.access for path, service in services.items()} == dict.fromkeys(
        services, Access.CLIENT
    )


def test_what_is_open_can_be_counted(house: House) -> None:
    """One that is added here has to be argued for."""

    def declared(app: ASGIApp) -> dict[str, Access]:
        return {route.path: route.access for route in routes_of(app) if isinstance(route, DeclaredRoute)}

    management, data = declared(app_of(house)), declared(plane().app)
    unguarded = {Access.OPEN, Access.SIGNED}
    assert {path for path, access in management.items() if access in unguarded} == {
        "/healthz",
        "/readyz",
        "/hooks/git",
        "/health",  # as /healthz: where the provider router has it
        "/docs",  # says what the documentation says; what it asks for needs a token
        "/docs/page.js",
        "/docs/page.css",
    }
    assert {path for path, access in data.items() if access is not Access.CLIENT} == {"/healthz", "/readyz"}
    assert Access.CLIENT not in management.values()


# --- one verdict, however it is written ----------------------------------------------------------------------


@asynccontextmanager
async def listening(app: ASGIApp, plane: DataPlane | None = None) -> AsyncIterator[int]:
    bound = socket.create_server(("127.0.0.1", 0))
    server = http_server(app, grace_seconds=1, hot=None if plane is None else plane.hot)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    await until(lambda: server.started, "the start of the server")
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def asked(port: int, target: str, *headers: str, method: str = "GET") -> int:
    """The status of a request that is written by hand: clients mend what is odd."""
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {target} HTTP/1.1", *headers, "Connection: close", "", ""]
    writing.write("\r\n".join(lines).encode("latin-1"))
    answer = await reading.read()
    writing.close()
    return int(answer.split(b" ", 2)[1])


HOSTS = [
    ["Host: x/healthz?"], ["Host: localhost/healthz?x="], ["Host: a#b"], ["Host: a b"], ["Host: localhost@evil"],
    ["Host: localhost", "Host: localhost"], [], ["Host: "], ["Host: localhost:8485/healthz"], ["Host: [::1"],
]  # fmt: skip
PATHS = [
    "//status", "/./status", "/healthz/../status", "/healthz/..;/status", "/status;x", "/status;/healthz", "/%73tatus",
    "/status%2f", "/%2fstatus", "/healthz%2f..%2fstatus", "/status%00", "/status%0a", "/status%3f/healthz", "/status/",
    "/status/.", "/STATUS", "/status%23", "http://localhost/status", "http://evil/status", "/status#/healthz", "*",
]  # fmt: skip
LENT = [
    "X-Forwarded-Prefix: /healthz",
    "X-Original-URL: /healthz",
    "X-Rewrite-URL: /healthz",
    "X-Forwarded-For: 127.0.0.1",
]


@on_loop
async def test_no_way_of_writing_it_leads_past_the_door(house: House) -> None:
    minted, _ = house.token()
    key = f"Authorization: Bearer {minted.text}"
    async with listening(app_of(house)) as port:
        assert await asked(port, "/status", "Host: localhost") == 401
        assert await asked(port, "/status", "Host: localhost", key) == 200
        for host in HOSTS:
            assert await asked(port, "/status", *host) in {400, 421}, host
            assert await asked(port, "/status", *host, key) in {400, 421}, host
        for path in PATHS:
            assert await asked(port, path, "Host: localhost") in {400, 401, 404}, path
        for header in LENT:
            assert await asked(port, "/status", "Host: localhost", header) == 401, header
        assert await asked(port, "/healthz", "Host: x/status?") == 200


@on_loop
async def test_nor_into_the_data_plane_by_another_road() -> None:
    """What is hot has the same one reading of a path: none of these is served by it."""
    made = plane()
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    headers = ("Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}")

    async def posted(port: int, path: str) -> int:
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        writing.write(
            "\r\n".join((f"POST {path} HTTP/1.1", *headers, "Connection: close", "", body)).encode()
        )
        answer = await reading.read()
        writing.close()
        return int(answer.split(b" ", 2)[1])

    async with listening(made.app, made) as port:
        assert await posted(port, "/v1/chat/completions") == 200
        assert await posted(port, "/v1/ch%61t/completions?x") == 200
        for path in (
            "//v1/chat/completions", "/v1//chat/completions", "/v1/./chat/completions", "/v1/x/../chat/completions",
            "/v1/chat/completions;x", "/v1/chat%2fcompletions", "/v1%2Fchat/completions", "/v1/chat/completions%00",
        ):  # fmt: skip
            assert await posted(port, path) == 400, path


# --- credentials ---------------------------------------------------------------------------------------------

NOT_TOKENS = [
    "Bearer ' OR '1'='1", "Bearer rt-000000000000-' UNION SELECT", "Bearer " + "a" * 60_000, "Bearer", "", "Basic YTpi",
    "Bearer Bearer xyzzy", "bearer xyzzy", "Bearer \xe4\xf6\xfc", "Bearer " + mint("rt").text,
]  # fmt: skip


@on_loop
async def test_what_is_no_token_is_refused_and_not_repeated(house: House) -> None:
    house.token()
    app = app_of(house)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
        for text in NOT_TOKENS:
            answer = await client.get("/status", headers={b"Authorization": text.encode("latin-1")})
            assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer"), text[:40]
            sent = text.partition(" ")[2]
            assert not sent or sent not in answer.text
        twice = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]
        assert (await client.get("/status", headers=twice)).status_code == 401


@on_loop
async def test_a_key_of_the_data_plane_is_refused_everywhere_on_management(house: House) -> None:
    house.token()
    key = mint("rk").text
    app = app_of(house)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
        for route in routes_of(app):
            assert isinstance(route, DeclaredRoute)
            for headers in ({"Authorization": f"Bearer {key}"}, {"x-api-key": key}):
                sent = {**headers, "content-type": "application/json"}
                path = re.sub(r"\{[^}]*\}", "x", route.path)
                answer = await client.request(route.declared[0], path, headers=sent)
                assert (answer.status_code, answer.json()["code"]) == (403, "data_plane_key"), path
                assert key not in answer.text


@on_loop
async def test_a_revoked_token_is_refused_on_an_open_connection(house: House) -> None:
    minted, token = house.token("ci", Role.ADMIN)
    async with listening(app_of(house)) as port:
        limits = httpx2.Limits(max_connections=1)
        async with httpx2.AsyncClient(
            base_url=f"http://localhost:{port}", limits=limits, trust_env=False
        ) as client:
            headers = dict([bearer(minted.text)])
            assert (await client.get("/status", headers=headers)).status_code == 200
            with closing(house.writer()) as writer:
                writer.revoke_token(token)
            assert (await client.get("/status", headers=headers)).status_code == 401


@on_loop
async def test_no_web_page_borrows_the_machines_own_user(house: House) -> None:
    app = app_of(house)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
        for headers, refused in (
            ({"Origin": "https://evil.example"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Host": "evil.example"}, 421),
            ({"Origin": "null"}, 403),
        ):
            assert (await client.get("/status", headers=headers)).status_code == refused
        plain = {"content-type": "text/plain"}
        assert (await client.post("/hooks/git", content=b"{}", headers=plain)).status_code == 415
        assert (await client.get("/healthz")).headers["x-content-type-options"] == "nosniff"


# --- what is refused is written down -------------------------------------------------------------------------

MODEL = "apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {name: m}\nspec: {contextWindow: 1000}\n"
EGRESS: JsonObject = {"egress": {"allow": [{"network": "10.0.0.0/8"}]}}


def without_egress() -> JsonObject:
    key: JsonObject = {"kind": "Settings", "namespace": "default", "name": "default"}
    wanted: JsonObject = {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Settings",
        "metadata": {"name": "default", "namespace": "default"},
        "spec": {},
    }
    return {"items": [{"key": key, "wanted": wanted}]}


@on_loop
async def test_every_write_that_is_refused_behind_the_door_is_in_the_audit_once(house: House) -> None:
    """With who, from where, what and why; what would have written nothing is not."""
    house.settings(EGRESS)
    texts = {
        name: house.token(name, role, namespaces=namespaces)[0].text
        for name, role, namespaces in (
            ("team", Role.OPERATOR, ["team-a"]),
            ("ops", Role.OPERATOR, None),
            ("lead", Role.ADMIN, ["team-a"]),
            ("eye", Role.VIEWER, None),
        )
    }
    back: JsonObject = {"revision": 0}
    whole: JsonObject = {"name": "x", "role": "admin"}
    model: JsonObject = {"manifests": MODEL}
    asked_for: list[tuple[str, str, str, JsonObject | None, str]] = [
        ("team", "POST", "/v1/rollback", back, "namespace"),
        ("team", "POST", "/v1/apply", model, "namespace default"),
        ("ops", "POST", "/v1/apply?source=github.com/acme/x", model, "may not manage fields as"),
        ("ops", "POST", "/v1/objects", without_egress(), "egress"),
        ("ops", "DELETE", "/v1/resources/settings/default/default", None, "egress"),
        ("ops", "POST", "/v1/rollback", back, "egress"),
        ("lead", "POST", "/v1/tokens", whole, "namespaces"),
        ("lead", "POST", "/v1/backup", {}, "namespaces"),
        ("eye", "POST", "/v1/rollback", back, "operator"),
    ]
    rehearsed: list[tuple[str, str, str, JsonObject | None]] = [
        ("team", "POST", "/v1/diff", model),
        ("team", "POST", "/v1/plans", model),
        ("team", "POST", "/v1/apply?dryRun=true", model),
        ("team", "POST", "/v1/rollback", {**back, "dryRun": True}),
        ("team", "POST", "/v1/objects", {**without_egress(), "dryRun": True}),
        ("team", "GET", "/status", None),
    ]
    app, head = app_of(house), house.reader.head()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:

        async def refused(name: str, method: str, path: str, body: JsonObject | None) -> str:
            answer = await client.request(method, path, json=body, headers=dict([bearer(texts[name])]))
            assert answer.status_code == 403, (name, path, answer.text)
            return str(answer.json()["detail"])

        for name, method, path, body, why in asked_for:
            detail = await refused(name, method, path, body)
            who, deed = house.noted.pop()
            assert house.noted == [], path
            assert (who, deed.operation, deed.target) == (f"token:{name}", method, path.partition("?")[0])
            assert deed.outcome.startswith("refused: 403 forbidden: "), path
            assert why in deed.outcome, path
            assert detail.splitlines()[0] in deed.outcome, path
        for name, method, path, body in rehearsed:
            await refused(name, method, path, body)
            assert house.noted == [], path
    assert house.reader.head() == head
