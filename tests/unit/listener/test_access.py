import asyncio

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from reconciler.listener.access import Access, AccessRefused, DeclaredRoute, Operation
from reconciler.listener.guard import Verdict

ASKED = Operation("thing", "A thing.")


def ask(method: str, path: str = "/thing") -> tuple[int, list[Access]]:
    seen: list[Access] = []

    async def check(scope: Scope, access: Access) -> None:
        seen.append(access)
        if scope["query_string"] == b"no":
            raise AccessRefused(Verdict(403, "no", "no"))

    async def thing(_: Request) -> Response:
        return Response(b"")

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, AccessRefused)
        return Response(error.verdict.code, error.verdict.status, error.headers())

    route = DeclaredRoute(
        "/thing", thing, methods=("GET", "PUT"), access=Access.ADMIN, check=check, operation=ASKED
    )
    app = Starlette(routes=[route], exception_handlers={AccessRefused: refused})

    async def whole() -> int:
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://localhost"
        ) as client:
            return (await client.request(method, path)).status_code

    return asyncio.run(whole()), seen


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_the_matched_route_asks_with_what_it_declares(method: str) -> None:
    assert ask(method) == (200, [Access.ADMIN])
    assert ask(method, "/thing?no") == (403, [Access.ADMIN])


def test_another_method_is_not_possible_for_anybody() -> None:
    assert ask("DELETE") == (405, [])


def test_a_challenge_goes_with_the_refusal() -> None:
    verdict = Verdict(401, "who", "who?")
    assert AccessRefused(verdict, "Bearer").headers() == {"www-authenticate": "Bearer"}
    assert AccessRefused(verdict).headers() == {}
