from dataclasses import replace

from fakes.serving import candidate

from reconciler.cli.reported_output import reported_json, reported_lines, retry_lines
from reconciler.control.reported import Reported, Word
from reconciler.snapshot.model import RoutedCandidate
from reconciler.snapshot.retries import Retry

WORD = Word("a", "", "saturated", "maxConcurrent reached: 8", 2)


def test_nothing_is_told_of_those_that_are_asked_once() -> None:
    asked = RoutedCandidate(candidate("a"), "m")
    assert [*retry_lines([asked])] == []
    again = RoutedCandidate(replace(candidate("b"), retry=Retry()), "m")
    assert [*retry_lines([asked, again, again])] == [
        "",
        "Asked again, before the next one is:",
        "  b: 2 attempts, backoff 0.25 s",
    ]


def test_reports_are_marked_as_such_with_their_age() -> None:
    assert [*reported_lines(Reported(0, None))][-1] == "No worker is live, so nobody reports how these do."
    title, line = [*reported_lines(Reported(2, 0.66))][1:]
    assert title.startswith("What 2 live workers report, heard 0.7 s ago or later")
    assert line == "  nothing against any of them"
    assert [*reported_lines(Reported(2, 0.0, (WORD,)))][-1] == "  a: saturated, maxConcurrent reached: 8"


def test_as_data() -> None:
    assert reported_json(Reported(2, 0.66, (WORD,))) == {
        "workers": 2,
        "ageMilliseconds": 660,
        "candidates": [WORD.as_json()],
    }
    assert reported_json(Reported(0, None))["ageMilliseconds"] is None
