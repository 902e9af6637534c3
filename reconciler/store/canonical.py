"""RFC 8785 (JSON Canonicalization Scheme) for our JSON: no floats, integers up to 2**53-1, no lone surrogates.

One text for one value, so that digests can be recomputed anywhere. Python's own encoder writes that text already,
but for one point: RFC 8785 sorts keys by UTF-16 code units, Python by code points. They differ only where characters
outside the Basic Multilingual Plane occur, so only then is the value sorted by hand.
"""

import hashlib
import json
from json.encoder import encode_basestring

from reconciler.errors import InvalidInput
from reconciler.json_types import MAX_SAFE_INTEGER, JsonMapping, JsonValue

_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
_AS_GIVEN = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)


def canonical(value: "JsonValue | JsonMapping") -> bytes:
    """The canonical UTF-8 text. Raises InvalidInput for what our JSON does not hold; names the type, never the value."""
    try:
        if isinstance(value, str):
            return encode_basestring(value).encode()
        _check(value)
        text = _SORTED.encode(value)
        if not text.isascii() and max(text) > "\uffff":
            text = _AS_GIVEN.encode(_in_utf16_order(value))
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("text with half of a surrogate pair has no UTF-8 form") from error
    except RecursionError as error:
        raise InvalidInput("the value is nested too deeply") from error


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _check(value: object) -> None:
    pending = [value]
    while pending:
        node = pending.pop()
        if node is None or isinstance(node, str):
            continue
        if isinstance(node, dict):
            _check_keys(node)
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
        elif not isinstance(node, int):
            raise InvalidInput(
                f"a stored value can't be of type {type(node).__name__}", hint=_hint(type(node))
            )
        elif not -MAX_SAFE_INTEGER <= node <= MAX_SAFE_INTEGER:
            raise InvalidInput(
                "an integer beyond 2**53-1 has no exact JSON form", hint="write it as a string"
            )


def _check_keys(mapping: dict[object, object]) -> None:
    for key in mapping:
        if not isinstance(key, str):
            raise InvalidInput(f"a key of an object must be text, not {type(key).__name__}")


def _hint(kind: type) -> str | None:
    return "write it as a string, or in a smaller unit as an integer" if kind is float else None


def _in_utf16_order(value: object) -> object:
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list):
        return [_in_utf16_order(item) for item in value]
    return value


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be")
