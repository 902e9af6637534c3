"""A client's request body: parsed once, kept as bytes, changed in few places.

What nearly all clients send is read by its outline: which members stand at the top, and where. What is unusual or wrong is
walked member by member. Either way the place of `model` is known, and another name can be spliced in without writing the
rest anew; `stream_options.include_usage` is put in likewise, and so are the parameters of a Binding. What a body holds
beside that is the upstream's business.
"""

import json
import re
from dataclasses import dataclass
from itertools import starmap
from typing import Final, Protocol

from reconciler.protocol.body_walk import (
    MISSPELT,
    ONCE,
    Place,
    Value,
    in_bytes,
    read,
    text_of,
    walk,
    whole,
    wrong_type,
)
from reconciler.protocol.estimate import PROMPT_MEMBERS
from reconciler.protocol.outline import UNKNOWN, Members, located, outline, spacing
from reconciler.protocol.parameters import Member, Parameters, Splice, member
from reconciler.protocol.reservation import (
    BOUNDS,
    GUESSED_ANSWER,
    LIMITING,
    LOOKED_INTO,
    WEIGHING,
    Weight,
    asked_for,
    weight,
)

_START = re.compile(rb"[ \t\n\r]*\{[ \t\n\r]*(\})?")
_OPTION = frozenset({"include_usage"})
_NOTHING: frozenset[str] = frozenset()

_LIMIT: Final = 1
_MODEL: Final = 2
_STREAM: Final = 3
_OPTIONS: Final = 4
_REFUSED: Final = 5
_MEANINGS: Final[dict[str, int]] = {
    **dict.fromkeys(MISSPELT, _REFUSED),
    "model": _MODEL,
    "stream": _STREAM,
    "stream_options": _OPTIONS,
    **dict.fromkeys(LIMITING, _LIMIT),
}
"""Of the members that say something to the gateway."""
_PROMPT: Final = frozenset(PROMPT_MEMBERS)
"""Those that say nothing to it, whatever stands in them."""

_QUOTE: Final = 0x22
_BRACKET: Final = 0x5B
_BRACE: Final = 0x7B
_TRUE: Final = 0x74
_FALSE: Final = 0x66
_NULL: Final = 0x6E
"""First bytes of values, as numbers, which compiled code compares at once."""

