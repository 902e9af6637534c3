import pytest
from pydantic import TypeAdapter, ValidationError

from reconciler.resources.route import RouteSpec

ROUTE = TypeAdapter(RouteSpec)
MODEL: dict[str, object] = {"model": "m"}


def refused(spec: dict[str, object]) -> str:
    with pytest.raises(ValidationError) as caught:
        ROUTE.validate_python(spec)
    return str(caught.value)


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"match": {}, "targets": [MODEL]},
        {"match": {"models": ["gpt-*", "org/name"], "taskTypes": ["code"], "capabilities": ["json-schema"]}},
        {"match": {"headers": [{"name": "X-Team", "value": "a b", "type": "glob"}]}},
        {"match": {"promptTokens": {"min": 0}}},
        {"match": {"promptTokens": {"min": 5, "max": 5}}},
        {"strategy": "sticky", "sticky": {"header": "X-Session"}},
        {
            "strategy": "weighted",
            "targets": [{"model": "m", "weight": 0}, {"provider": "p", "timeout": "30s"}],
        },
        {"strategy": "cheapest", "targets": [{**MODEL, "priority": -1}]},
        {"strategy": "least-busy"},
        {"timeouts": {"total": "90s"}, "retry": {"attempts": 1}},
        {"timeouts": {"firstByte": 2000}, "retry": {"statuses": []}},
        {"hedge": {"delay": "300ms"}, "retry": {"attempts": 2, "statuses": [429, 503]}},
        {"hedge": {"delay": "1s", "percent": 100}},
        {"shadow": {"target": {"model": "m", "provider": "p", "timeout": "9s"}, "percent": 0}},
        {"parallelThreshold": 2},
        {"parallelThreshold": 100, "maxParallelWorkers": 8},
    ],
)
def test_what_is_a_route(spec: dict[str, object]) -> None:
    ROUTE.validate_python(spec)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"targets": []}, "too_short"),
        ({"targets": [{}]}, "expected a model, a provider or both"),
        ({"targets": [{"weight": 1}]}, "expected a model, a provider or both"),
        ({"targets": [MODEL, MODEL]}, "stand twice"),
        ({"targets": [{"model": "m", "weight": 1}]}, "acts on nothing with strategy priority"),
        ({"targets": [{"model": "m", "timeout": 30}]}, "write 30s or 30ms"),
        ({"targets": [{"model": "a/b"}]}, "pattern"),
        ({"match": {"models": []}}, "too_short"),
        ({"match": {"client": "c"}}, "Extra inputs"),
        ({"match": {"capabilities": ["flight"]}}, "literal_error"),
        ({"match": {"promptTokens": {}}}, "expected min, max or both"),
        ({"match": {"promptTokens": {"min": 2, "max": 1}}}, "min is greater than max"),
        ({"match": {"headers": [{"name": "Authorization", "value": "Bearer x"}]}}, "holds a credential"),
        ({"match": {"headers": [{"name": "X Team", "value": "a"}]}}, "HTTP allows"),
        ({"match": {"headers": [{"name": "X-Team", "value": ""}]}}, "too_short"),
        ({"match": {"headers": [{"name": "X-Team", "value": "a", "type": "regex"}]}}, "literal_error"),
        ({"strategy": "sticky"}, "write sticky: {header: NAME}"),
        ({"sticky": {"header": "X-Session"}}, "acts on nothing without strategy: sticky"),
        ({"strategy": "cheapest"}, "needs targets"),
        ({"strategy": "random"}, "literal_error"),
        ({"timeouts": {}}, "expected total, firstByte or both"),
        ({"timeouts": {"total": 30}}, "write 30s or 30ms"),
        ({"retry": {}}, "expected attempts, statuses or both"),
        ({"retry": {"attempts": 0}}, "greater_than_equal"),
        ({"retry": {"statuses": [200]}}, "greater_than_equal"),
        ({"retry": {"statuses": [500, 500]}}, "stands twice"),
        ({"hedge": {}}, "Field required"),
        ({"hedge": {"delay": "1s", "percent": 101}}, "less_than_equal"),
        ({"hedge": {"delay": "1s"}, "retry": {"attempts": 1}}, "hedge acts on nothing"),
        ({"shadow": {}}, "Field required"),
        ({"shadow": {"target": {"provider": "p"}}}, "Field required"),
        ({"shadow": {"target": {"model": "m", "weight": 1}}}, "Extra inputs"),
        ({"parallelThreshold": 1}, "greater_than_equal"),
        ({"maxParallelWorkers": 2}, "acts on nothing without parallelThreshold"),
    ],
)
def test_what_is_no_route(spec: dict[str, object], told: str) -> None:
    assert told in refused(spec)
