"""That the defaults are those of the kinds is proved in resources/test_health."""

from reconciler.json_types import JsonObject
from reconciler.snapshot.health import health_of, probe_of
from reconciler.snapshot.model import Health, Probe

SPEC: JsonObject = {
    "health": {
        "failureThreshold": 7,
        "failurePercent": 20,
        "minRequests": 30,
        "window": "1m",
        "openFor": 250,
        "slowStart": "30s",
        "probe": {
            "path": "/health",
            "interval": "2s",
            "timeout": "1s",
            "healthyThreshold": 4,
            "unhealthyThreshold": 5,
            "statuses": [200, 401],
        },
    }
}


def test_what_is_written_acts() -> None:
    assert health_of(SPEC) == Health(7, 60.0, 0.25, 20, 30, 30.0)
    assert probe_of(SPEC) == Probe(2.0, 1.0, 4, 5, "/health", frozenset({200, 401}), 30.0)


def test_what_says_nothing_shares_its_health_and_is_not_probed() -> None:
    assert health_of({}) is health_of({"health": None})
    assert probe_of({"health": {}}) is None


def test_which_statuses_are_good() -> None:
    assert [Probe().expects(status) for status in (199, 200, 299, 302, 401)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert [Probe(statuses=frozenset({401})).expects(status) for status in (200, 401)] == [False, True]
