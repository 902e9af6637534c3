from fakes.serving import http_upstream

from reconciler.bootstrap.upstreams.asking import Reply
from reconciler.bootstrap.upstreams.words import (
    failed,
    masks_of,
    of_status,
    sent_values,
    shortened,
    unauthorised,
)
from reconciler.gateway.masking import Masks
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import UpstreamRequest

NO_MASKS = Masks(())


def test_each_failure_has_words_and_advice() -> None:
    said = {
        "could not connect: the host's name does not resolve": "name server",
        "could not connect: the certificate was refused: self-signed": "caFile",
        "could not connect: TLS could not be agreed on": "http://",
        "could not connect: connection refused": "started",
        "could not connect in time": "firewalls",
        "something else": "check baseURL",
    }
    for reason, hint in said.items():
        meaning = failed(Reply(0, failure=Failure.CONNECT, reason=reason))
        assert (meaning.message, hint in meaning.hint) == (reason, True)
    assert failed(Reply(0, failure=Failure.EGRESS, reason="no")).message == "may not be reached: no"
    assert "busy" in failed(Reply(0, failure=Failure.TIMEOUT, reason="no answer within 1 s")).hint


def test_a_refused_key_is_told_from_a_missing_one() -> None:
    assert "permission" in unauthorised(Reply(403), keyed=True).hint
    assert "revoked" in unauthorised(Reply(401), keyed=True).hint
    assert "apiKey" in unauthorised(Reply(401), keyed=False).hint


def test_what_an_upstream_says_is_masked_and_short() -> None:
    masks = masks_of(http_upstream("up", "http://host/v1"))
    assert (
        of_status(Reply(500, body=b'{"error": {"message": "bad sk-aaaaaaaaaaaaaaaaaaaa"}}'), masks)
        == "status 500: bad ***"
    )
    assert of_status(Reply(500, body=b'{"detail": "gone"}'), NO_MASKS) == "status 500: gone"
    for body in (b"<html>", b"[1]", b'{"error": 3}', b"[" * 60_000):
        assert of_status(Reply(502, body=body), NO_MASKS) == "status 502"
    assert shortened("a\n b\x1b[2J") == "a b\\x1b[2J"
    assert len(shortened("x" * 999)) == 303


def test_all_that_headers_hold_may_be_a_credential() -> None:
    headers = (
        ("x-own", "s3cr3tvalue"),
        ("cookie", "a=one; b=two"),
        ("accept", "*/*"),
        ("authorization", "Bearer key"),
    )
    found = sent_values([UpstreamRequest("GET", "http://host", headers, b"")])
    assert {"s3cr3tvalue", "one", "two", "key"} <= found
    assert "*/*" not in found
