"""A client's request body: parsed once, kept as bytes, changed in few places.

The top level is walked member by member with the standard decoder, so that the place of `model` is known and another
name can be spliced in without writing the rest anew; `stream_options.include_usage` is put in likewise, and so are the
parameters of a Binding. What a body holds beside that is the upstream's business.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product, starmap
from typing import Final, NoReturn, Protocol

from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.parameters import Member, Parameters, Splice, member
from reconciler.protocol.reservation import LOOKED_INTO, WEIGHING, Weight, weight

_BLANK = re.compile(r"[ \t\n\r]*")
_TO_THE_MODEL: Final = re.compile(r'"model"[ \t\n\r]*:[ \t\n\r]*("[^"\\\x00-\x1f]*")').search
_START = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*(\})?")
_ONCE: Final = frozenset({"model", "stream", "stream_options"})
"""Two of these would let gateway and upstream read different requests."""

_MISSPELT: Final = frozenset(
    spelt
    for name in ("model", "stream")
    for spelt in map(
        "".join, product(*((c, c.upper(), "\u017f") if c == "s" else (c, c.upper()) for c in name))
    )
    if spelt != name
)
"""What servers whose language ignores case (Go's does) read as one of these two, though it is none."""

_OPTION = frozenset({"include_usage"})
_NOTHING: frozenset[str] = frozenset()
_SHALLOW: Final = 800
"""With so many brackets at most, nothing can be nested so deeply that reading it once more would fail."""
_LARGE: Final = 6 * 1024
"""Bytes from which on it is dearer to look through a text several times than to walk it."""
_ESCAPED_LETTERS: Final = ("\\u005", "\\u006", "\\u007")
"""How the letters of a name in _ONCE may be written otherwise."""

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
    def weight(self) -> Weight | None: ...

    @property
    def lacks_usage(self) -> bool:
        """Whether a stream's usage was not asked for and can be, with `with_model(..., ask_usage=True)`."""
        ...

    def with_model(
        self, name: str, *, ask_usage: bool = False, parameters: Parameters | None = None
    ) -> bytes:
        """The body with this model name and, where it is JSON, these parameters; every other byte as it came."""
        ...


@dataclass(slots=True, init=False)
class RequestBody:
    """What routing needs to know of a body. `model_span` is the place of the name, in bytes, quotes included.

    `usage_splice` asks for the usage of a stream; None where the client does so itself, and where there is no stream.
    `places` are those of all members, in characters; None where nobody has looked for them yet. `weight` as
    `reservation.weight`, of a large one, which nobody should read again for that.
    """

    model: str | None
    stream: bool
    raw: bytes
    model_span: tuple[int, int] | None
    places: tuple[_Place, ...] | None
    usage_splice: Splice | None
    weight: Weight | None

    def __init__(
        self,
        model: str | None,
        stream: bool,
        raw: bytes,
        model_span: tuple[int, int] | None,
        places: tuple[_Place, ...] | None = None,
        usage_splice: Splice | None = None,
        weight: Weight | None = None,
    ) -> None:
        self.model = model
        self.stream = stream
        self.raw = raw
        self.model_span = model_span
        self.places = places
        self.usage_splice = usage_splice
        self.weight = weight

    @property
    def lacks_usage(self) -> bool:
        return self.usage_splice is not None

    def with_model(
        self, name: str, *, ask_usage: bool = False, parameters: Parameters | None = None
    ) -> bytes:
        splices: list[Splice] = []
        added: list[bytes] = []
        empty = self.places == ()
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
        text, at, size = self.raw.decode(), 0, 0
        places = self.places
        if places is None:
            looked_for: list[_Place] = []
            _whole(text, looked_for, _NOTHING)
            places = tuple(looked_for)
        if text.isascii():
            return tuple(starmap(Member, places))
        found = []
        for place in places:
            spans = []
            for position in place[1:]:
                size += len(text[at:position].encode())
                at = position
                spans.append(size)
            found.append(Member(place[0], *spans))
        return tuple(found)

    def __repr__(self) -> str:
        return f"<RequestBody {len(self.raw)} bytes>"


def read_request(
    body: bytes, reads: frozenset[str] = _NOTHING, members_read: dict[str, object] | None = None
) -> RequestBody:
    """Raises InvalidRequest (400) for what is no JSON object, and for a `model` or `stream` of the wrong type.

    `members_read` gets the values of the members named in `reads`.
    """
    text = _text(body)
    plain = _plain_request(body, text, reads, members_read) if len(body) < _LARGE else None
    if plain is not None:
        return plain
    places: list[_Place] = []
    large = len(body) >= LOOKED_INTO
    wanted = _ONCE | reads | WEIGHING if large else _ONCE | reads
    members = _read(text, places, wanted)
    if members_read is not None:
        members_read.update((name, members[name][0]) for name in reads if name in members)
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
        weight=weight({name: value for name, (value, _) in members.items()}) if large else None,
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


def _plain_request(
    body: bytes, text: str, reads: frozenset[str], members_read: dict[str, object] | None
) -> RequestBody | None:
    """What nearly all clients send, at a third of the cost; None for all that is unusual or wrong.

    A name that stands once in the text, and as a member at the top, stands there.
    """
    if text.count('"model"') != 1 or text.count('"stream"') > 1 or '"stream_options"' in text:
        return None
    # each is closed again, so in a short text there are not so many; split() skips where count() looks at each character
    if (
        len(text) > 2 * _SHALLOW
        and len(text.split("{", _SHALLOW)) + len(text.split("[", _SHALLOW)) - 2 > _SHALLOW
    ):
        return None
    if "\\u00" in text and any(escape in text for escape in _ESCAPED_LETTERS):
        return None
    if reads and any(text.count(f'"{name}"') > 1 for name in reads):
        return None
    try:
        value, end = _SCAN(text, 0)
    except (StopIteration, ValueError, RecursionError):
        return None
    found = _TO_THE_MODEL(text)
    if not isinstance(value, dict) or "model" not in value or found is None or text[end:].strip(" \t\n\r"):
        return None
    stream = value.get("stream", False)
    if (stream is not True and stream is not False) or not _MISSPELT.isdisjoint(value):
        return None
    if members_read is not None:
        members_read.update((name, value[name]) for name in reads if name in value)
    splice = _first_member(body, b"stream_options", b'{"include_usage": true}') if stream else None
    return RequestBody(value["model"], stream, body, _in_bytes(text, found.span(1)), None, splice)


def _read(text: str, places: list[_Place], wanted: frozenset[str]) -> dict[str, _Value]:
    """The members that are wanted, after the whole text was found to be one JSON object. `places` gets those of all."""
    try:
        return _whole(text, places, wanted)
    except json.JSONDecodeError as error:
        message = error.msg.partition(":")[0]  # what follows a colon repeats the text
        raise _malformed(f"{message} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise _malformed("it is nested too deeply") from None
    except ValueError:  # NaN, Infinity, and integers of thousands of digits
        raise _malformed("it holds a number that JSON does not have or nobody can read") from None


def _whole(text: str, places: list[_Place], wanted: frozenset[str]) -> dict[str, _Value]:
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        json.loads(text)  # what is no JSON at all gets its own message
        raise InvalidRequest(invalid_body("The request body must be a JSON object."))
    members, end = _walk(text, at, wanted, places)
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
        elif name in _MISSPELT and wanted >= _ONCE:
            raise _misspelt(name)
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
_SCAN: Final[Callable[[str, int], tuple[object, int]]] = _DECODER.scan_once  # type: ignore[attr-defined]  # typeshed lacks it


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


def _wrong_type(param: str, expected: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")
    )
