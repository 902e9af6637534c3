"""Every metric that the dashboard and the alerts of examples/observability ask for is one that /metrics tells, with its labels."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from reconciler.gateway.dispatch.outcome import Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.base import Failure
from reconciler.management.limits import LimitUse
from reconciler.management.metrics import exposition
from reconciler.management.status import status
from reconciler.protocol.usage import Usage
from reconciler.store.counters import Counters, total
from reconciler.store.health import HealthRows
from reconciler.store.observations import WorkerRow
from reconciler.store.records import EMPTY_STORE

FOLDER = Path(__file__).parents[2] / "examples" / "observability"
NOW = 1_000_000.0
SELECTOR = re.compile(r"\b((?:routerctl|gen_ai)_[a-z_]+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'([a-z_]+)\s*(?:=~|!=|!~|=)\s*"')
GROUPING = re.compile(r"\bby \(([^)]*)\)")
TEMPLATE = re.compile(r"\{\{([a-z_]+)\}\}")
MADE = {"le", "job", "instance"}
"""Labels that Prometheus adds, or that every histogram has."""


def exported() -> dict[str, set[str]]:
    """The labels of each sample's name, of a gateway to which everything has happened."""
    telemetry = Telemetry()
    failed = Attempt("a", "ba", Failure.CONNECT, "refused")
    done = Attempt("b", "bb", status=200, seconds=0.1)
    outcome = Outcome(200, Ending.COMPLETE, (failed, failed, done), "b", 1, 0.2, 0.1, Usage(1, 2, 3))
    skipped = (Skipped("x", "bx", Reason.CIRCUIT_OPEN),)
    telemetry.over("r", "chat", "m", replace(outcome, skipped=skipped), stream=True)
    telemetry.over("r", "chat", "m", replace(outcome, usage=Usage(1, 2, 3, estimated=True)))
    telemetry.over("r", "chat", "m", replace(outcome, attempts=(done, replace(done, beside="hedge"))))
    telemetry.over("r", "chat", "m", replace(outcome, attempts=(done,)))
    telemetry.shadowed("b", outcome)
    telemetry.cell("records", "written")[0] += 1
    gauges: Counters = {"in_flight": 1, "limits": {"Provider/p": {"waiting": 1}}}
    worker = WorkerRow("w-1", 1, NOW, NOW, 1, (("Provider/p", "no key"),), gauges)
    stood = status("sqlite:///s.db", replace(EMPTY_STORE, number=1), [worker], (), (), NOW, HealthRows())
    stood = replace(
        stood,
        limits=tuple(LimitUse(each, "maxConcurrent", 8, 1, 1) for each in ("Provider/p", "ClientKey/c")),
    )
    found: dict[str, set[str]] = {}
    counters = total([telemetry.snapshot()])  # type: ignore[list-item]  # integers and objects of them
    text = exposition(stood, counters).decode()
    for family in text_string_to_metric_families(text):
        found.setdefault(family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Expression and legend of each."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"], target["legendFormat"]
    for variable in dashboard["templating"]["list"]:
        yield variable["query"] if variable["type"] == "query" else "", ""
    alerts = YAML(typ="safe", pure=True).load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    for group in alerts["groups"]:
        for rule in group["rules"]:
            yield rule["expr"], ""


EXPORTED = exported()
HEALTH = {
    "routerctl_provider_circuit_state": {"provider", "namespace"},
    "routerctl_provider_healthy": {"provider", "namespace"},
}
"""Gauges whose samples come from rows of probes and circuits; their names are exported in any case."""


@pytest.mark.parametrize(("expression", "legend"), sorted(set(queries())))
def test_what_is_queried_is_exported(expression: str, legend: str) -> None:
    known: set[str] = set()
    for name, selected in SELECTOR.findall(GROUPING.sub("", expression)):
        assert name in EXPORTED, f"/metrics exports no {name}"
        labels = EXPORTED[name] | HEALTH.get(name, set())
        assert set(LABEL.findall(selected)) <= labels | MADE, f"{name} has no such label"
        known |= labels
    grouped = {label.strip() for labels in GROUPING.findall(expression) for label in labels.split(",")}
    assert grouped - {""} <= known | MADE
    assert set(TEMPLATE.findall(legend)) <= known | MADE


def test_all_that_is_exported_stands_on_the_dashboard() -> None:
    """So that a metric that comes is shown, too, or left out on purpose."""
    shown = {
        name for expression, _ in queries() for name, _ in SELECTOR.findall(GROUPING.sub("", expression))
    }
    families = {re.sub(r"_(bucket|count|sum|total|created)$", "", name) for name in EXPORTED}
    missing = {name for name in families if not any(each.startswith(name) for each in shown)}
    assert missing == set()


def test_panels_lie_beside_each_other() -> None:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_the_choice_of_providers_holds_for_every_panel_of_a_gauge_of_theirs() -> None:
    gauges = [expression for expression, _ in queries() if expression.startswith("routerctl_provider_")]
    chosen = [expression for expression in gauges if '{provider=~"$provider"}' in expression]
    assert len(chosen) == 6
    assert [each for each in gauges if each not in chosen] == [
        "routerctl_provider_circuit_state == 2",
        "routerctl_provider_refused == 1",
    ]
