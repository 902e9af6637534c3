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
from reconciler.protocol.body import read_request
from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.multipart import read_multipart
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import NO_CLIENTS, Clients, Credential
from reconciler.snapshot.registry import Registry

KEY, OTHER = mint("rk"), mint("rk")
KEYS = clients_of(client_key("team", KEY))
CREDENTIAL = KEYS.credentials[KEY.id.encode()]


class Asking:
    """Who sends one head over and over."""

    def __init__(self, fields: dict[bytes, bytes], *, closed: bool = False) -> None:
        telemetry = Telemetry()
        talks = conversations(ScriptedTransports(), Memory(), telemetry)
        row = ENDPOINTS[Endpoint.CHAT]
        self._stand = Stand(row, Registry(), telemetry, talks, UnderWay(talks.alarms), closed)
        self._heading = Heading(row, fields)

    def let_in(self, clients: Clients) -> Credential | None:
        return self._heading.let_in(self._stand, clients)


def ending(end: float) -> Clients:
    return replace(KEYS, credentials={CREDENTIAL.id: replace(CREDENTIAL, until=end)})


def refused(asked: Asking, clients: Clients) -> int:
    with pytest.raises(InvalidRequest) as raised:
        asked.let_in(clients)
    return raised.value.error.status


def test_a_key_is_compared_once_as_long_as_its_credential_is_in_force() -> None:
    fields = bearer(KEY)
    asked = Asking(fields)
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
    asked = Asking(bearer(KEY))
    assert asked.let_in(KEYS) is CREDENTIAL
    assert refused(asked, after) == 401
    assert asked.let_in(KEYS) is CREDENTIAL


def test_whose_key_it_is_follows_the_snapshot() -> None:
    asked = Asking(bearer(KEY))
    first, second = asked.let_in(KEYS), asked.let_in(clients_of(client_key("other", KEY)))
    assert first is not None
    assert second is not None
    assert (first.client.name, second.client.name) == ("team", "other")


@on_loop
async def test_a_key_ends_at_its_time_though_it_was_compared_before() -> None:
    end = time.time() + 0.05
    clients, asked = ending(end), Asking(bearer(KEY))
    assert asked.let_in(clients) is clients.credentials[CREDENTIAL.id]
    await until(lambda: time.time() >= end, "its end")
    assert refused(asked, clients) == 401


def test_where_no_keys_are_asked_for_nobody_is_known_by_one() -> None:
    asked = Asking(bearer(KEY))
    assert asked.let_in(KEYS) is CREDENTIAL
    assert asked.let_in(replace(KEYS, required=False)) is None
    shut = Asking(bearer(KEY), closed=True)
    assert shut.let_in(KEYS) is CREDENTIAL
    assert refused(shut, NO_CLIENTS) == 403


def test_what_the_head_says_is_read_once() -> None:
    fields = {
        b"content-type": b"application/json; charset=utf-8",
        b"x-session-id": b"s",
        b"x-routerctl-trace": b"1",
    }
    asked = Heading(ENDPOINTS[Endpoint.CHAT], fields)
    assert (asked.session, asked.wishes_trace) == (b"s", True)
    assert asked.content_type() == "application/json; charset=utf-8"
    fields.clear()
    assert asked.content_type() == "application/json; charset=utf-8"
    plain = Heading(ENDPOINTS[Endpoint.CHAT], fields)
    assert (plain.session, plain.wishes_trace, plain.content_type()) == (None, False, "")


def test_a_body_that_is_not_read_is_refused_each_time() -> None:
    asked = Heading(ENDPOINTS[Endpoint.CHAT], {b"content-type": b"text/plain"})
    for _ in range(2):
        with pytest.raises(InvalidRequest) as raised:
            asked.content_type()
        assert raised.value.error.status == 415


def test_headers_that_pass_are_found_once_but_for_a_body_with_its_own() -> None:
    fields = {b"anthropic-beta": b"x"}
    asked = Heading(ENDPOINTS[Endpoint.MESSAGES], fields)
    plain = read_request(b'{"model": "m"}')
    assert asked.passed(plain) == (("anthropic-beta", "x"),)
    fields.clear()
    assert asked.passed(plain) == (("anthropic-beta", "x"),)


def test_the_header_of_a_body_in_parts_is_its_own() -> None:
    sent = Heading(ENDPOINTS[Endpoint.TRANSCRIPTIONS], {})
    part = b'--%b\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n--%b--\r\n'
    for boundary in ("a", "b"):
        name, told = boundary.encode(), f"multipart/form-data; boundary={boundary}"
        assert sent.passed(read_multipart(part % (name, name), told)) == (("content-type", told),)
