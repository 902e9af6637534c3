"""A client's request body: parsed once, kept as bytes, changed in few places.

The top level is walked member by member with the standard decoder, so that the place of `model` is known and another
name can be spliced in without writing the rest anew; `stream_options.include_usage` is put in likewise, and so are the
parameters of a Binding. What a body holds beside that is the upstream's business.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import starmap
from typing import NoReturn, Protocol

from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.parameters import Member, Parameters, Splice, member

_BLANK = re.compile(r"[ \t\n\r]*")
_OPENING = re.compile(r"[ \t\n\r]*\{[ \t\n\r]*")
_NAMED = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*')
_FOLLOWING = re.compile(r"[ \t\n\r]*([,}])[ \t\n\r]*")
_START = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*(\})?")
_ONCE = frozenset({"model", "stream", "stream_options"})
"""Two of these would let gateway and upstream read different requests."""

_OPTION = frozenset({"include_usage"})

_Place = tuple[str, int, int, int]
"""As Member, which takes longer to make, in characters."""


class Body(Protocol):
    """A client's body as it was read, JSON or multipart."""

    @property
    def model(self) -> str | None: ...

    @property
    def stream(self) -> bool: ...

    @property
    def raw(self) -> bytes: ...

    @property
    def lacks_usage(self) -> bool:
        """Whether a stream's usage was not asked for and can be, with `with_model(..., ask_usage=True)`."""
        ...

    def with_model(
        self, name: str, *, ask_usage: bool = False, parameters: Parameters | None = None
    ) -> bytes:
        """The body with this model name and, where it is JSON, these parameters; every other byte as it came."""
        ...


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What routing needs to know of a body. `model_span` is the place of the name, in bytes, quotes included.

    `usage_splice` asks for the usage of a stream; None where the client does so itself, and where there is no stream.
    `places` are those of all members, in characters.
    """

    model: str | None
    stream: bool
    raw: bytes
    model_span: tuple[int, int] | None
    places: tuple[_Place, ...]
    usage_splice: Splice | None = None

    @property
    def lacks_usage(self) -> bool:
        return self.usage_splice is not None

    def with_model(
        self, name: str, *, ask_usage: bool = False, parameters: Parameters | None = None
    ) -> bytes:
        splices: list[Splice] = []
        added: list[bytes] = []
        empty = not self.places
        if name != self.model:
            written = json.dumps(name).encode()
            if self.model_span is None:
                added.append(member("model", written))
            else:
                splices.append((*self.model_span, written))
        if ask_usage and self.usage_splice is not None:
            splices.append(self.usage_splice)
        if parameters is not None:
            edits = parameters.edits(self._members())
            splices += edits.splices
            added += edits.added
            empty = edits.empty
        if added:
            at = self.raw.index(b"{") + 1
            splices.append((at, at, b", ".join(added) + (b"" if empty else b", ")))
        return _spliced(self.raw, splices)

    def _members(self) -> tuple[Member, ...]:
        """Their places in bytes, which are those in characters where all of those are ASCII."""
        if self.raw.isascii():
            return tuple(starmap(Member, self.places))
        text, at, size = self.raw.decode(), 0, 0
        found = []
        for place in self.places:
            spans = []
            for position in place[1:]:
                size += len(text[at:position].encode())
                at = position
                spans.append(size)
            found.append(Member(place[0], *spans))
        return tuple(found)

    def __repr__(self) -> str:
        return f"<RequestBody {len(self.raw)} bytes>"


def read_request(body: bytes) -> RequestBody:
    """Raises InvalidRequest (400) for what is no JSON object, and for a `model` or `stream` of the wrong type."""
    text = _text(body)
    places: list[_Place] = []
    members = _members(text, places)
    model, span = members.get("model", (None, (0, 0)))
    if not isinstance(model, str | None):
        raise _wrong_type("model", "a string")
    stream, _ = members.get("stream", (None, (0, 0)))
    if not isinstance(stream, bool | None):
        raise _wrong_type("stream", "a boolean")
    return RequestBody(
        model=model,
        stream=bool(stream),
        raw=body,
        model_span=_in_bytes(text, span) if "model" in members else None,
        places=tuple(places),
        usage_splice=_usage_splice(body, text, members.get("stream_options")) if stream else None,
    )


def _usage_splice(body: bytes, text: str, options: "_Value | None") -> Splice | None:
    """None also for options that are none: what is wrong with them is the upstream's to say."""
    if options is None:
        return _first_member(body, b"stream_options", b'{"include_usage": true}')
    value, span = options
    start, end = _in_bytes(text, span)
    if value is None:
        return start, end, b'{"include_usage": true}'
    if not isinstance(value, dict) or not isinstance(value.get("include_usage"), bool | None):
        return None
    if value.get("include_usage") is True:
        return None
    found = _walk(text, span[0], _OPTION, [])[0].get("include_usage")
    if found is not None:
        return (*_in_bytes(text, found[1]), b"true")
    at, _, written = _first_member(body[start:end], b"include_usage", b"true")
    return start + at, start + at, written


