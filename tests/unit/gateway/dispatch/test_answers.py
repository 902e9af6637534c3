import pytest
from fakes.serving import KEY

from reconciler.gateway.dispatch.answers import (
    content_length,
    is_error_object,
    media_type,
    passed_headers,
    retryable,
    wordless_refusal,
)
from reconciler.provider_types.base import UpstreamRequest

REQUEST = UpstreamRequest("POST", "http://a.test", (("authorization", f"Bearer {KEY}"),), b"")


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422, 451])
def test_errors_about_the_request_are_not_tried_elsewhere(status: int) -> None:
    assert not retryable(status)


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429, 500, 503, 529])
def test_errors_about_the_provider_are(status: int) -> None:
    assert retryable(status)


def test_no_more_headers_pass_than_a_client_can_use() -> None:
    given = [(f"x-ratelimit-{number}", "1") for number in range(500)]
    assert len(passed_headers(given, REQUEST)) == 32


@pytest.mark.parametrize("given", ["tomorrow", "-1", ""])
def test_a_wait_that_is_neither_seconds_nor_a_date_does_not_pass(given: str) -> None:
    assert passed_headers([("retry-after", given)], REQUEST) == ()


def test_a_wait_until_a_date_passes_unless_it_is_far() -> None:
    until = ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")
    assert passed_headers([until], REQUEST) == (until,)
    assert passed_headers([("date", "Wed, 21 Oct 2026 07:27:50 GMT"), until], REQUEST) == (until,)
    assert passed_headers([("date", "Wed, 21 Oct 2026 01:00:00 GMT"), until], REQUEST) == (
        ("retry-after", "60"),
    )


@pytest.mark.parametrize("given", ["-1", "1e3", "٣", "9" * 30, ""])
def test_a_length_that_is_none_does_not_pass(given: str) -> None:
    assert content_length([("content-length", given)]) == ()


def test_the_media_type_is_compared_without_its_parameters() -> None:
    assert media_type([("content-type", "Text/Event-Stream; charset=utf-8")]) == "text/event-stream"
    assert media_type([]) == ""


def test_a_header_that_repeats_the_key_does_not_pass() -> None:
    given = [("x-request-id", f"for-{KEY}"), ("openai-version", "1"), ("retry-after", KEY)]
    assert passed_headers(given, REQUEST) == (("openai-version", "1"),)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b'{"error": {"message": "m"}}', True),
        (b'{"error": "m"}', True),
        (b'{"detail": "m"}', False),
        (b'{"error": null}', False),
        (b"[]", False),
        (b"<html>", False),
        (b"\xff", False),
        (b"[" * 60_000, False),
        (b"", False),
    ],
)
def test_openais_error_shape_is_told_from_others(body: bytes, shape: bool) -> None:
    assert is_error_object(body) is shape


def test_the_blame_follows_the_status() -> None:
    assert wordless_refusal(500, "a").type == "server_error"
    assert wordless_refusal(404, "a").type == "invalid_request_error"
