import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fakes.doors import EC_KEY, RSA_KEY, HandClock, ec_jwk, key_set, rsa_jwk

from reconciler.errors import Unreachable
from reconciler.management.key_sets import KeySets, read_key_set


class Issuer:
    """Its key set, and how often it was fetched."""

    def __init__(self) -> None:
        self.text = key_set(rsa_jwk())
        self.gone = False
        self.fetched = 0

    def __call__(self, place: str) -> bytes:
        self.fetched += 1
        if self.gone:
            raise Unreachable("gone")
        return self.text


def test_keys_are_kept_and_fetched_again_after_a_while() -> None:
    issuer, clock = Issuer(), HandClock()
    sets = KeySets(issuer, clock)
    assert [sets.find("p", "r1") is not None for _ in range(5)] == [True] * 5
    assert issuer.fetched == 1
    clock.pass_(minutes=6)
    assert sets.find("p", "r1") is not None
    assert issuer.fetched == 2


def test_an_unknown_key_is_looked_for_now_and_then() -> None:
    issuer, clock = Issuer(), HandClock()
    sets = KeySets(issuer, clock)
    assert sets.find("p", "new") is None
    assert [sets.find("p", f"made-up-{number}") for number in range(100)] == [None] * 100
    assert issuer.fetched == 1
    issuer.text = key_set(rsa_jwk(), ec_jwk("new"))
    assert sets.find("p", "new") is None  # not so soon
    clock.pass_(seconds=11)
    assert sets.find("p", "new") is not None
    assert issuer.fetched == 2


def test_an_issuer_that_is_gone_for_a_while_is_done_without() -> None:
    issuer, clock = Issuer(), HandClock()
    sets = KeySets(issuer, clock)
    assert sets.find("p", "r1") is not None
    issuer.gone = True
    clock.pass_(minutes=30)
    assert sets.find("p", "r1") is not None
    assert sets.find("p", "r1") is not None
    assert issuer.fetched == 2
    clock.pass_(minutes=31)
    with pytest.raises(Unreachable):
        sets.find("p", "r1")


def test_an_issuer_that_never_answered_is_asked_now_and_then() -> None:
    issuer, clock = Issuer(), HandClock()
    issuer.gone = True
    sets = KeySets(issuer, clock)
    for _ in range(3):
        with pytest.raises(Unreachable):
            sets.find("p", "r1")
    assert issuer.fetched == 1
    issuer.gone = False
    clock.pass_(seconds=11)
    assert sets.find("p", "r1") is not None


def test_made_up_tokens_do_not_fill_the_log_while_an_issuer_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    issuer, clock = Issuer(), HandClock()
    sets, issuer.gone = KeySets(issuer, clock), True
    for _ in range(100):
        with pytest.raises(Unreachable):
            sets.find("p", "made-up")
    assert caplog.messages == ["the keys of JSON Web Tokens can't be had: gone"]
    clock.pass_(seconds=11)
    with pytest.raises(Unreachable):
        sets.find("p", "made-up")
    assert len(caplog.messages) == 2


def test_only_public_keys_for_signatures_count() -> None:
    small = rsa.generate_private_key(65537, 1024).public_key()
    private = {**jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True), "kid": "private"}
    told: list[object] = [
        rsa_jwk("good"),
        ec_jwk("twice"),
        rsa_jwk("twice"),
        rsa_jwk("encrypts", use="enc"),
        {**jwt.algorithms.RSAAlgorithm.to_jwk(small, as_dict=True), "kid": "short"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        private,
        jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True),
        {"kty": "RSA", "kid": "empty"},
        {"kty": "EC", "crv": "P-256", "x": 1, "kid": "odd"},
        "no key",
    ]
    assert set(read_key_set(json.dumps({"keys": told}).encode())) == {"good"}


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"keys": {}}', b"\xff", b"[" * 100_000, json.dumps({"keys": [{}] * 65}).encode()],
)
def test_what_is_no_key_set_is_said(text: bytes) -> None:
    with pytest.raises(Unreachable, match="no JWK Set"):
        read_key_set(text)
