import asyncio
from dataclasses import replace

import pytest
from fakes.keys import bearer, client_key, clients_of
from fakes.serving import namespace, served, snapshot
from starlette.types import Scope

from reconciler.gateway.endpoints.access import CallerCheck, client_of
from reconciler.listener.access import Access, AccessRefused
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import NO_CLIENTS, Clients
from reconciler.snapshot.registry import Registry

KEY = mint("rk")
KEYS = clients_of(client_key("team", KEY))


def checked(
    clients: Clients | None,
    headers: dict[bytes, bytes],
    access: Access = Access.CLIENT,
    *,
    closed: bool = False,
) -> Scope:
    registry = Registry()
    if clients is not None:
        registry.publish(replace(snapshot(namespace(served("m"))), clients=clients))
    scope: Scope = {"headers": [*headers.items()]}
    asyncio.run(CallerCheck(registry, closed=closed)(scope, access))
    return scope


def test_who_has_a_key_is_known() -> None:
    client = client_of(checked(KEYS, bearer(KEY)))
    assert client is not None
    assert client.name == "team"


def test_where_none_is_asked_for_nobody_is() -> None:
    for clients, access in ((NO_CLIENTS, Access.CLIENT), (None, Access.CLIENT), (KEYS, Access.OPEN)):
        assert client_of(checked(clients, bearer(KEY), access)) is None


@pytest.mark.parametrize(
    ("clients", "headers", "closed", "status", "code"),
    [
        (KEYS, {}, False, 401, "missing_api_key"),
        (KEYS, {b"x-api-key": b"rk-nobody"}, True, 401, "invalid_api_key"),
        (NO_CLIENTS, bearer(KEY), True, 403, "keys_required"),
    ],
)
def test_who_is_refused(
    clients: Clients, headers: dict[bytes, bytes], closed: bool, status: int, code: str
) -> None:
    with pytest.raises(AccessRefused) as refused:
        checked(clients, headers, closed=closed)
    assert (refused.value.verdict.status, refused.value.verdict.code) == (status, code)
    assert bool(refused.value.headers()) == (status == 401)
