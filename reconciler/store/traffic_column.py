"""A column of requests as few bytes, made by few calls: workers write where they serve.

How it is written stands in the head of its batch: the one value of all; numbers as an array; names that end in counted
digits as those numbers; few texts as a table and the places in it. Any other is a list.
"""

import sys
from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias, cast

Value: TypeAlias = str | int | None
Head: TypeAlias = Sequence[Any]
"""As JSON: the kind, what that is given, and, where there are bytes, their width and what is to be added to each."""

_SAME, _NUMBERS, _SOME = "same", "numbers", "some"
_COUNTED, _TABLE, _LIST = "counted", "table", "list"
_WIDTHS = (("B", 2**8), ("H", 2**16), ("I", 2**32), ("Q", 2**64))
_FEW = 256
_DIGITS = 8
"""Hexadecimal ones, at the end of a name."""


def packed(values: Sequence[Value]) -> tuple[Head, bytes]:
    """What stands in the head, and the bytes. There is at least one value."""
    first = values[0]
    if values.count(first) == len(values):
        return (_SAME, first), b""
    if isinstance(first, str):
        return _table(values)
    try:
        return _numbers(cast("Sequence[int]", values))
    except (TypeError, OverflowError):  # some are of another kind
        pass
    try:
        return _some(values)
    except (TypeError, OverflowError):
        return _table(values)


def counted(values: Sequence[Value]) -> tuple[Head, bytes]:
    """As `packed`, for names of which only the last digits differ."""
    try:
        return _counted(cast("Sequence[str]", values))
    except (TypeError, ValueError):
        return packed(values)


def unpacked(head: Head, data: bytes, count: int) -> tuple[list[Value], bytes]:
    """The values, and what is left of the bytes.

    Raises ValueError, TypeError or LookupError for what was not packed so.
    """
    kind, given, *how = head
    if kind == _SAME:
        return [given] * count, data
    if kind == _LIST:
        return given, data
    code, low = how
    numbers = array(code)
    length = numbers.itemsize * count
    numbers.frombytes(data[:length])
    if sys.byteorder == "big":
        numbers.byteswap()
    return _values(kind, given, numbers, low), data[length:]


def _values(kind: str, given: Any, numbers: "array[int]", low: int) -> list[Value]:
    if kind == _NUMBERS:
        return [low + number for number in numbers]
    if kind == _SOME:
        return [given + number if number else None for number in numbers]
    if kind == _COUNTED:
        return [f"{given}{low + number:0{_DIGITS}x}" for number in numbers]
    if kind == _TABLE:
        return [given[number] for number in numbers]
    raise ValueError(kind)


def _numbers(values: Sequence[int], kind: str = _NUMBERS, given: Value = None) -> tuple[Head, bytes]:
    """From the least on, where that makes them narrower. Raises TypeError where one is none."""
    low, high = min(values), max(values)
    code = _width(high - low)
    if low >= 0 and code == _width(high):
        low = 0
    else:
        values = [value - low for value in values]
    numbers = array(code, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return (kind, given, code, low), numbers.tobytes()


def _width(highest: int) -> str:
    for code, beyond in _WIDTHS:
        if highest < beyond:
            return code
    raise OverflowError


def _some(values: Sequence[Value]) -> tuple[Head, bytes]:
    """Where others are not known: for these stands nought. Raises TypeError where one is a text."""
    known = cast("list[int]", [value for value in values if value is not None])
    before = min(known) - 1
    told = [0 if value is None else value - before for value in cast("Sequence[int | None]", values)]
    return _numbers(told, _SOME, before)


def _counted(names: Sequence[str]) -> tuple[Head, bytes]:
    """Of one length, that begin alike. Raises TypeError or ValueError for others."""
    prefix, between = names[0][:-_DIGITS], "\n"
    told = between.join(names)
    digits = f"{between}{told}".replace(f"{between}{prefix}", "")
    alike = set(map(len, names)) == {len(prefix) + _DIGITS} and told.count(between) == len(names) - 1
    data = bytes.fromhex(digits)
    if not alike or data.hex() != digits or len(data) * 2 != len(names) * _DIGITS:
        raise ValueError(prefix)
    numbers = array("I", data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return _numbers(numbers, _COUNTED, prefix)


def _table(values: Sequence[Value]) -> tuple[Head, bytes]:
    places = dict.fromkeys(values, 0)
    if len(places) > _FEW or len(places) * 2 > len(values):
        return (_LIST, [*values]), b""
    listed = [*places]
    places.update(zip(listed, range(_FEW), strict=False))
    return (_TABLE, listed, "B", 0), bytes(map(places.__getitem__, values))
