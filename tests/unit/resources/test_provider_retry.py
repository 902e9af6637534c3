import pytest
from pydantic import ValidationError

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject
from reconciler.resources.provider_retry import ProviderRetry
from reconciler.snapshot.retries import DEFAULT_ATTEMPTS, DEFAULT_BACKOFF


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"attempts": 2, "statuses": [408, 409, 429, 500, 599], "backoff": "0s"},
        {"attempts": 5, "backoff": 250},
        {"backoff": "10s"},
    ],
)
def test_what_may_be_written(spec: JsonObject) -> None:
    ProviderRetry.model_validate(spec)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"attempts": 1}, "greater_than_equal"),
        ({"attempts": 6}, "less_than_equal"),
        ({"attempts": True}, "int_type"),
        ({"statuses": []}, "too_short"),
        ({"statuses": [503, 503]}, "retry"),
        ({"statuses": [401]}, "retry_status"),
        ({"statuses": [404]}, "retry_status"),
        ({"statuses": [200]}, "greater_than_equal"),
        ({"backoff": "11s"}, "backoff"),
        ({"backoff": -1}, "duration"),
        ({"times": 3}, "extra_forbidden"),
    ],
)
def test_what_may_not(spec: JsonObject, kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ProviderRetry.model_validate(spec)
    assert [error["type"] for error in refused.value.errors()] == [kind]


def test_the_defaults_are_those_that_act() -> None:
    retry = ProviderRetry()
    assert (retry.attempts, milliseconds(retry.backoff) / 1000) == (DEFAULT_ATTEMPTS, DEFAULT_BACKOFF)
