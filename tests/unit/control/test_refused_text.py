from reconciler.control.observed import RefusedBy
from reconciler.control.refused_text import began, lines, told
from reconciler.store.observations import WorkerRow

WORKER = WorkerRow("w", 1, 0, 0, 5, (), {})


def refused(reason: str, since: float | None = None) -> RefusedBy:
    return RefusedBy(WORKER, reason, "Invalid", since)


def test_a_reason_is_told_once_without_its_layout() -> None:
    assert lines("no key\n  set it\n") == "no key\nset it"
    assert told([refused("no key\n  set it"), refused("other"), refused("other")]) == "no key\nset it\nother"


def test_it_began_with_the_first_of_them_where_all_are_known() -> None:
    assert began([refused("a", 3.0), refused("b", 2.0)]) == 2.0
    assert began([refused("a", 3.0), refused("b")]) is None
