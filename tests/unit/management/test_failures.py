import asyncio
from pathlib import Path

import httpx2
from fakes.api import RoleDoor, api
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.errors import Forbidden, NotFound
from reconciler.management import failures


def test_what_is_raised_is_a_problem(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        missing = asked.get("/v1/nothing")
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        other = asked.ask("DELETE", "/v1/providers")
        assert other.status_code == 405
        assert other.headers["allow"] == "GET, HEAD, POST"
        nobody = asked.nobody.get("/v1/providers")
        assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
        assert all(
            each.headers["content-type"] == "application/problem+json" for each in (missing, other, nobody)
        )


def test_what_is_forbidden_is_told_once_in_one_line() -> None:
    door, raised = RoleDoor(None), [Forbidden("a:\n  b\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 400), NotFound("c")]

    async def endpoint(_: Request) -> Response:
        raise raised.pop(0)

    app = Starlette(routes=[Route("/x", endpoint)])
    failures.handle(app, door.note)

    async def statuses() -> list[int]:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [(await client.get("/x")).status_code for _ in range(2)]

    assert asyncio.run(statuses()) == [403, 404]
    shown = "a: b\\u202e"
    assert door.noted == [f"403 forbidden: {shown}{'x' * (300 - len(shown))}..."]
