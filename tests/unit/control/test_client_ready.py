from dataclasses import replace

import pytest
from fakes.keys import client_key
from fakes.states import stored

from reconciler.control.client_ready import client_refused, key_end, keys_of
from reconciler.json_types import JsonObject, JsonValue
from reconciler.secrets.key_text import mint

KEY = mint("rk")
NOW = 1_800_000_000.0  # 2027-01-15
EARLY, LATE = "2026-12-31T00:00:00Z", "2027-12-31T00:00:00Z"


def key(**more: JsonValue) -> JsonObject:
    return {"id": KEY.id, "hash": KEY.hash, **more}


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({}, None),
        ({"expires": LATE}, None),
        ({"enabled": False}, "Disabled"),
        ({"keys": []}, "NoKeys"),
        ({"keys": None}, "NoKeys"),
        ({"keys": [key(enabled=False)]}, "NoKeys"),
        ({"expires": EARLY}, "Expired"),
        ({"keys": [key(expires=EARLY)], "expires": LATE}, "Expired"),
        ({"keys": [key(expires=EARLY), key(expires=LATE)]}, None),
        ({"keys": [key(expires=EARLY), key()]}, None),
    ],
)
def test_why_none_of_its_keys_is_accepted(spec: JsonObject, reason: str | None) -> None:
    declared = replace(client_key("team"), spec={"enabled": True, "keys": [key()], **spec})
    found = client_refused(stored(declared), NOW)
    assert (found.reason if found is not None else None) == reason
    if found is not None:
        assert found.message
        assert (found.since is not None) is (reason == "Expired")


def test_the_earlier_end_counts() -> None:
    spec: JsonObject = {"expires": LATE, "keys": [key(expires=EARLY), key(), "no key"]}
    first, second = keys_of(spec)
    assert key_end(spec, first) == 1798675200.0
    assert key_end(spec, second) == 1830211200.0
    assert key_end({}, second) is None
