from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.doors import HandClock
from starlette.requests import Request

from reconciler.errors import Conflict
from reconciler.management.problems import AnotherRequest, BadRequest
from reconciler.management.rest.answers import REPLAYED, Answer
from reconciler.management.rest.idempotency import Requests, UnderWay, digest_of, key_of
from reconciler.resources.principal import Principal, Role
from reconciler.store.observations import Observations

ADA, BOB = Principal("token:ada", Role.OPERATOR), Principal("token:bob", Role.OPERATOR)


def test_the_same_request_again_has_the_same_answer(tmp_path: Path) -> None:
    clock = HandClock()
    with closing(Observations(tmp_path / "records.db")) as observations:
        requests = Requests(observations, clock)
        assert requests.begin(ADA, "k", "r") is None
        with pytest.raises(UnderWay):
            requests.begin(ADA, "k", "r")
        requests.keep(ADA, "k", Answer({"a": 1}, 201, 7, 3, {"location": "/x"}))
        with pytest.raises(AnotherRequest):
            requests.begin(ADA, "k", "other")
        assert requests.begin(BOB, "k", "other") is None
    with closing(Observations(tmp_path / "records.db")) as observations:  # after a restart
        again = Requests(observations, clock).begin(ADA, "k", "r")
        assert again == Answer({"a": 1}, 201, 7, 3, {"location": "/x", REPLAYED: "true"})
        clock.moment += timedelta(hours=25)
        assert Requests(observations, clock).begin(ADA, "k", "other") is None


def test_who_is_less_now_is_not_told_what_was_told_before(tmp_path: Path) -> None:
    """The same name is not the same principal: a token made anew, or claims that let into fewer namespaces."""
    with closing(Observations(tmp_path / "records.db")) as observations:
        requests = Requests(observations, HandClock())
        requests.begin(ADA, "k", "r")
        requests.keep(ADA, "k", Answer({"a": 1}))
        for other in (
            replace(ADA, token="another"),
            replace(ADA, role=Role.VIEWER),
            replace(ADA, namespaces=frozenset({"team"})),
        ):
            assert requests.begin(other, "k", "r") is None


def test_what_failed_or_died_may_be_tried_again(tmp_path: Path) -> None:
    clock = HandClock()
    with closing(Observations(tmp_path / "records.db")) as observations:
        requests = Requests(observations, clock)
        requests.begin(ADA, "k", "r")
        requests.give_up(ADA, "k")
        assert requests.begin(ADA, "k", "other") is None
        clock.moment += timedelta(minutes=3)
        assert requests.begin(ADA, "k", "r") is None


def test_a_secret_is_shown_once_and_kept_never(tmp_path: Path) -> None:
    with closing(Observations(tmp_path / "records.db")) as observations:
        requests = Requests(observations, HandClock())
        for key, answer, told in (
            ("a", Answer({"text": "rk-very-secret"}, revision=4, once=True), "revision 4.*shown once"),
            ("b", Answer({"text": "x" * 2_000_000}), "carried out; .*too large"),
        ):
            requests.begin(ADA, key, "r")
            requests.keep(ADA, key, answer)
            with pytest.raises(Conflict, match=told):
                requests.begin(ADA, key, "r")
    assert all(b"very-secret" not in path.read_bytes() for path in tmp_path.iterdir())


def asked(*headers: tuple[bytes, bytes], path: str = "/x", query: bytes = b"") -> Request:
    return Request(
        {"type": "http", "method": "POST", "path": path, "headers": [*headers], "query_string": query}
    )


def test_keys_of_requests() -> None:
    assert key_of(asked()) is None
    assert key_of(asked((b"idempotency-key", b" k-1 "))) == "k-1"
    for value in (b"", b"x" * 256, b"\xe4", b"a\tb"):
        with pytest.raises(BadRequest):
            key_of(asked((b"idempotency-key", value)))
    with pytest.raises(BadRequest):
        key_of(asked((b"idempotency-key", b"a"), (b"idempotency-key", b"b")))


def test_what_makes_it_another_request() -> None:
    digests = {
        digest_of(asked(), b""),
        digest_of(asked(), b"1"),
        digest_of(asked(path="/y"), b""),
        digest_of(asked(query=b"a=1"), b""),
        digest_of(asked((b"if-match", b'"1"')), b""),
    }
    assert len(digests) == 5
    assert digest_of(asked((b"user-agent", b"x")), b"") == digest_of(asked(), b"")
