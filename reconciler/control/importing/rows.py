"""Rows of others' databases → the JSON that their programs hold in memory. Columns that are missing are null."""

import json
from collections.abc import Mapping

from reconciler.json_types import JsonObject, JsonValue
from reconciler.store.foreign import Row, Value


def plain(value: Value) -> JsonValue:
    """A fraction is its text; bytes are text where they are."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def record(row: Row) -> JsonObject:
    return {name: plain(value) for name, value in row.items()}


def parsed(text: JsonValue) -> JsonValue:
    """JSON in a text; the text itself where it is none."""
    if not isinstance(text, str):
        return text
    try:
        return _cleaned(json.loads(text, parse_float=str, parse_constant=str))
    except (ValueError, RecursionError):
        return text


def _cleaned(value: JsonValue) -> JsonValue:
    """Integers that JSON has no exact form for become their text."""
    if isinstance(value, dict):
        return {name: _cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value


def parsed_columns(row: Mapping[str, JsonValue], columns: tuple[str, ...]) -> JsonObject:
    return {name: parsed(value) if name in columns else value for name, value in row.items()}


def rows_text(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