_ASKS: Final = frozenset({b'{"include_usage":true}', b'{"include_usage": true}'})
_ASK: Final[Splice] = (1, 1, b'"stream_options": {"include_usage": true}, ')
"""Into an object with other members, whose bracket is the first byte."""


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
    def asked(self) -> int | None: ...

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
    `reservation.weight`, of a large one, which nobody should read again for that. `asked` as `reservation.asked_for`,
    of a small one; None where nobody has looked for it yet.
    """

    model: str | None
    stream: bool
    raw: bytes
    model_span: tuple[int, int] | None
    places: tuple[Place, ...] | None
    usage_splice: Splice | None
    weight: Weight | None
    asked: int | None

    def __init__(  # noqa: PLR0913, PLR0917  its fields
        self,
        model: str | None,
        stream: bool,
        raw: bytes,
        model_span: tuple[int, int] | None,
        places: tuple[Place, ...] | None = None,
        usage_splice: Splice | None = None,
        weight: Weight | None = None,
        asked: int | None = None,
    ) -> None:
        self.model = model
        self.stream = stream
        self.raw = raw
        self.model_span = model_span
        self.places = places
        self.usage_splice = usage_splice
        self.weight = weight
        self.asked = asked

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
        places = self.places
        if places is None:
            members = outline(self.raw)
            found = None if members is None else located(self.raw, members)
            if found is not None:
                return found
        text, at, size = self.raw.decode(), 0, 0
        if places is None:
            looked_for: list[Place] = []
            whole(text, looked_for, _NOTHING)
            places = tuple(looked_for)
        if text.isascii():
            return tuple(starmap(Member, places))
        listed = []
        for place in places:
            spans = []
            for position in place[1:]:
                size += len(text[at:position].encode())
                at = position
                spans.append(size)
            listed.append(Member(place[0], *spans))
        return tuple(listed)

    def __repr__(self) -> str:
        return f"<RequestBody {len(self.raw)} bytes>"


def read_request(
    body: bytes, reads: frozenset[str] = _NOTHING, members_read: dict[str, object] | None = None
) -> RequestBody:
    """Raises InvalidRequest (400) for what is no JSON object, and for a `model` or `stream` of the wrong type.

    `members_read` gets the values of the members named in `reads`.
    """
    plain = _plain(body, reads, members_read) if len(body) < LOOKED_INTO else None
    return _walked(body, reads, members_read) if plain is None else plain


def _plain(body: bytes, reads: frozenset[str], members_read: dict[str, object] | None) -> RequestBody | None:
    """None for all that is unusual or wrong."""
    members = outline(body)
    if members is None:
        return None
    plain, limits = RequestBody(None, False, body, None), list[bytes]()
    blanks = spacing(body, members)
    if not (
        _located(plain, members, limits) if blanks == UNKNOWN else _counted(plain, members, blanks, limits)
    ):
        return None
    if plain.stream and "stream_options" not in members:
        plain.usage_splice = _ASK if blanks != UNKNOWN else _usage_splice(body, "", None)
    if limits:
        plain.asked = asked_for(b",".join(limits), bounded=any(bound in members for bound in BOUNDS))
    else:
        plain.asked = GUESSED_ANSWER
    return plain if members_read is None or _told(members, reads, members_read) else None


def _counted(plain: RequestBody, members: Members, blanks: int, limits: list[bytes]) -> bool:
    """As `_learns`, of all of them, with so many blanks after each sign."""
    at, colon, comma = 1, 3 + blanks, 1 + blanks
    for name, value in members.items():
        start = at + len(name) + colon
        end = start + len(value)
        if name not in _PROMPT and not _learns(plain, name, at, start, end, limits):
            return False
        at = end + comma
    return True


def _located(plain: RequestBody, members: Members, limits: list[bytes]) -> bool:
    """As `_learns`, of all of them, wherever they stand."""
    found = located(plain.raw, members)
    return found is not None and all(each.name in _PROMPT or _learns(plain, *each, limits) for each in found)


def _learns(plain: RequestBody, name: str, at: int, start: int, end: int, limits: list[bytes]) -> bool:
    """False where the value in this place is none that clients send there. `limits` gets what may bound the answer."""
    meaning = _MEANINGS.get(name, 0)
    if meaning > _LIMIT:
        return _takes(plain, meaning, start, end)
    body = plain.raw
    if meaning == _LIMIT or body[start] == _BRACE or body[start] == _BRACKET:
        limits.append(body[at:end])
    return True


def _takes(plain: RequestBody, meaning: int, start: int, end: int) -> bool:
    """As `_learns`, of one that says how the request is to be read."""
    body = plain.raw
    first = body[start]
    if meaning == _MODEL:
        if first != _QUOTE:
            return False
        name = body[start + 1 : end - 1].decode()
        plain.model = name
        plain.model_span = (start, end)
        return "\\" not in name
    if meaning == _STREAM:
        plain.stream = first == _TRUE
        return first in (_TRUE, _FALSE, _NULL)
    return meaning == _OPTIONS and body[start:end] in _ASKS


def _told(members: Members, reads: frozenset[str], members_read: dict[str, object]) -> bool:
    """Whether these members could be read."""
    try:
        members_read.update(
            {name: json.loads(bytes(members[name]).decode()) for name in reads if name in members}
        )
    except (ValueError, RecursionError):
        return False
    return True


def _walked(body: bytes, reads: frozenset[str], members_read: dict[str, object] | None) -> RequestBody:
    text = text_of(body)
    places: list[Place] = []
    large = len(body) >= LOOKED_INTO
    members = read(text, places, ONCE | reads | WEIGHING if large else ONCE | reads)
    if members_read is not None:
        members_read.update((name, members[name][0]) for name in reads if name in members)
    model, span = members.get("model", (None, (0, 0)))
    if not isinstance(model, str | None):
        raise wrong_type("model", "a string")
    stream, _ = members.get("stream", (None, (0, 0)))
    if not isinstance(stream, bool | None):
        raise wrong_type("stream", "a boolean")
    return RequestBody(
        model=model,
        stream=bool(stream),
        raw=body,
        model_span=in_bytes(text, span) if "model" in members else None,
        places=tuple(places),
        usage_splice=_usage_splice(body, text, members.get("stream_options")) if stream else None,
        weight=weight({name: value for name, (value, _) in members.items()}) if large else None,
    )


def _usage_splice(body: bytes, text: str, options: "Value | None") -> Splice | None:
    """None also for options that are none: what is wrong with them is the upstream's to say."""
    if options is None:
        return _first_member(body, b"stream_options", b'{"include_usage": true}')
    value, span = options
    start, end = in_bytes(text, span)
    if value is None:
        return start, end, b'{"include_usage": true}'
    if not isinstance(value, dict) or not isinstance(value.get("include_usage"), bool | None):
        return None
    if value.get("include_usage") is True:
        return None
    found = walk(text, span[0], _OPTION, [])[0].get("include_usage")
    if found is not None:
        return (*in_bytes(text, found[1]), b"true")
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
