"""The top level of a request's body, walked member by member with the standard decoder: it takes any JSON, and has the words
for what is wrong.
"""

import json
import re
from itertools import product
from typing import Final, NoReturn

from reconciler.protocol.errors import InvalidRequest, invalid_body

_BLANK = re.compile(r"[ \t\n\r]*")
ONCE: Final = frozenset({"model", "stream", "stream_options"})
"""Two of these would let gateway and upstream read different requests."""

MISSPELT: Final = frozenset(
    spelt
    for name in ("model", "stream")
    for spelt in map(
        "".join, product(*((c, c.upper(), "\u017f") if c == "s" else (c, c.upper()) for c in name))
    )
    if spelt != name
)
"""What servers whose language ignores case (Go's does) read as one of these two, though it is none."""

Place = tuple[str, int, int, int]
"""As Member, which takes longer to make, in characters."""

Value = tuple[object, tuple[int, int]]
"""A value and its place in the text."""


def text_of(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _malformed(f"it is not UTF-8 at byte {error.start}") from None


def read(text: str, places: list[Place], wanted: frozenset[str]) -> dict[str, Value]:
    """The members that are wanted, after the whole text was found to be one JSON object. `places` gets those of all."""
    try:
        return whole(text, places, wanted)
    except json.JSONDecodeError as error:
        message = error.msg.partition(":")[0].removesuffix(" at")  # what follows a colon repeats the text
        raise _malformed(f"{message} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise _malformed("it is nested too deeply") from None
    except ValueError:  # NaN, Infinity, and integers of thousands of digits
        raise _malformed("it holds a number that JSON does not have or nobody can read") from None


def whole(text: str, places: list[Place], wanted: frozenset[str]) -> dict[str, Value]:
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        json.loads(text)  # what is no JSON at all gets its own message
        raise InvalidRequest(invalid_body("The request body must be a JSON object."))
    members, end = walk(text, at, wanted, places)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return members


def walk(text: str, start: int, wanted: frozenset[str], places: list[Place]) -> tuple[dict[str, Value], int]:
    """The wanted members of the object that starts here, and where it ends. `places` gets those of all."""
    members: dict[str, Value] = {}
    at = _skip(text, start + 1)
    closed = text[at : at + 1] == "}"
    while not closed:
        name, begin = _name(text, at)
        value, end = _DECODER.raw_decode(text, begin)
        places.append((name, at, begin, end))
        if name in members:
            raise InvalidRequest(invalid_body(f"The request body has `{name}` twice; send it once.", name))
        if name in wanted:
            members[name] = value, (begin, end)
        elif name in MISSPELT and wanted >= ONCE:
            raise _misspelt(name)
        at = _skip(text, end)
        closed = text[at : at + 1] == "}"
        if not closed:
            at = _skip(text, _expect(text, at, ","))
    return members, at + 1


def in_bytes(text: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    if text.isascii():
        return span
    first = len(text[:start].encode())
    return first, first + len(text[start:end].encode())


def _name(text: str, at: int) -> tuple[str, int]:
    """The member's name, and where its value starts."""
    if text[at : at + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    name, end = _DECODER.raw_decode(text, at)
    return name, _skip(text, _expect(text, _skip(text, end), ":"))


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(f"Expecting '{sign}' delimiter", text, at)
    return at + 1


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return at if blank is None else blank.end()


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"We could not parse the JSON body of your request: {what}.", code="invalid_json")
    )


def _misspelt(name: str) -> InvalidRequest:
    meant = name.lower().replace("\u017f", "s")
    return InvalidRequest(
        invalid_body(
            f"The request body has `{name}`, which some providers would take for `{meant}`. "
            f"Write `{meant}`, or leave it out.",
            name,
        )
    )


def wrong_type(param: str, expected: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")
    )
