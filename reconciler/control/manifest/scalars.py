"""Plain scalars by the YAML 1.2 core schema, without its floats: `yes`, `on` and dates are text.

Tests inline in the constructor's loop (`WORDS`, `NUMERIC`) keep the common case, text, free of calls.
"""

import re
from typing import Final, cast

from reconciler.json_types import MAX_SAFE_INTEGER, JsonValue

WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
NUMERIC = "+-.0123456789"
"""What a number begins with."""

MERGE_KEY = "<<"

UNREAD: Final = cast("JsonValue", object())
"""Stands where a fault was told instead of a value. No field takes it, so nothing goes on with it by mistake."""

_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_LONGEST_INTEGER = 32
"""Longer ones can't be in range, and int() of a very long text is slow."""


class UnusableScalarError(Exception):
    """The scalar is a number that no field takes. Never holds the scalar itself."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def number(text: str) -> int | str:
    """The integer that `text` stands for, or `text` where it is no number. Raises UnusableScalarError on a float."""
    if _DECIMAL.fullmatch(text):
        return _in_range(text, 10)
    if _OCTAL.fullmatch(text):
        return _in_range(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _in_range(text[2:], 16)
    if _FLOAT.fullmatch(text):
        raise UnusableScalarError("floats are not used", "write it as a string (in quotes) or as an integer")
    return text


def _in_range(digits: str, base: int) -> int:
    if len(digits) <= _LONGEST_INTEGER:
        value = int(digits, base)
        if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return value
    raise UnusableScalarError(
        "the integer is too large", f"the largest is {MAX_SAFE_INTEGER}; write it as a string (in quotes)"
    )
