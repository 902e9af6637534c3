from prometheus_client.metrics_core import Metric

from reconciler.management.health_metrics import health_gauges
from reconciler.management.status import status
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import WorkerRow

NOW = 1_000.0


def told(family: Metric) -> dict[tuple[str, str], float]:
    return {
        (sample.labels["namespace"], sample.labels["provider"]): sample.value for sample in family.samples
    }


def test_each_provider_stands_once_with_the_worst_of_its_circuits() -> None:
    workers = [
        WorkerRow("a", 1, 0, NOW, 3, builds=dict.fromkeys(("Provider/p", "Provider/q", "Provider/r"), 1)),
        WorkerRow("b", 1, 0, NOW, 3, builds={"Provider/p": 1, "Provider/team/p": 1}),
        WorkerRow("dead", 1, 0, 0, 3, builds={"Provider/t": 1}),
    ]
    circuits = (
        CircuitRow("a", "Provider/p", "m", "open", 0),
        CircuitRow("b", "Provider/p", "n", "half-open", 0),
        CircuitRow("b", "Provider/q", "", "half-open", 0),
        CircuitRow("b", "Provider/r", "", "closed", 0),
        CircuitRow("b", "Provider/team/p", "m", "slow-start", 0),
        CircuitRow("b", "Provider/u", "m", "rate-limited", 0),
    )
    probes = {
        "Provider/p": ProbeRow("Provider/p", False, 0, 0),
        "Provider/q": ProbeRow("Provider/q", True, 0, 0),
    }
    shown = status("sqlite:///s.db", None, workers, (), (), NOW, HealthRows(circuits, probes, "a"))
    state, healthy = map(told, health_gauges(shown))
    at = "default"
    assert state == {(at, "p"): 2, (at, "q"): 1, (at, "r"): 0, ("team", "p"): 0, (at, "u"): 2}
    assert healthy == {(at, "p"): 0, (at, "q"): 1}
