import pytest
from fakes.states import stored
from fakes.store import provider

from reconciler.json_types import JsonObject
from reconciler.snapshot.limits import Limits, limits_of


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
