from collections.abc import Iterator
from pathlib import Path

from fakes.api import api

from reconciler.listener.access import Operation
from reconciler.management.records import operations


def all_of_them() -> Iterator[Operation]:
    return (each for each in vars(operations).values() if isinstance(each, Operation))


def test_each_has_a_name_of_its_own() -> None:
    names = [each.name for each in all_of_them()]
    assert len(names) == len(set(names)) == 19


def test_each_answers_and_what_it_takes_is_told_once() -> None:
    for each in all_of_them():
        assert 200 in each.answers
        told = [parameter.name for parameter in each.parameters]
        assert len(told) == len(set(told))


def test_the_same_one_elsewhere_has_another_name() -> None:
    below = operations.again(operations.RECENT)
    assert (below.name, below.answers) == ("recentActivityBelow", operations.RECENT.answers)


def test_a_list_that_can_be_exported_says_in_what(tmp_path: Path) -> None:
    assert operations.LIST_REQUESTS.answers[200].also == ("text/csv", "application/jsonl")
    assert operations.RESPONSES_OF_SESSION.answers[200].also == ()
    with api(tmp_path) as asked:
        told = asked.get("/openapi.json").json()["paths"]["/v1/requests"]["get"]["responses"]["200"]
    assert set(told["content"]) == {"application/json", "text/csv", "application/jsonl"}
