import json

import pytest

from reconciler.management.problems import BadRequest
from reconciler.management.records.listing import MOST, USUAL, Part, json_lines, part


def test_a_part_is_of_one_moment() -> None:
    assert part({}, 7) == Part(USUAL, 0, 8)
    assert part({"limit": str(MOST), "offset": "3"}, 7) == Part(MOST, 3, 8)
    assert part({"continue": "5.100"}, 7) == Part(USUAL, 100, 5)


@pytest.mark.parametrize(
    "given", [{"continue": "5"}, {"continue": "5.1x"}, {"continue": "5.1", "offset": "0"}]
)
def test_what_no_answer_gave(given: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="continue is what an answer gave"):
        part(given, 7)


def test_it_tells_where_the_next_one_begins() -> None:
    told = Part(2, 4, 9).told("items", [{}, {}], 7)
    assert (told["continue"], told["has_more"], told["count"], told["offset"]) == ("9.6", True, 2, 4)
    last = Part(2, 6, 9).told("items", [{}], 7)
    assert (last["has_more"], "continue" in last, "total_exact" in last) == (False, False, False)
    asked = Part(2, 6, 9)
    assert asked.counted > 8
    told = asked.told("items", [{}, {}], asked.counted, exact=False)
    assert (told["has_more"], told["total_exact"]) == (True, False)


def test_a_document_is_a_line() -> None:
    lines = list(json_lines(iter([{"a": "x\ny"}, {"b": "é"}])))
    assert [line.count("\n") for line in lines] == [1, 1]
    assert [json.loads(line) for line in lines] == [{"a": "x\ny"}, {"b": "é"}]
