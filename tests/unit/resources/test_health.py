import pytest
from pydantic import ValidationError

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject
from reconciler.resources.health import Health, Probe
from reconciler.snapshot import model
from reconciler.snapshot.health import health_of, probe_of


def test_the_defaults_are_those_that_act() -> None:
    told: JsonObject = Health(probe=Probe()).model_dump(mode="json")
    assert health_of({"health": told}) == health_of({}) == model.Health()
    assert probe_of({"health": told}) == probe_of({"health": {"probe": {}}}) == model.Probe()
    assert milliseconds(Health().openFor) == 5000


@pytest.mark.parametrize("path", ["/", "/health", "/api/v1/status?deep=1&x=/", "/a.b/c~d", "/%20"])
def test_paths_that_are_fine(path: str) -> None:
    assert Probe(path=path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "health",
        "//evil.test/",
        "http://evil.test/",
        "/a/../b",
        "/a/%2E%2e/b",
        "/a%2F..%2Fb",
        "/a/.",
        "/a b",
        "/a#b",
        "/a\nb",
        "/a\\b",
        "/a@evil\r",
        "/" + "a" * 1024,
        7,
    ],
)
def test_paths_that_could_lead_elsewhere(path: object) -> None:
    with pytest.raises(ValidationError):
        Probe.model_validate({"path": path})


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ({"interval": "2s", "timeout": "3s"}, "probe_timeout"),
        ({"interval": "4s"}, "probe_timeout"),
        ({"interval": 500}, "timeout"),
        ({"timeout": "0s"}, "timeout"),
        ({"statuses": []}, "too_short"),
        ({"statuses": [199]}, "greater_than_equal"),
        ({"statuses": ["200"]}, "int_type"),
        ({"healthyThreshold": 0}, "greater_than_equal"),
        ({"unhealthyThreshold": 101}, "less_than_equal"),
        ({"body": "x"}, "extra_forbidden"),
    ],
)
def test_what_is_no_probe(written: dict[str, object], error: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Probe.model_validate(written)
    assert [item["type"] for item in caught.value.errors()] == [error]


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ({"failureThreshold": -1}, "greater_than_equal"),
        ({"failurePercent": 101}, "less_than_equal"),
        ({"minRequests": 0}, "greater_than_equal"),
        ({"slowStart": "a while"}, "duration"),
    ],
)
def test_what_is_no_health(written: dict[str, object], error: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Health.model_validate(written)
    assert [item["type"] for item in caught.value.errors()] == [error]
