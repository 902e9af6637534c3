"""That `describe` shows these lines is proved with it."""

from reconciler.cli.health_output import provider_lines
from reconciler.control.observed import Observed
from reconciler.control.serving import Serving
from reconciler.resources.resource import ResourceKey
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import STARTING, WorkerRow

KEY = ResourceKey("Provider", "default", "p")


def told(observed: Observed, key: ResourceKey = KEY) -> list[str]:
    return list(provider_lines(key, observed, 10))


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert told(Observed(Serving(()))) == ["Workers:  0"]
    assert told(Observed(Serving(())), ResourceKey("Model", "default", "p")) == []


def test_a_probe_and_circuits_stand_below_each_other() -> None:
    probe = ProbeRow("Provider/p", True, 0.0, 1.0)
    circuits = (
        CircuitRow("w", "Provider/p", "", "closed", 0.0),
        CircuitRow("w", "Provider/p", "m", "half-open", 0.0),
    )
    assert told(Observed(Serving(()), (), HealthRows(circuits, {"Provider/p": probe}, "w")))[:-1] == [
        "Health:",
        "  probe: healthy since 1970-01-01T00:00:00Z; last 1970-01-01T00:00:01Z",
        "  circuit in w: closed since 1970-01-01T00:00:00Z",
        "  circuit in w, model m: half-open since 1970-01-01T00:00:00Z",
    ]
    bad = HealthRows((), {"Provider/p": ProbeRow("Provider/p", False, 0.0, 1.0, "x")}, "w")
    assert "unhealthy since 1970-01-01T00:00:00Z; last failure: x;" in told(Observed(Serving(()), (), bad))[1]


def test_workers_are_told_with_what_they_built() -> None:
    starting = WorkerRow("a", 1, 0, 0, STARTING)
    serving = WorkerRow("b", 2, 0, 0, 3, builds={"Provider/p": 2})
    assert told(Observed(Serving((starting, serving)))) == [
        "Workers:  2",
        "  a (pid 1) is starting",
        "  b (pid 2) serves revision 3, built at 2",
    ]
