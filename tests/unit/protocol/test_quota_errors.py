import json

import pytest

from reconciler.protocol.quota_errors import (
    limits_unknown,
    never_fits,
    not_priced,
    quota_exceeded,
    rate_limited,
)

TOLD = (("x-ratelimit-limit-requests", "5"),)


@pytest.mark.parametrize(
    ("seconds", "after", "retries"), [(0.1, "1", True), (60, "60", True), (61, "61", False)]
)
def test_a_rate_tells_when_to_come_again(seconds: float, after: str, retries: bool) -> None:
    error = rate_limited("requests", "requestsPerHour is 5", seconds, TOLD)
    assert (error.status, error.type, error.code) == (429, "requests", "rate_limit_exceeded")
    headers = dict(error.headers)
    assert headers["retry-after"] == after
    assert ("x-should-retry" not in headers) is retries
    assert headers["x-ratelimit-limit-requests"] == "5"
    assert "requestsPerHour is 5" in error.message


def test_a_quota_is_told_as_openai_does() -> None:
    error = quota_exceeded("the budget of $5.00 for a day", "$0.10", "$0.02", "2026-11-23T00:00:00Z", 3600.4)
    told = json.loads(error.body())["error"]
    assert (error.status, told["type"], told["code"]) == (429, "insufficient_quota", "insufficient_quota")
    assert told["message"].startswith("You exceeded your current quota: $0.02 is left of the budget of $5.00")
    assert dict(error.headers) == {"retry-after": "3601", "x-should-retry": "false"}


@pytest.mark.parametrize(
    ("what", "code"), [("tokens", "rate_limit_exceeded"), ("insufficient_quota", "insufficient_quota")]
)
def test_what_never_fits_is_not_to_be_tried_again(what: str, code: str) -> None:
    error = never_fits(what, "tokensPerMinute is 5", "9 tokens", TOLD)
    assert (error.status, error.type, error.code) == (429, what, code)
    assert dict(error.headers) == {"x-should-retry": "false", "x-ratelimit-limit-requests": "5"}


def test_who_can_not_be_counted_is_not_served() -> None:
    assert (limits_unknown().status, limits_unknown().code) == (503, "limits_unavailable")


def test_what_has_no_price_is_refused_with_what_to_do() -> None:
    error = not_priced("a`b")
    assert (error.status, error.code, error.param) == (403, "model_not_priced", "model")
    assert "`a?b`" in error.message
    assert "pricing" in error.message
