from dataclasses import replace

from reconciler.gateway.gates import gate_of, turn
from reconciler.listener.pages import NO_PAGES
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.web_pages import WebPages


def test_a_gate_goes_by_its_flags_and_by_the_snapshot_in_force() -> None:
    gate = gate_of(["gateway.example"], ["https://flag.example"])
    assert gate.allowed.has("https://flag.example")
    turn(gate, Snapshot(1))
    assert gate.allowed.pages is NO_PAGES
    turn(gate, replace(Snapshot(2), web_pages=WebPages(("https://app.example",), max_age=5)))
    assert gate.allowed.has("https://app.example")
    assert gate.allowed.pages.manner.max_age == 5
