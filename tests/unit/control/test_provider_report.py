import pytest

from reconciler.control.provider_report import Checked, ProviderReport, report_of
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Provider", "team-a", "up")


def test_it_travels_as_data() -> None:
    checks = (
        Checked("reachable", "ok", "it answers", seconds=0.25),
        Checked("models", "failed", "no", "do"),
        Checked("x", "skipped", "y"),
    )
    report = ProviderReport(KEY, "ollama", False, checks, ("m",), ("gone",), "pong")
    assert report_of(report.data()) == report
    assert (report.ok, report.failure, report.seconds) == (False, checks[1], 0.25)
    assert report.data()["latencyMs"] == 250
    well = ProviderReport(KEY, "ollama", True, checks[2:])
    assert report_of(well.data()) == well
    assert (well.ok, well.failure, well.seconds) == (True, None, None)


@pytest.mark.parametrize("change", [{"checks": 1}, {"checks": [3]}, {"type": None}, {"answer": 3}])
def test_what_is_none_is_refused(change: JsonObject) -> None:
    good = ProviderReport(KEY, "ollama", True, ()).data()
    with pytest.raises(ValueError, match="no report"):
        report_of({**good, **change})
