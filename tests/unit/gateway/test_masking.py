import base64
from urllib.parse import quote, quote_plus

import pytest
from fakes.serving import KEY, built, candidate, http_upstream, namespace, served, snapshot

from reconciler.gateway.masking import Masks, credentials_of
from reconciler.provider_types.qwen_config import QwenDirectConfig
from reconciler.provider_types.qwen_direct import QWEN_DIRECT


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"use sk-abcdefghijklmnop1234 now", b"use *** now"),
        (b"Authorization: Bearer abcdefgh.ijkl", b"Authorization: Bearer ***"),
        (b"ghp_abcdefghijklmnopqrstuvwx", b"***"),
        (b"AKIAABCDEFGHIJKLMNOP", b"***"),
        (b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", b"***"),
        (b"a -----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- b", b"a *** b"),
        (b"-----BEGIN RSA PRIVATE KEY-----\ncut", b"***"),
        (b"a task-list of the bearer", b"a task-list of the bearer"),
        (b"\xff\x00 binary", b"\xff\x00 binary"),
    ],
)
def test_what_looks_like_a_credential_is_masked(said: bytes, kept: bytes) -> None:
    assert Masks(()).masked(said) == kept


def test_known_ones_are_masked_however_they_are_spelled() -> None:
    masks = Masks(['pa"ss/word', "short"])
    assert (
        masks.masked(b'1 pa"ss/word 2 pa\\"ss/word 3 pa\\"ss\\/word 4 short') == b"1 *** 2 *** 3 *** 4 short"
    )


def test_those_of_all_upstreams_are_known() -> None:
    upstream = http_upstream("p", "http://p.test/v1")
    masks = Masks.of([snapshot(namespace(served("m", candidate(upstream))))])
    assert masks.masked(f"it is {KEY}.".encode()) == b"it is ***."
    web = QWEN_DIRECT.build(
        QwenDirectConfig.model_validate({"unofficial": True, "token": "x", "cookies": "x"}),
        {"token": "umid-canary", "cookies": "a=cookie-canary"},
    )
    both = [snapshot(namespace(served("m", candidate(each)))) for each in (upstream, built("w", web, "http"))]
    assert Masks.of(both[1:]).masked(b"umid-canary cookie-canary") == b"*** ***"
    assert Masks.of(both).masked(f"{KEY} cookie-canary".encode()) == b"*** ***", "of each that is remembered"


LONG = "sk-canary/0123456789+abcdefghij=KLMNOP"


@pytest.mark.parametrize(
    "spelled",
    [
        LONG,
        LONG.replace("/", "\\/"),
        quote(LONG, safe=""),
        quote(LONG),
        quote_plus(LONG),
        base64.b64encode(LONG.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(LONG.encode()).decode().rstrip("="),
        LONG[:12],
        LONG[-12:],
    ],
)
def test_a_known_one_is_masked_in_its_usual_encodings(spelled: str) -> None:
    assert Masks([LONG]).masked(f"key: {spelled}, sorry".encode()) == b"key: ***, sorry"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"GET https://x.test/v1?a=1&key=abc%20d&b=2", b"GET https://x.test/v1?a=1&key=***&b=2"),
        (b'"url": "http://x.test/?API_KEY=abcd1234"', b'"url": "http://x.test/?API_KEY=***"'),
        (b"https://ada:secret@x.test/", b"https://***@x.test/"),
        (b"Authorization: Basic dXNlcjpwYXNz", b"Authorization: Basic ***"),
        (b'{"x-api-key": "abcdefgh12"}', b'{"x-api-key": "***"}'),
        (b"the monkey=business and http://x.test/a:b", b"the monkey=business and http://x.test/a:b"),
        (b'{"authorization": {"kind": "none at all"}}', b'{"authorization": {"kind": "none at all"}}'),
    ],
)
def test_what_stands_behind_the_name_of_a_credential_is_masked(said: bytes, kept: bytes) -> None:
    assert Masks(()).masked(said) == kept


def test_which_headers_carry_one() -> None:
    headers = (("authorization", "Bearer 12345678"), ("x-api-key", "short"), ("x-title", "long enough"))
    assert [*credentials_of(headers)] == ["12345678"]
    jar = (("bx-umidtoken", "umid-1234"), ("cookie", "a=short; token=ey.12345; b=x=y=12345"))
    assert [*credentials_of(jar)] == ["umid-1234", "ey.12345", "x=y=12345"]
