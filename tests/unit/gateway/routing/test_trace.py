from fakes.serving import candidate

from reconciler.gateway.routing.trace import MAX_TEXT, Trace
from reconciler.snapshot.model import RoutedCandidate


def test_it_is_one_line() -> None:
    trace = Trace("m", "r", "weighted", [("q", "another model")], [("m@p", "lacks tools")])
    trace.order = (RoutedCandidate(candidate("a"), "up"), RoutedCandidate(candidate("b"), "m"))
    assert trace.text(7) == (
        "revision=7; model=m; route=r; strategy=weighted; order=a:up,b:m; skipped=m@p (lacks tools); "
        "missed=q (another model)"
    )
    assert Trace().text(1) == "revision=1; model=-; route=-; order=-"


def test_it_is_short_and_ascii() -> None:
    text = Trace("modèle\r\nx: y", missed=[("n" * 50, "why")] * 50).text(1)
    assert text.startswith("revision=1; model=mod?le??x: y;")
    assert len(text) == MAX_TEXT
    assert text.endswith("...")
