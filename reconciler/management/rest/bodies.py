"""Bodies of requests, within bounds: JSON as specs are made of, and YAML as its text."""

import json
import re
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request

from reconciler.control.manifest.limits import MAX_DEPTH, MAX_FILE_BYTES
from reconciler.control.manifest.printable import printable
from reconciler.errors import InvalidInput
from reconciler.json_types import MAX_SAFE_INTEGER, JsonObject, JsonValue
from reconciler.management.problems import BadRequest, TooLarge, UnsupportedMedia

JSON = "application/json"
YAML = "application/yaml"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
BESIDE_JSON = (YAML, MERGE_PATCH, JSON_PATCH)
"""None of them can be sent by a page of another site without asking first (a preflight)."""

MAX_JSON_BYTES = 1024 * 1024
MAX_YAML_BYTES = MAX_FILE_BYTES
MAX_VALUES = 20_000
_BLANK = rb"[ \t\r\n]*"
_EMPTY_OBJECT = re.compile(rb"%b\{%b\}%b" % (_BLANK, _BLANK, _BLANK))
_DECIMAL = re.compile(r"-?[0-9]{1,40}\.[0-9]{1,40}")
_DIGITS = len(str(MAX_SAFE_INTEGER)) + 1


def media_type(request: Request, takes: tuple[str, ...]) -> str:
    """What the body is, of what the operation takes. Raises UnsupportedMedia."""
    given = [value.decode("latin-1") for name, value in request.scope["headers"] if name == b"content-type"]
    essence, _, parameters = given[0].partition(";") if len(given) == 1 else ("", "", "")
    essence = essence.strip().lower()
    name, _, charset = (part.strip().lower() for part in parameters.partition("="))
    utf8 = not name or (name == "charset" and charset.strip('"') in {"utf-8", "utf8"})
    if essence not in takes or not utf8:
        told = printable(", ".join(given))[:100]
        raise UnsupportedMedia(
            f"the body is said to be {told}" if told else "there is no Content-Type, so no body is read",
            hint=f"send Content-Type: {' or '.join(takes)}, in UTF-8",
        )
    if "content-encoding" in request.headers and request.headers["content-encoding"].lower() != "identity":
        raise UnsupportedMedia("the body is encoded", hint="send it without Content-Encoding")
    return essence


async def nothing(request: Request) -> None:
    """For what takes no body: none, or `{}` as JSON. Whoever sends more means something by it, which would not be done.
    Raises InvalidInput, and as `read`.
    """
    content = await read(request, MAX_JSON_BYTES)
    if content and not (_EMPTY_OBJECT.fullmatch(content) and _is_json(request)):
        raise InvalidInput("no body is taken here", hint=f"send none, or {{}} as {JSON}")


def _is_json(request: Request) -> bool:
    try:
        return media_type(request, (JSON,)) == JSON
    except UnsupportedMedia:
        return False


async def read(request: Request, limit: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it is, BadRequest where the client leaves."""
    declared = request.headers.get("content-length", "")
    if (
        declared.isascii()
        and declared.isdigit()
        and (len(declared) > len(str(limit)) or int(declared) > limit)
    ):
        _too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                _too_large(limit)
            parts.append(part)
    except ClientDisconnect:
        raise BadRequest("the client left before its body was whole") from None
    return b"".join(parts)


def json_value(content: bytes, *, values: int = MAX_VALUES, depth: int = MAX_DEPTH) -> JsonValue:
    """Raises BadRequest for what is no JSON, says one member twice, is too deep, or holds what no spec may.

    A plain decimal fraction becomes its text, digit by digit: no float is stored anywhere.
    """
    try:
        value: JsonValue = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=_fraction,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"the body is not JSON: {error.msg.lower().removesuffix(' at')} in line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise BadRequest(_DEEP) from None
    _check(value, values, depth)
    return value


def json_object(content: bytes) -> JsonObject:
    value = json_value(content)
    if not isinstance(value, dict):
        raise BadRequest("the body is not a JSON object")
    return value


_DEEP = f"the body is nested more than {MAX_DEPTH} deep"


def _too_large(limit: int) -> NoReturn:
    shown = f"{limit // 1024 // 1024} MiB" if limit >= 1024 * 1024 else f"{limit} bytes"
    raise TooLarge(f"the body is larger than {shown}")


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    made: JsonObject = {}
    for name, value in pairs:
        if name in made:
            raise BadRequest(f'the body has the member "{printable(name)[:64]}" twice')
        made[name] = value
    return made


def _integer(text: str) -> int:
    if len(text) > _DIGITS or abs(int(text)) > MAX_SAFE_INTEGER:
        raise BadRequest(f"the integer {text[:20]}... is larger than JSON's readers agree on")
    return int(text)


def _fraction(text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise BadRequest(
            f"the number {text[:20]} has an exponent or too many digits", hint="write it as a plain decimal"
        )
    return text


def _constant(text: str) -> NoReturn:
    raise BadRequest(f"the body is not JSON: {text} is no value")


def _check(value: JsonValue, most: int, deepest: int) -> None:
    """Depth, number, and texts that UTF-8 can't hold."""
    left: list[tuple[JsonValue, int]] = [(value, 1)]
    count = 0
    while left:
        item, depth = left.pop()
        count += 1
        if count > most:
            raise BadRequest(f"the body holds more than {most} values")
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict | list):
            if depth > deepest:
                raise BadRequest(_DEEP)
            if isinstance(item, dict):
                for name in item:
                    _check_text(name)
            left += [(child, depth + 1) for child in (item.values() if isinstance(item, dict) else item)]


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("the body holds a text with a null or half a surrogate pair in it")
