"""TOML that is no manifest of ours → JSON. Fractions and times are their text."""

import tomllib

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

_LARGEST = 2**53


def read_foreign_toml(content: bytes, name: str) -> JsonObject:
    """Raises InvalidInput, which names the place and repeats nothing."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is not UTF-8", hint="save it as UTF-8") from None
    try:
        read = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{name} is no TOML: {str(error)[:200]}") from None
    except RecursionError:
        raise InvalidInput(f"{name} is no TOML: it is nested too deep") from None
    data = _plain(read)
    return data if isinstance(data, dict) else {}


def _plain(value: object) -> JsonValue:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < _LARGEST):
        return value
    return str(value)
