from datetime import UTC, datetime

import pytest
from fakes.traffic import NOW, row

from reconciler.management.problems import BadRequest
from reconciler.management.records.summing import (
    activity_document,
    ago,
    dimensions,
    group_document,
    mean_ms,
    usage_document,
    whole,
)
from reconciler.store.traffic_query import Group

AT = datetime.fromtimestamp(NOW / 1000, UTC)


def test_dimensions_are_told_once_each() -> None:
    assert dimensions("provider,hour,provider") == ("provider", "hour")
    with pytest.raises(BadRequest, match="by is one of provider, model, client, status"):
        dimensions("provider,")


def test_of_nothing_there_is_an_empty_sum() -> None:
    assert (mean_ms(whole([])), usage_document(whole([]))["total_responses"]) == (0, 0)


def test_a_group() -> None:
    group = Group(("p",), requests=2, failed=1, cost=10**15, tokens_in=3, tokens_out=4)
    group.durations.extend([1000, 3000])
    told = group_document(("provider",), group)
    assert (told["provider"], told["cost"], told["total_tokens"]) == ("p", "1", 7)
    assert told["duration_us"] == {"p50": 1000, "p95": 3000, "p99": 3000}
    assert told["first_byte_us"] == {"p50": None, "p95": None, "p99": None}
    assert (mean_ms(group), usage_document(group)["success_rate"]) == (2, 50)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 seconds ago"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (86_400, "1 day ago"),
    ],
)
def test_how_long_ago(seconds: int, text: str) -> None:
    assert ago(NOW - seconds * 1000, AT) == text


def test_what_was_done() -> None:
    done = activity_document(row(asked=None, model=None), AT)
    assert (done["action"], done["description"]) == ("completed", "chat request")
    assert "error" not in repr(done["metadata"])
