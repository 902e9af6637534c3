"""The JSON that specs are made of: null, bool, int, str, list, object. No floats: they have no exact text."""

from collections.abc import Mapping
from typing import TypeAlias, Union

JsonValue: TypeAlias = Union[bool, int, str, list["JsonValue"], dict[str, "JsonValue"], None]  # noqa: UP007  a name in quotes has no |
JsonObject: TypeAlias = dict[str, "JsonValue"]
JsonMapping: TypeAlias = Mapping[str, "JsonValue"]

MAX_SAFE_INTEGER = 2**53 - 1
"""RFC 8785 renders larger integers as floats, so none is stored."""
