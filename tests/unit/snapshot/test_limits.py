import pytest
from fakes.states import stored
from fakes.store import provider

from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.snapshot.limits import Limits, client_limits, limits_of


def test_limits_are_those_of_the_manifest_with_the_version_that_brought_them() -> None:
    spec: JsonObject = {
        "maxConcurrent": 4,
        "requestsPerMinute": 60,
        "tokensPerMinute": 9000,
        "queue": {"size": 3, "timeout": "1m"},
    }
    found = limits_of(stored(provider("p", limits=spec), revision=7))
    assert found == Limits("Provider/p", 7, 4, 60, 9000, 3, 60.0)


@pytest.mark.parametrize("spec", [{}, {"queue": {"size": 3}}])
def test_where_nothing_is_limited_there_are_none(spec: JsonObject) -> None:
    assert limits_of(stored(provider("p", limits=spec))) is None
    assert limits_of(stored(provider("p"))) is None


def test_one_limit_alone_has_no_queue() -> None:
    found = limits_of(stored(provider("p", limits={"requestsPerMinute": 5})))
    assert found == Limits("Provider/p", 1, requests=5, queue=0, patience=10.0)


def client_key(**spec: JsonObject | list[JsonObject]) -> StoredResource:
    return stored(Resource(ResourceKey("ClientKey", "team", "ci"), {**spec}), revision=4)  # type: ignore[dict-item]  # JSON


def test_a_client_has_its_limits_and_its_budgets() -> None:
    found = client_limits(
        client_key(
            limits={"maxConcurrent": 2, "tokensPerMinute": 9, "requestsPerDay": 5},
            budgets=[{"window": "month", "amount": "25.000000001"}, {"window": "day", "tokens": 7}],
        )
    )
    others = (("requestsPerDay", 5), ("budgets.month.amount", 25_000_000_001), ("budgets.day.tokens", 7))
    assert found == Limits("ClientKey/team/ci", 4, 2, None, 9, others=others, money=True)


def test_one_that_may_do_as_it_likes_has_none() -> None:
    assert client_limits(client_key()) is None
    assert client_limits(client_key(limits={})) is None
    only = client_limits(client_key(budgets=[{"window": "day", "tokens": 7}]))
    assert only is not None
    assert not only.money
