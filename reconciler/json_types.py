"""The JSON that specs are made of: null, bool, int, str, list, object. No floats: they have no exact text."""

from collections.abc import Mapping
from typing import TypeAlias, Union

JsonValue: TypeAlias = Union[bool, int, str, list["JsonValue"], dict[str, "JsonValue"], None]  # noqa: UP007  a name in quotes has no |
JsonObject: TypeAlias = dict[str, "JsonValue"]
JsonMapping: TypeAlias = Mapping[str, "JsonValue"]

MAX_SAFE_INTEGER = 2**53 - 1
"""RFC 8785 renders larger integers as floats, so none is stored."""


def value_at(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    """The value at `path`, None where there is nothing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def same(one: JsonValue, other: JsonValue) -> bool:
    """Equality of JSON: unlike in Python, true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
