import pytest
from fakes.serving import KEY, candidate, http_upstream, namespace, served, snapshot

from reconciler.gateway.masking import Masks


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
    masks = Masks.of(snapshot(namespace(served("m", candidate(upstream)))))
    assert masks.masked(f"it is {KEY}.".encode()) == b"it is ***."
