from dataclasses import replace

from reconciler.gateway.dispatch.merging import all_skipped, marked, summed, with_attempts
from reconciler.gateway.dispatch.outcome import PART, Attempt, Ending, Outcome, Reason, Skipped
from reconciler.protocol.usage import Usage


def test_the_attempts_of_all_take_the_place_of_one_machines() -> None:
    headers = (("content-type", "x"), ("x-routerctl-attempts", "1"))
    assert with_attempts(headers, 5) == (("content-type", "x"), ("x-routerctl-attempts", "5"))


def test_the_first_of_a_part_began_beside_the_others() -> None:
    one, other = Attempt("a", "a"), Attempt("b", "b")
    assert marked((one, other), PART) == (replace(one, beside=PART), other)
    later = Attempt("b", "b", at=1.0)
    assert [each.at for each in marked((one, later), PART, 0.5)] == [0.5, 1.5]
    assert marked((), PART) == ()


def test_who_was_passed_over_twice_is_told_once() -> None:
    skipped = Skipped("a", "a", Reason.CIRCUIT_OPEN)
    other = Skipped("b", "b", Reason.CIRCUIT_OPEN)
    outcomes = [
        Outcome(200, Ending.COMPLETE, (), "p", 1, 0.0, skipped=each)
        for each in ((skipped,), (other, skipped))
    ]
    assert all_skipped(outcomes) == (skipped, other)


def test_the_usage_of_all() -> None:
    assert summed([None, None]) is None
    assert summed([Usage(1, 2, 3), None, Usage(4, 0, 4, estimated=True)]) == Usage(5, 2, 7, estimated=True)
