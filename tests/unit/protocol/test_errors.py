import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol import errors
from reconciler.protocol.errors import OpenAIError

ALL = [
    errors.invalid_body("bad", "model", "invalid_type"),
    errors.model_not_found("x"),
    errors.model_missing(),
    errors.no_candidate("x"),
    errors.stream_broken(),
    errors.stream_broken(timed_out=True),
    errors.payload_too_large(10),
    errors.request_timeout(30.0),
    errors.refused(400, "invalid_host", "one Host header"),
    errors.method_not_allowed("PUT", "GET, POST"),
    errors.not_found("GET", "/v2"),
    errors.internal(),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: f"{error.status}-{error.code}")
def test_every_error_has_the_envelope(error: OpenAIError) -> None:
    envelope = json.loads(error.body())
    assert set(envelope) == {"error"}
    assert set(envelope["error"]) == {"message", "type", "param", "code"}
    assert envelope["error"]["type"]
    assert len(envelope["error"]["message"]) < 300
    assert ("content-type", "application/json") in error.response_headers()


def test_an_unknown_model_has_openais_sentence() -> None:
    error = errors.model_not_found("gpt-9")
    assert (error.status, error.code) == (404, "model_not_found")
    assert error.message == "The model `gpt-9` does not exist or you do not have access to it."


@pytest.mark.parametrize("name", ["a`b", "a\r\nx-injected: 1", "\0", "m" * 10_000, "\u202eevil", "\ud800"])
def test_a_model_name_is_shown_cut_and_printable(name: str) -> None:
    message = errors.model_not_found(name).message
    assert message.isprintable()
    assert message.count("`") == 2
    assert len(message) < 200
    errors.model_not_found(name).body()


def headers(error: OpenAIError) -> dict[str, str]:
    return dict(error.headers)


def test_nothing_gained_by_trying_again() -> None:
    assert headers(errors.no_candidate("m")) == {"x-should-retry": "false"}


@pytest.mark.parametrize(
    ("value", "capped"),
    [
        (None, None),
        ("", None),
        ("0", "0"),
        ("1.2", "2"),
        ("60", "60"),
        ("61", "60"),
        ("86400", "60"),
        ("inf", "60"),
        ("nan", None),
        ("-1", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", "Wednesday, 21-Oct-26 07:28:00 GMT"),
        ("Wed Oct 21 07:28:00 2026", "Wed Oct 21 07:28:00 2026"),
        ("Wed, 21 Oct 2026 07:28:00 CET", None),
        ("Wed,\r\n21 Oct 2026 07:28:00 GMT", None),
        ("Wed, 32 Oct 2026 07:28:00 GMT", None),
        ("1" * 40, None),
        ("7\r\nx: y", None),
    ],
)
def test_retry_after_is_capped(value: str | None, capped: str | None) -> None:
    assert errors.capped_retry_after(value) == capped


@pytest.mark.parametrize(
    ("sent", "passed"),
    [
        ("Wed, 21 Oct 2026 07:27:30 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("Wed, 21 Oct 2026 07:29:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("Tue, 20 Oct 2026 07:28:00 GMT", "60"),
        ("some day", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ],
)
def test_a_date_far_from_that_of_the_answer_is_capped(sent: str, passed: str) -> None:
    assert errors.capped_retry_after("Wed, 21 Oct 2026 07:28:00 GMT", sent) == passed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 2),
        ("86400", 60),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 30),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0),
        ("Wed, 21 Oct 2027 07:27:00 GMT", 60),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: int | None) -> None:
    assert errors.retry_after_seconds(value, "Wed, 21 Oct 2026 07:27:30 GMT") == seconds


def test_a_date_has_no_seconds_where_the_answer_has_none() -> None:
    assert errors.retry_after_seconds("Wed, 21 Oct 2026 07:28:00 GMT", "") is None


@pytest.mark.parametrize(("seconds", "told"), [(0.0, "1"), (3.2, "4"), (1000.0, "60")])
def test_who_is_left_alone_says_when_to_come_again(seconds: float, told: str) -> None:
    failed, limited = (errors.left_alone("m", seconds, limited=each) for each in (False, True))
    assert (failed.status, limited.status) == (503, 429)
    assert headers(failed) == headers(limited) == {"retry-after": told}
    assert failed.message.endswith(f"are left alone for a while. Try again in {told} s.")
    assert limited.message.endswith(f"has reached its rate limit. Try again in {told} s.")


@given(st.text())
def test_any_retry_after_becomes_whole_seconds_or_nothing(value: str) -> None:
    capped = errors.capped_retry_after(value)
    assert capped is None or 0 <= int(capped) <= errors.MAX_RETRY_AFTER


def test_a_wrong_method_names_the_right_ones() -> None:
    assert headers(errors.method_not_allowed("PUT", "GET, POST")) == {"allow": "GET, POST"}
