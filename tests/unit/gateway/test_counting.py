from itertools import pairwise

import pytest

from reconciler.gateway.counting import (
    APART,
    DURATION,
    DURATION_SUM,
    ESTIMATED_INPUT,
    ESTIMATED_OUTPUT,
    FIRST,
    FIRST_SUM,
    INPUT,
    INPUT_SUM,
    OUTPUT,
    OUTPUT_SUM,
    OWN,
    OWN_SUM,
    SERIES,
    SIZE,
    MemoryTally,
    Part,
    nested,
)

NAMES = (SERIES, "chat", "m", "p", "200", "complete", "plain")


def block(**cells: int) -> list[int]:
    """Cells by the place in their name: c3=1."""
    made = [0] * SIZE
    for name, number in cells.items():
        made[int(name[1:])] = number
    return made


def test_the_parts_of_a_block_follow_each_other() -> None:
    parts = (DURATION, FIRST, OWN, INPUT, OUTPUT)
    assert DURATION.start == 0
    assert all(before.end == after.start for before, after in pairwise(parts))
    assert (OUTPUT.end, ESTIMATED_INPUT, ESTIMATED_OUTPUT, APART) == (SIZE - 3, SIZE - 3, SIZE - 2, SIZE - 1)
    sums = (DURATION_SUM, FIRST_SUM, OWN_SUM, INPUT_SUM, OUTPUT_SUM)
    assert [part.sum for part in parts] == [*sums]


@pytest.mark.parametrize("part", [DURATION, FIRST, OWN, INPUT, OUTPUT])
def test_bounds_rise_and_bear_whole_numbers(part: Part) -> None:
    *bounds, over = [part.bound(place) for place in range(len(part.bounds) + 1)]
    assert over == "+Inf"
    assert [int(name) for name in bounds] == sorted({int(name) for name in bounds})


def test_cells_of_the_same_labels_are_the_same() -> None:
    tally = MemoryTally()
    tally.cells(("a",), 2)[1] += 3
    tally.cells(("a",), 2)[1] += 4
    assert tally.counts() == {("a",): [0, 7]}


def test_a_block_without_a_request_tells_nothing() -> None:
    assert nested({NAMES: block()}) == {}


def test_counters_stand_by_their_labels() -> None:
    counts = {("attempts", "p"): [2], ("failures", "p", "connect"): [1], ("skipped", "p", "x"): [0]}
    assert nested(counts) == {"attempts": {"p": 2}, "failures": {"p": {"connect": 1}}}


def test_what_has_another_form_is_left_out() -> None:
    assert nested({(SERIES, "chat"): [0] * SIZE, NAMES: [1, 2], ("odd",): [1, 2, 3]}) == {}


def test_blocks_are_folded_into_what_they_have_in_common() -> None:
    other = (SERIES, "chat", "m", "p", "503", "refused", "plain")
    tree = nested({NAMES: block(c0=2, c1=1), other: block(c0=1)})
    assert tree["requests"] == {"chat": {"m": {"p": {"2xx": 3, "5xx": 1}}}}
    assert tree["endings"] == {"chat": {"complete": 3, "refused": 1}}
    assert tree["duration"] == {"chat": {"p": {"count": 4, "sum": 0, "buckets": {"10000": 3, "20000": 1}}}}
    operation = tree["operation"]
    assert isinstance(operation, dict)
    assert operation["chat"] == {
        "p": {
            "m": {
                "": {"count": 3, "sum": 0, "buckets": {"10000": 2, "20000": 1}},
                "503": {"count": 1, "sum": 0, "buckets": {"10000": 1}},
            }
        }
    }


def test_attempts_that_are_counted_by_themselves_are_not_counted_twice() -> None:
    cells = block(c0=5)
    cells[APART] = 2
    assert nested({NAMES: cells, ("attempts", "p"): [4]})["attempts"] == {"p": 7}
    cells[APART] = 5
    assert "attempts" not in nested({NAMES: cells})


def test_an_answer_that_broke_is_an_error_of_its_operation() -> None:
    broken = (SERIES, "messages", "m", "p", "200", "broken", "stream")
    cells = block(c0=1)
    cells[FIRST.start] = 1
    tree = nested({broken: cells})
    assert tree["operation"] == {
        "chat": {"p": {"m": {"broken": {"count": 1, "sum": 0, "buckets": {"10000": 1}}}}}
    }
    assert tree["first_chunk"] == {"chat": {"p": {"m": {"count": 1, "sum": 0, "buckets": {"1000": 1}}}}}


def test_who_was_not_asked_has_no_operation() -> None:
    refused = (SERIES, "chat", "unknown", "none", "404", "refused", "plain")
    assert set(nested({refused: block(c0=1)})) == {"requests", "endings", "duration"}
