import json

import pytest
from fakes.serving import KEY

from reconciler.gateway.dispatch.credentials import masked, repeated
from reconciler.provider_types.base import UpstreamRequest


def carrying(credential: str, header: str = "authorization") -> UpstreamRequest:
    headers = ((header, credential), ("x-title", "please"))
    return UpstreamRequest("POST", "http://a.test", headers, b"")


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "api-key", "x-goog-api-key"])
def test_the_credential_is_struck_out(name: str) -> None:
    assert masked(f"key {KEY} please".encode(), carrying(f"Bearer {KEY}", name)) == b"key *** please"
    assert masked(f"key {KEY} please".encode(), carrying(KEY, name)) == b"key *** please"


@pytest.mark.parametrize(
    "key", ["with/slashes/in+it", 'with"quotes"in', "with\\backslash", "two words and more"]
)
def test_it_is_struck_out_as_json_writes_it_too(key: str) -> None:
    request = carrying(f"Bearer {key}")
    text = json.dumps({"message": f"{key} is wrong"})
    for written in (text, text.replace("/", "\\/")):
        assert masked(written.encode(), request) == b'{"message": "*** is wrong"}'


def test_one_too_short_to_tell_from_words_is_left() -> None:
    request = carrying("Bearer none")
    assert masked(b"none", request) == b"none"
    assert not repeated("none", request)


def test_a_header_that_holds_it_is_found() -> None:
    request = carrying(f"Bearer {KEY}")
    assert repeated(f"req-{KEY}", request)
    assert not repeated("please", request)


def test_also_what_only_looks_like_one_is_struck_out() -> None:
    said = b"no access with sk-abcdefghijklmnop1234 at http://x.test/?key=abcd1234"
    assert masked(said, carrying("Bearer none")) == b"no access with *** at http://x.test/?key=***"