def _first_member(json_object: bytes, name: bytes, value: bytes) -> Splice:
    opening = _START.match(json_object)
    if opening is None:
        raise ValueError("not the body of a request that was read")
    at = json_object.index(b"{") + 1
    separator = b"" if opening[1] else b", "
    return at, at, b'"%b": %b%b' % (name, value, separator)


def _spliced(raw: bytes, splices: list[Splice]) -> bytes:
    if not splices:
        return raw
    pieces, at = [], 0
    for start, end, written in sorted(splices):
        pieces += [raw[at:start], written]
        at = end
    return b"".join((*pieces, raw[at:]))


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _malformed(f"it is not UTF-8 at byte {error.start}") from None


_Value = tuple[object, tuple[int, int]]
"""A value and its place in the text."""


def _members(text: str, places: list[_Place]) -> dict[str, _Value]:
    """The members in _ONCE, after the whole text was found to be one JSON object. `places` gets those of all."""
    found = _plain_members(text, places)
    if found is not None:
        return found
    places.clear()
    try:
        return _whole(text, places)
    except json.JSONDecodeError as error:
        message = error.msg.partition(":")[0]  # what follows a colon repeats the text
        raise _malformed(f"{message} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise _malformed("it is nested too deeply") from None
    except ValueError:  # NaN, Infinity, and integers of thousands of digits
        raise _malformed("it holds a number that JSON does not have or nobody can read") from None


def _plain_members(text: str, places: list[_Place]) -> dict[str, _Value] | None:
    """As `_whole`, of what nearly all clients send; None for all that is unusual or wrong, of which `_whole` knows more."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    members: dict[str, _Value] = {}
    at = opening.end()
    try:
        while True:
            named = _NAMED.match(text, at)
            if named is None or named[1] in members:
                return None
            begin = named.end()
            value, end = _SCAN(text, begin)
            places.append((named[1], at, begin, end))
            if named[1] in _ONCE:
                members[named[1]] = value, (begin, end)
            following = _FOLLOWING.match(text, end)
            if following is None:
                return None
            at = following.end()
            if following[1] == "}":
                return members if at == len(text) else None
    except (StopIteration, ValueError, RecursionError):
        return None


def _whole(text: str, places: list[_Place]) -> dict[str, _Value]:
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        json.loads(text)  # what is no JSON at all gets its own message
        raise InvalidRequest(invalid_body("The request body must be a JSON object."))
    members, end = _walk(text, at, _ONCE, places)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return members


def _walk(
    text: str, start: int, wanted: frozenset[str], places: list[_Place]
) -> tuple[dict[str, _Value], int]:
    """The wanted members of the object that starts here, and where it ends. `places` gets those of all."""
    members: dict[str, _Value] = {}
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
        at = _skip(text, end)
        closed = text[at : at + 1] == "}"
        if not closed:
            at = _skip(text, _expect(text, at, ","))
    return members, at + 1


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
_SCAN: Callable[[str, int], tuple[object, int]] = _DECODER.scan_once  # type: ignore[attr-defined]  # typeshed lacks it


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"We could not parse the JSON body of your request: {what}.", code="invalid_json")
    )


def _wrong_type(param: str, expected: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")
    )
