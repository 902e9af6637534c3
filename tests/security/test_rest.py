"""The management API under attack: who may not do a thing does not, on no route, however it is asked."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from fakes.api import Asked, NoFacts, api
from fakes.doors import House, bearer

from reconciler.bootstrap.ports import ports_of
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.app import build_app
from reconciler.resources.principal import Role
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation
from scripts.reference.openapi import management_routes

ROUTES = [(method, route) for route in management_routes() for method in route.declared]
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_FILLED = {"{kind}": "model", "{namespace}": "default", "{number}": "1"}


def path_of(route: DeclaredRoute) -> str:
    """With something that is there, in the namespace default, in each place."""
    return re.sub(r"\{[a-z_]+(?::path)?\}", lambda found: _FILLED.get(found[0], "m"), route.path)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with api(tmp_path_factory.mktemp("api")) as asked:
        asked.post("/v1/providers", {"id": "m", "type": "simulator", "config": {"defaultModel": "m"}})
        yield asked


def test_nobody_gets_in_and_a_role_is_enough_or_not(asked: Asked) -> None:
    head = asked.reader.head()
    for method, route in ROUTES:
        path = path_of(route)
        if route.access in {Access.OPEN, Access.SIGNED}:
            continue
        assert asked.nobody.ask(method, path, {} if method in WRITES else None).status_code == 401, path
        if route.access is not Access.VIEWER:
            assert asked.viewer.ask(method, path, {} if method in WRITES else None).status_code == 403, path
        if route.access is Access.ADMIN:
            assert asked.operator.ask(method, path, {} if method in WRITES else None).status_code == 403, path
    assert asked.reader.head() == head


def test_no_route_of_the_seeds_changes_or_shows_another_namespace(asked: Asked) -> None:
    limited, head = asked.as_(Role.ADMIN, namespaces=frozenset({"team"})), asked.reader.head()
    own = re.compile(r"/v1/(providers|models|settings|resources)\b")
    found = [(method, route) for method, route in ROUTES if own.match(route.path)]
    assert len(found) > 30
    bodies = {"id": "m", "type": "simulator", "model_id": "m", "value": 1}
    for method, route in found:
        for query in ("", "?namespace=default"):
            if route.path.startswith("/v1/resources") and (query == "") == ("{" not in route.path):
                continue
            if route.path == "/v1/models/sync":
                continue
            answer = limited.ask(method, path_of(route) + query, dict(bodies) if method in WRITES else None)
            allowed = {400, 403, 422} if method in WRITES else {403}
            assert answer.status_code in allowed, (method, route.path, query, answer.text)
    assert asked.reader.head() == head


NAMES = [
    "..", ".", "%2e%2e", "%2e", "a%2Fb", "a%252Fb", "..%2f..%2fv1", "%00", "a%0ab", "a;b", "M", "m%20", "m.", "m%e2%80%8b",
    "x" * 300, "x" * 5000, "__proto__", "%c3%a9", "*", "m?", "-", "'%20OR%201=1--",
]  # fmt: skip


def test_no_name_in_a_path_reaches_another_thing(asked: Asked) -> None:
    for name in NAMES:
        for path in (
            f"/v1/providers/{name}",
            f"/v1/resources/model/default/{name}",
            f"/v1/providers/m/config/{name}",
        ):
            for method in ("PUT", "DELETE", "PATCH"):
                answer = asked.ask(method, path, {"value": 1} if "config" in path else {})
                assert answer.status_code in {400, 404, 405, 409, 422, 200}, (path, answer.status_code)
                assert (
                    answer.status_code != 200
                    or name in {"m?", ".", "..", "%2e", "%2e%2e"}
                    or "config" in path
                ), path
                assert "Traceback" not in answer.text
    assert asked.there("Provider", "m") is not None
    assert asked.there("Model", "m") is not None


def test_bodies_that_are_something_else(asked: Asked) -> None:
    head = asked.reader.head()
    for body in (
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"id": "a", "id": "b", "type": "simulator"}',
        b"[" * 50_000,
    ):
        assert asked.ask("POST", "/v1/providers", body).status_code == 400
    assert asked.ask("POST", "/v1/providers", b" " * 1_100_000).status_code == 413
    for media in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "application/json, text/plain",
    ):
        assert asked.ask("POST", "/v1/providers", b"{}", content_type=media).status_code == 415
    for media in ("application/yaml", "application/merge-patch+json"):
        assert asked.ask("POST", "/v1/providers", b"id: x", content_type=media).status_code == 415
    assert asked.ask("POST", "/v1/providers", b"{}", content_encoding="gzip").status_code == 415
    assert asked.reader.head() == head


def page(house: House, method: str, path: str, body: bytes, **headers: str) -> httpx2.Response:
    """Through the listener's own guard and doorkeeper, in which https://app.example is an allowed origin."""
    records = house.path.with_name("records.db")

    async def whole() -> httpx2.Response:
        with closing(Observations(records)) as observations:
            ports = ports_of(StoreLocation(house.path, records), {}, observations, house.clock)
            app = build_app(NoFacts(), house.door, origins=["https://app.example"], ports=ports)
            transport = httpx2.ASGITransport(app, client=("127.0.0.1", 5))
            async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8485") as client:
                return await client.request(
                    method, path, content=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
                )

    return asyncio.run(whole())


def test_no_web_page_writes_as_the_machines_own_user(tmp_path: Path) -> None:
    house, body = House(tmp_path / "store.db"), b'{"id": "m"}'
    with closing(house.reader):
        json = "application/json"
        mine = page(house, "POST", "/v1/models", body, content_type=json, origin="http://127.0.0.1:8485")
        assert mine.status_code == 201  # the reference page's own
        for headers, status, code in (
            ({"origin": "https://evil.example", "content_type": json}, 403, "origin_not_allowed"),
            ({"sec_fetch_site": "cross-site", "content_type": json}, 403, "cross_site_request"),
            ({"origin": "https://app.example", "content_type": json}, 403, "page_needs_token"),
            ({"origin": "http://localhost:3000", "content_type": json}, 403, "origin_not_allowed"),
            ({"origin": "http://127.0.0.1:8485"}, 415, "unsupported_media_type"),
            ({"sec_fetch_site": "same-origin"}, 415, "unsupported_media_type"),
            ({"content_type": "text/plain"}, 415, "unsupported_media_type"),
        ):
            answer = page(house, "POST", "/v1/models", b'{"id": "n"}', **headers)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert page(house, "DELETE", "/v1/models/m", b"", origin="https://app.example").status_code == 403
        assert page(house, "GET", "/v1/models", b"", origin="https://app.example").status_code == 200
        assert page(house, "POST", "/v1/models", b"").status_code == 415  # no browser, and no media type
        assert house.reader.head() == 1
        minted, _ = house.token("ci", Role.ADMIN)
        token = dict([bearer(minted.text)])["Authorization"]
        allowed = page(
            house,
            "POST",
            "/v1/models",
            b'{"id": "n"}',
            origin="https://app.example",
            content_type=json,
            authorization=token,
        )
        assert allowed.status_code == 201
