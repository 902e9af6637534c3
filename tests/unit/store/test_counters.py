import pytest

from reconciler.store.counters import Counters, total


def test_numbers_lists_and_objects_are_added() -> None:
    one: Counters = {"requests": {"a": 1, "b": 2}, "buckets": [1, 2], "seconds": 0.5}
    two: Counters = {"requests": {"b": 3, "c": 4}, "buckets": [1, 1, 1], "seconds": 1}
    assert total([one, two, {}]) == {
        "requests": {"a": 1, "b": 5, "c": 4},
        "buckets": [2, 3, 1],
        "seconds": 1.5,
    }


def test_nothing_adds_up_to_nothing() -> None:
    assert total([]) == {}


def test_counters_of_different_shape_are_not_added() -> None:
    with pytest.raises(ValueError, match="shape"):
        total([{"a": 1}, {"a": [1]}])
