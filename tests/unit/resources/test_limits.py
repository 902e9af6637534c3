import pytest
from pydantic import ValidationError

from reconciler.json_types import JsonObject
from reconciler.resources.limits import Limits
from reconciler.snapshot.limits import DEFAULT_QUEUE_TIMEOUT


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"maxConcurrent": 1, "queue": {}},
        {"requestsPerMinute": 1, "tokensPerMinute": 1_000_000_000, "queue": {"size": 0, "timeout": "1ms"}},
    ],
)
def test_what_may_be_written(spec: JsonObject) -> None:
    Limits.model_validate(spec)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"maxConcurrent": 0}, "greater_than_equal"),
        ({"requestsPerMinute": True}, "int_type"),
        ({"tokensPerMinute": "9000"}, "int_type"),
        ({"queue": {"size": 1}}, "queue"),
        ({"maxConcurrent": 1, "queue": {"size": -1}}, "greater_than_equal"),
        ({"maxConcurrent": 1, "queue": {"timeout": 5}}, "timeout"),
        ({"requestsPerSecond": 1}, "extra_forbidden"),
    ],
)
def test_what_may_not(spec: JsonObject, kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Limits.model_validate(spec)
    assert [error["type"] for error in refused.value.errors()] == [kind]


def test_the_queue_has_the_default_that_acts() -> None:
    queue = Limits.model_validate({"maxConcurrent": 1, "queue": {"size": 1}}).queue
    assert queue is not None
    assert queue.timeout == f"{DEFAULT_QUEUE_TIMEOUT:g}s"
