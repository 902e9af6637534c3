import json

import pytest
from fakes.serving import KEY

from reconciler.gateway.dispatch.answers import (
    EMPTY_STREAM,
    Answer,
    complaint,
    content_length,
    exhausted,
    media_type,
    own_headers,
    passed_headers,
    refusal,
    retryable,
    traced,
)
from reconciler.gateway.dispatch.outcome import Attempt, Reason, Skipped
from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.failures import BAD_COMPRESSION, NOT_HTTP, UNKNOWN_CODING
from reconciler.protocol.error_shapes import ANTHROPIC, OPENAI, ErrorShape
from reconciler.provider_types.base import UpstreamRequest

REQUEST = UpstreamRequest("POST", "http://a.test", (("authorization", f"Bearer {KEY}"),), b"")


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422, 451])
def test_errors_about_the_request_are_not_tried_elsewhere(status: int) -> None:
    assert not retryable(status)


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429, 500, 503, 529])
def test_errors_about_the_provider_are(status: int) -> None:
    assert retryable(status)


def test_no_more_headers_pass_than_a_client_can_use() -> None:
    given = tuple((f"x-ratelimit-{number}", "1") for number in range(500))
    assert len(passed_headers(given, REQUEST)) == 32


@pytest.mark.parametrize("given", ["tomorrow", "-1", ""])
def test_a_wait_that_is_neither_seconds_nor_a_date_does_not_pass(given: str) -> None:
    assert passed_headers((("retry-after", given),), REQUEST) == ()


def test_a_wait_until_a_date_passes_unless_it_is_far() -> None:
    until = ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")
    assert passed_headers((until,), REQUEST) == (until,)
    assert passed_headers((("date", "Wed, 21 Oct 2026 07:27:50 GMT"), until), REQUEST) == (until,)
    assert passed_headers((("date", "Wed, 21 Oct 2026 01:00:00 GMT"), until), REQUEST) == (
        ("retry-after", "60"),
    )


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        ("caf\xe9", True),
        ("a\tb", True),
        ("\xa0", True),
        ("", True),
        ("a\x7f", False),
        ("a\nb", False),
        ("a\x85b", False),
        ("y" * 1012, True),
        ("y" * 1013, False),
    ],
)
def test_a_value_that_no_header_can_have_does_not_pass(value: str, passes: bool) -> None:
    given = (("x-request-id", value),)
    assert passed_headers(given, REQUEST) == (given if passes else ())


def test_of_rate_limits_only_proper_names_pass_and_only_where_they_are_the_clients() -> None:
    given = (("x-ratelimit-a", "1"), ("x-ratelimit-A", "1"), ("anthropic-ratelimit-b", "2"), ("server", "x"))
    assert passed_headers(given, REQUEST) == (given[0], given[2])
    assert passed_headers(given, REQUEST, rates=False) == ()


@pytest.mark.parametrize("given", ["-1", "1e3", "٣", "9" * 30, ""])
def test_a_length_that_is_none_does_not_pass(given: str) -> None:
    assert content_length((("content-length", given),)) is None


def test_a_length_is_a_number() -> None:
    assert content_length((("date", "today"), ("content-length", "12"))) == 12
    assert content_length(()) is None


def test_the_media_type_is_compared_without_its_parameters() -> None:
    assert media_type((("content-type", "Text/Event-Stream; charset=utf-8"),)) == "text/event-stream"
    assert media_type(()) == ""


def test_a_header_that_repeats_the_key_does_not_pass() -> None:
    given = (("x-request-id", f"for-{KEY}"), ("openai-version", "1"), ("retry-after", KEY))
    assert passed_headers(given, REQUEST) == (("openai-version", "1"),)


def refused(status: int, body: bytes, shape: ErrorShape = OPENAI) -> Answer:
    return refusal(status, (("content-type", "text/plain"),), body, REQUEST, "a", shape)


def test_the_blame_follows_the_status() -> None:
    assert json.loads(refused(500, b"").body)["error"]["type"] == "server_error"
    assert json.loads(refused(404, b"").body)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b'{"error": {"message": "no"}}', b'{"message": "no"}', b'{"detail": "no"}'])
def test_an_error_of_another_shape_keeps_its_words(body: bytes) -> None:
    answer = refused(422, body, ANTHROPIC)
    assert (answer.status, answer.headers) == (422, (("content-type", "application/json"),))
    error = {"type": "invalid_request_error", "message": "no"}
    assert json.loads(answer.body) == {"type": "error", "error": error}


def test_an_error_of_the_right_shape_passes_with_its_headers() -> None:
    body = b'{"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}'
    answer = refused(529, body, ANTHROPIC)
    assert (answer.body, answer.headers) == (body, (("content-type", "text/plain"),))


def test_anthropics_limits_pass_and_its_organisation_does_not() -> None:
    given = (
        ("anthropic-ratelimit-tokens-remaining", "9"),
        ("request-id", "req_1"),
        ("anthropic-organization-id", "acme"),
    )
    assert passed_headers(given, REQUEST) == given[:2]


def test_an_upstreams_limits_do_not_pass_to_who_is_told_its_own() -> None:
    given = (("x-ratelimit-remaining-requests", "9"), ("request-id", "req_1"))
    assert passed_headers(given, REQUEST, rates=False) == (("request-id", "req_1"),)


def test_every_answer_says_whose_it_is_where_anybody_was_asked() -> None:
    asked, unasked = dict(own_headers("r", 7, "p", 2)), dict(own_headers("r", 7, None, 0))
    assert asked == {
        "x-routerctl-request-id": "r",
        "x-routerctl-revision": "7",
        "x-routerctl-provider": "p",
        "x-routerctl-attempts": "2",
    }
    assert "x-routerctl-provider" not in unasked
    assert unasked["x-routerctl-attempts"] == "0"


def test_a_trace_ends_with_whom_a_request_was_not_sent_to() -> None:
    assert traced("order=a", ()) == ("x-routerctl-trace", "order=a")
    skipped = [Skipped("b", "x", Reason.UNHEALTHY), Skipped("c", "y", Reason.SATURATED)]
    assert traced("order=a", skipped)[1] == "order=a; passed-over=b:unhealthy,c:saturated"


def test_a_redirect_is_told_for_what_it_is() -> None:
    attempt = Attempt("a", "b", Failure.BROKEN, "no answer", 302)
    assert "a answered with a redirect (status 302)" in exhausted("m", (attempt,)).message


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (200, complaint(200, (("content-type", "text/html; charset=utf-8"),)), "answered with a web page"),
        (600, complaint(600, ()), "answered with status 600, which is no answer"),
        (302, complaint(302, ()), "answered with a redirect (status 302), which is not followed"),
        (None, NOT_HTTP, "answered with what is no valid HTTP"),
        (200, UNKNOWN_CODING, "answered in a content-encoding that is not known"),
        (200, BAD_COMPRESSION, "answered with what can't be decompressed"),
        (200, EMPTY_STREAM, "answered with an empty stream"),
        (200, "the connection to inner.corp broke", "broke off its answer"),
    ],
)
def test_what_is_no_answer_is_told_for_what_it_is(status: int | None, reason: str, said: str) -> None:
    error = exhausted("m", (Attempt("a", "b", Failure.BROKEN, reason, status),))
    assert error.message == f"No provider answered for the model `m`: a {said}."
    assert (error.status, error.code) == (502, "upstream_error")
