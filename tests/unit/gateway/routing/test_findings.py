import pytest

from reconciler.gateway.routing.findings import Finding, Findings
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Probe

KEY = ResourceKey("Provider", "default", "p")
PROBE = Probe(healthy_threshold=2, unhealthy_threshold=3)


@pytest.mark.parametrize(
    ("before", "probes", "told"),
    [
        (None, "+", [True]),
        (None, "--", [None, None]),
        (None, "---", [None, None, False]),
        (None, "--+", [None, None, True]),
        (True, "--+--", [True] * 5),
        (True, "---", [True, True, False]),
        (False, "+-++", [False, False, False, True]),
        (False, "++---", [False, True, True, True, False]),
    ],
)
def test_so_many_in_a_row_change_it(before: bool | None, probes: str, told: list[bool | None]) -> None:
    findings = Findings(Finding(KEY, before, -1.0, -1.0))
    heard, now = [], 0.0
    for probe in probes:
        now += 1
        last = findings.found.healthy
        changed = findings.add("" if probe == "+" else "status 500", now, PROBE)
        assert changed is (findings.found.healthy is not last)
        assert findings.found.probed == now
        assert (findings.found.since == now) is changed
        assert findings.found.fault == ("" if probe == "+" else "status 500")
        heard.append(findings.found.healthy)
    assert heard == told
