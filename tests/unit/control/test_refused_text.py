from reconciler.control.observed import RefusedBy
from reconciler.control.refused_text import began, lines, reason_of, told
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


def test_the_reason_in_a_word_is_the_one_that_a_person_can_mend() -> None:
    def of(*causes: str) -> str:
        return reason_of([RefusedBy(WORKER, "why", cause, None) for cause in causes])

    assert of("Internal", "EgressDenied") == "EgressDenied"
    assert of("EgressDenied", "Invalid") == "Invalid"
    assert of("Internal") == "NotBuilt"
