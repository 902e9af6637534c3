import time
from dataclasses import replace

import pytest
from fakes.keys import bearer, client_key, clients_of
from fakes.loop import on_loop
from fakes.transports import ScriptedTransports
from fakes.waiting import until

from reconciler.gateway.dispatch.conversation import conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.heading import Heading
from reconciler.gateway.endpoints.stand import Stand
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.telemetry import Telemetry
from reconciler.protocol.errors import InvalidRequest
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import NO_CLIENTS, Clients
from reconciler.snapshot.registry import Registry

KEY, OTHER = mint("rk"), mint("rk")
KEYS = clients_of(client_key("team", KEY))
CREDENTIAL = KEYS.credentials[KEY.id.encode()]


def heading(fields: dict[bytes, bytes], *, closed: bool = False) -> Heading:
    telemetry = Telemetry()
    talks = conversations(ScriptedTransports(), Memory(), telemetry)
    stand = Stand(ENDPOINTS[Endpoint.CHAT], Registry(), telemetry, talks, UnderWay(talks.alarms), closed)
    return Heading(stand, fields)


def ending(end: float) -> Clients:
    return replace(KEYS, credentials={CREDENTIAL.id: replace(CREDENTIAL, until=end)})


def refused(asked: Heading, clients: Clients) -> int:
    with pytest.raises(InvalidRequest) as raised:
        asked.let_in(clients)
    return raised.value.error.status


def test_a_key_is_compared_once_as_long_as_its_credential_is_in_force() -> None:
    fields = bearer(KEY)
    asked = heading(fields)
    assert asked.let_in(KEYS) is CREDENTIAL
    fields.clear()
    assert asked.let_in(KEYS) is CREDENTIAL
    assert asked.let_in(replace(KEYS)) is CREDENTIAL
    assert refused(asked, replace(KEYS, credentials={CREDENTIAL.id: replace(CREDENTIAL)})) == 401


@pytest.mark.parametrize(
    "after",
    [
        clients_of(),
        clients_of(client_key("team", OTHER)),
        clients_of(client_key("team", KEY, enabled=False)),
        clients_of(client_key("team", replace(KEY, text=KEY.text[:-43] + OTHER.text[-43:]))),
        ending(0.0),
    ],
)
def test_who_is_revoked_or_replaced_is_refused_at_once(after: Clients) -> None:
    asked = heading(bearer(KEY))
    assert asked.let_in(KEYS) is CREDENTIAL
    assert refused(asked, after) == 401
    assert asked.let_in(KEYS) is CREDENTIAL


def test_whose_key_it_is_follows_the_snapshot() -> None:
    asked = heading(bearer(KEY))
    first, second = asked.let_in(KEYS), asked.let_in(clients_of(client_key("other", KEY)))
    assert first is not None
    assert second is not None
    assert (first.client.name, second.client.name) == ("team", "other")


@on_loop
async def test_a_key_ends_at_its_time_though_it_was_compared_before() -> None:
    end = time.time() + 0.05
    clients, asked = ending(end), heading(bearer(KEY))
    assert asked.let_in(clients) is clients.credentials[CREDENTIAL.id]
    await until(lambda: time.time() >= end, "its end")
    assert refused(asked, clients) == 401


def test_where_no_keys_are_asked_for_nobody_is_known_by_one() -> None:
    asked = heading(bearer(KEY))
    assert asked.let_in(KEYS) is CREDENTIAL
    assert asked.let_in(replace(KEYS, required=False)) is None
    shut = heading(bearer(KEY), closed=True)
    assert shut.let_in(KEYS) is CREDENTIAL
    assert refused(shut, NO_CLIENTS) == 403


def test_what_the_head_says_is_read_once() -> None:
    fields = {
        b"content-type": b"application/json; charset=utf-8",
        b"x-session-id": b"s",
        b"x-routerctl-trace": b"1",
    }
    asked = heading(fields)
    assert (asked.session, asked.wishes_trace) == (b"s", True)
    assert asked.content_type() == "application/json; charset=utf-8"
    fields.clear()
    assert asked.content_type() == "application/json; charset=utf-8"
    plain = heading(fields)
    assert (plain.session, plain.wishes_trace, plain.content_type()) == (None, False, "")


def test_a_body_that_is_not_read_is_refused_each_time() -> None:
    asked = heading({b"content-type": b"text/plain"})
    for _ in range(2):
        with pytest.raises(InvalidRequest) as raised:
            asked.content_type()
        assert raised.value.error.status == 415
