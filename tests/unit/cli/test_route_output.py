"""The words themselves are looked at where the command is."""

from dataclasses import replace

from fakes.serving import candidate

from reconciler.bootstrap.explaining import Explanation
from reconciler.cli.route_output import explanation_json, explanation_lines
from reconciler.control.reported import Reported
from reconciler.gateway.routing.trace import Trace
from reconciler.protocol.errors import no_candidate
from reconciler.snapshot.model import RoutedCandidate
from reconciler.snapshot.retries import Retry

NOBODY = Reported(0, None)
ORDER = tuple(RoutedCandidate(candidate(name), "up") for name in "ab")


def test_a_strategy_that_goes_by_what_a_worker_knows_has_a_note() -> None:
    trace = Trace(model="m", route="r", strategy="least-busy", order=ORDER)
    lines = [*explanation_lines(Explanation(3, "team-a", trace, None, ("at most 3 s",)), None, NOBODY)]
    assert "A worker goes by the requests under way there; this is the order of its first one." in lines
    assert "Policy:    at most 3 s" in lines
    assert lines[-1].startswith("No worker is live")
    alone = replace(trace, order=ORDER[:1])
    assert not [
        line
        for line in explanation_lines(Explanation(3, "default", alone, None), "m", NOBODY)
        if "goes by" in line
    ]


def test_where_nobody_serves_it_nobody_reports() -> None:
    found = Explanation(3, "default", Trace(skipped=[("m-b", "the Binding is disabled")]), no_candidate("m"))
    lines = [*explanation_lines(found, "m", NOBODY)]
    assert lines[-2:] == ["Passed over:", "  m-b: the Binding is disabled"]
    told = explanation_json(found, "m", NOBODY)
    assert isinstance(told["error"], dict)
    assert told["error"]["status"] == 503


def test_as_data_a_candidate_says_how_often_it_is_asked() -> None:
    again = replace(ORDER[0], candidate=replace(ORDER[0].candidate, retry=Retry(3)))
    told = explanation_json(Explanation(3, "default", Trace(order=(again, ORDER[1])), None), "m", NOBODY)
    candidates = told["candidates"]
    assert isinstance(candidates, list)
    assert [each["attempts"] for each in candidates if isinstance(each, dict)] == [3, 1]


def test_who_sticks_by_its_client_is_told_of_clients() -> None:
    trace = Trace(model="m", route="r", strategy="sticky", order=ORDER)
    for by_client, said in (
        (False, "value of the header"),
        (True, "All requests of a client get the same order"),
    ):
        told = replace(trace, by_client=by_client)
        lines = [*explanation_lines(Explanation(3, "default", told, None), "m", NOBODY)]
        assert ["header" in line for line in lines if "same order" in line] == [not by_client]
        assert any(said in line for line in lines)
