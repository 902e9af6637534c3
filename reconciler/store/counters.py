"""Counters as the workers give them, and their sum: a tree of numbers that only grow."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import TypeAlias

CounterValue: TypeAlias = int | float | list["CounterValue"] | dict[str, "CounterValue"]
Counters: TypeAlias = dict[str, CounterValue]


def total(each: Iterable[Counters]) -> Counters:
    """Adds numbers, lists place by place and objects key by key; what only one side has is taken as it is.

    Raises ValueError where the two sides differ in shape.
    """
    result: Counters = {}
    for counters in each:
        result = _add_objects(result, counters)
    return result


def _add_objects(one: Counters, other: Counters) -> Counters:
    keys = [*one, *(key for key in other if key not in one)]
    return {key: _add(one.get(key), other.get(key)) for key in keys}


def _add(one: CounterValue | None, other: CounterValue | None) -> CounterValue:
    if one is None or other is None:
        present = other if one is None else one
        assert present is not None
        return present
    if isinstance(one, dict) and isinstance(other, dict):
        return _add_objects(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return [_add(*pair) for pair in zip_longest(one, other)]
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one + other
    raise ValueError("counters of the same name differ in shape")
