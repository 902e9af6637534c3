import pytest

from reconciler.json_types import JsonObject
from reconciler.snapshot.retries import Retry, retry_of


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({}, None),
        ({"retry": {}}, Retry()),
        (
            {"retry": {"attempts": 3, "statuses": [503, 429], "backoff": "1s"}},
            Retry(3, frozenset({429, 503}), 1.0),
        ),
        ({"retry": {"backoff": 40}}, Retry(backoff=0.04)),
    ],
)
def test_what_a_provider_says_of_it(spec: JsonObject, found: Retry | None) -> None:
    assert retry_of(spec) == found


def test_each_pause_is_twice_the_one_before_less_what_spreads_them() -> None:
    retry = Retry(backoff=0.5)
    assert [retry.pause(tried, 0.0) for tried in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert [retry.pause(tried, 1.0) for tried in (1, 2, 3)] == [0.25, 0.5, 1.0]


def test_it_is_told_in_words() -> None:
    assert Retry().words() == "2 attempts, backoff 0.25 s"
    assert Retry(3, frozenset({503, 429}), 1.0).words() == "3 attempts after 429, 503, backoff 1 s"
