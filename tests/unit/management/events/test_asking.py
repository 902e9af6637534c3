from collections.abc import Mapping

import pytest

from reconciler.management.events.asking import Wanted, wanted
from reconciler.management.events.log import Place
from reconciler.management.problems import BadRequest
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Sought


def test_a_list_is_bounded_and_a_stream_is_not() -> None:
    assert wanted({}, None) == Wanted(watch=False, sought=Sought(), place=None, limit=50)
    assert wanted({"watch": "true"}, None) == Wanted(watch=True, sought=Sought(), place=None, limit=None)


def test_a_stream_goes_on_behind_the_last_event_that_was_seen() -> None:
    assert wanted({"watch": "true", "after": "3"}, "7.2").place == Place(7, 2)
    assert wanted({"watch": "true", "after": "3"}, "").place == Place(3)
    assert wanted({"after": "3"}, "7.2").place == Place(3)


def test_what_is_sought_is_told_in_words() -> None:
    given = {"namespace": "a", "resource": "provider/p", "since": "2026-11-01T13:00:00+01:00", "limit": "5"}
    assert wanted(given, None) == Wanted(
        watch=False,
        sought=Sought(keys=(ResourceKey("Provider", "a", "p"),), namespace="a", since="2026-11-01T12:00:00Z"),
        place=None,
        limit=5,
    )


@pytest.mark.parametrize(
    "given",
    [
        {"watch": "yes"},
        {"after": "x"},
        {"since": "yesterday"},
        {"since": "2026-11-01T12:00:00"},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "ten"},
        {"resource": "p"},
        {"resource": "nothing/p"},
        {"resource": "provider/a/b"},
    ],
)
def test_what_means_nothing_is_refused(given: Mapping[str, str]) -> None:
    with pytest.raises(BadRequest):
        wanted(given, None)
