import time
from dataclasses import replace

import pytest
from fakes.keys import bearer, client_key, clients_of

from reconciler.gateway.endpoints.authentication import credential_of, why_refused
from reconciler.secrets.key_text import mint

KEY, OTHER = mint("rk"), mint("rk")
KNOWN = clients_of(client_key("team", KEY)).credentials
TEXT = KEY.text.encode()


@pytest.mark.parametrize(
    "fields",
    [
        bearer(KEY),
        {b"x-api-key": TEXT},
        {**bearer(KEY), b"x-api-key": TEXT},
    ],
)
def test_a_key_that_is_known_is_accepted(fields: dict[bytes, bytes]) -> None:
    found = credential_of(fields, KNOWN)
    assert found is not None
    assert found.client.name == "team"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {b"authorization": b""},
        {b"x-api-key": b""},
        {b"authorization": TEXT},
        {b"authorization": b"bearer " + TEXT},
        {b"authorization": b"Basic " + TEXT},
        {b"authorization": b"Bearer  " + TEXT},
        {b"authorization": b"Bearer " + TEXT + b", Bearer " + TEXT},
        {b"authorization": b"Bearer ' OR 1=1 --"},
        {b"authorization": b"Bearer " + b"A" * 1_000_000},
        {b"authorization": b"Bearer \xff\xfe" + TEXT[2:]},
        {b"authorization": b"Bearer " + TEXT[:-1] + (b"0" if TEXT[-1:] != b"0" else b"1")},
        {b"authorization": b"Bearer rk-" + KEY.id.encode() + b"-" + OTHER.text[16:].encode()},
        {b"authorization": b"Bearer xx" + TEXT[2:]},
        {b"authorization": b"Bearer " + TEXT[:15] + b"_" + TEXT[16:]},
        {**bearer(KEY), b"x-api-key": OTHER.text.encode()},
        bearer(OTHER),
        {b"cookie": b"key=" + TEXT, b"proxy-authorization": b"Bearer " + TEXT},
    ],
)
def test_nothing_else_is(fields: dict[bytes, bytes]) -> None:
    assert credential_of(fields, KNOWN) is None
    error = why_refused(fields)
    assert error.status == 401
    assert error.code == (
        "invalid_api_key" if {b"authorization", b"x-api-key"} & set(fields) else "missing_api_key"
    )
    assert KEY.text not in error.message
    assert "OR 1=1" not in error.message


def test_a_key_ends_at_its_time() -> None:
    (credential,) = KNOWN.values()
    ending = {credential.id: replace(credential, until=time.time() + 3600)}
    assert credential_of(bearer(KEY), ending) is not None
    ended = {credential.id: replace(credential, until=time.time() - 0.001)}
    assert credential_of(bearer(KEY), ended) is None
