"""A client's request body: parsed once, kept as bytes, changed in one place at most.

The top level is walked member by member with the standard decoder, so that the place of `model` is known and another
name can be spliced in without writing the rest anew. What a body holds beside the fields below is the upstream's
business.
"""

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from reconciler.protocol.errors import InvalidRequest, invalid_body

_BLANK = re.compile(r"[ \t\n\r]*")
_START = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*(\})?")
_ONCE = frozenset({"model", "stream", "stream_options"})
"""Two of these would let gateway and upstream read different requests."""


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What routing needs to know of a body. `model_span` is the place of the name, in bytes, quotes included."""

    model: str | None
    stream: bool
    include_usage: bool
    raw: bytes
    model_span: tuple[int, int] | None

    def with_model(self, name: str) -> bytes:
        """The body with this model name; every other byte as it came."""
        written = json.dumps(name).encode()
        if self.model_span is not None:
            start, end = self.model_span
            return b"".join((self.raw[:start], written, self.raw[end:]))
        opening = _START.match(self.raw)
        if opening is None:
            raise ValueError("not the body of a request that was read")
        at = self.raw.index(b"{") + 1
        separator = b"" if opening[1] else b", "
        return b"".join((self.raw[:at], b'"model": ', written, separator, self.raw[at:]))

    def __repr__(self) -> str:
        return f"<RequestBody {len(self.raw)} bytes>"


def read_request(body: bytes) -> RequestBody:
    """Raises InvalidRequest (400) for what is no JSON object, and for a `model` or `stream` of the wrong type."""
    text = _text(body)
    members = _members(text)
    model, span = members.get("model", (None, (0, 0)))
    if not isinstance(model, str | None):
        raise _wrong_type("model", "a string")
    stream, _ = members.get("stream", (None, (0, 0)))
    if not isinstance(stream, bool | None):
        raise _wrong_type("stream", "a boolean")
    options, _ = members.get("stream_options", (None, (0, 0)))
    return RequestBody(
        model=model,
        stream=bool(stream),
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        raw=body,
        model_span=_in_bytes(text, span) if "model" in members else None,
    )


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _malformed(f"it is not UTF-8 at byte {error.start}") from None


_Member = tuple[object, tuple[int, int]]
"""A value and its place in the text."""


def _members(text: str) -> dict[str, _Member]:
    """The members in _ONCE, after the whole text was found to be one JSON object."""
    try:
        return _walk(text)
    except json.JSONDecodeError as error:
        message = error.msg.partition(":")[0]  # what follows a colon repeats the text
        raise _malformed(f"{message} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise _malformed("it is nested too deeply") from None
    except ValueError:  # NaN, Infinity, and integers of thousands of digits
        raise _malformed("it holds a number that JSON does not have or nobody can read") from None


def _walk(text: str) -> dict[str, _Member]:
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        json.loads(text)  # what is no JSON at all gets its own message
        raise InvalidRequest(invalid_body("The request body must be a JSON object."))
    members: dict[str, _Member] = {}
    at = _skip(text, at + 1)
    closed = text[at : at + 1] == "}"
    while not closed:
        name, start = _name(text, at)
        value, end = _DECODER.raw_decode(text, start)
        if name in members:
            raise InvalidRequest(invalid_body(f"The request body has `{name}` twice; send it once.", name))
        if name in _ONCE:
            members[name] = value, (start, end)
        at = _skip(text, end)
        closed = text[at : at + 1] == "}"
        if not closed:
            at = _skip(text, _expect(text, at, ","))
    if _skip(text, at + 1) != len(text):
        raise json.JSONDecodeError("Extra data", text, at + 1)
    return members


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


def _in_bytes(text: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    if text.isascii():
        return span
    first = len(text[:start].encode())
    return first, first + len(text[start:end].encode())


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"We could not parse the JSON body of your request: {what}.", code="invalid_json")
    )


def _wrong_type(param: str, expected: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")
    )
