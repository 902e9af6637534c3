"""What a Binding makes of the parameters in a JSON body: set where they lack, replaced, taken out.

Members are spliced, so that every byte of the others stays as it came. Values are written once, when a snapshot is
compiled. A text that is a decimal fraction stands for that number: no float is stored anywhere, and its digits are sent
as they were written.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from reconciler.json_types import JsonObject, JsonValue

FIXED = frozenset({"model", "messages", "input", "stream", "stream_options"})
"""What the gateway sets or reads itself, and what the request is about."""

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,17}")

Splice: TypeAlias = tuple[int, int, bytes]
"""From, to, and what stands there instead; in bytes."""


class Member(NamedTuple):
    """A member at the top of a body: where its name starts, where its value does, and where that ends; in bytes."""

    name: str
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Edits:
    """`added` are members to put in; `empty`: none of the body's own is left."""

    splices: tuple[Splice, ...]
    added: tuple[bytes, ...]
    empty: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values as they go on the wire, by name. No name stands twice."""

    defaults: tuple[tuple[str, bytes], ...] = ()
    overrides: tuple[tuple[str, bytes], ...] = ()
    drop: frozenset[str] = frozenset()

    def edits(self, members: Sequence[Member]) -> Edits:
        """Of a body that has these members, in their order. One that stands twice is replaced or dropped twice."""
        overrides, there = dict(self.overrides), {member.name for member in members}
        splices = [
            (member.value, member.end, overrides[member.name])
            for member in members
            if member.name in overrides
        ]
        added = tuple(
            member(name, value) for name, value in (*self.overrides, *self.defaults) if name not in there
        )
        stay = [position for position, each in enumerate(members) if each.name not in self.drop]
        return Edits((*splices, *_without(members, stay)), added, not stay)


def parameters(config: JsonValue) -> Parameters | None:
    """Of a Binding's `config`; None where it changes nothing."""
    if not isinstance(config, dict):
        return None
    drop = config.get("drop")
    found = Parameters(
        _encoded(config, "defaults"),
        _encoded(config, "overrides"),
        frozenset(str(name) for name in drop) if isinstance(drop, list) else frozenset(),
    )
    return None if found == Parameters() else found


def member(name: str, value: bytes) -> bytes:
    return b"%b: %b" % (json.dumps(name).encode(), value)


def _encoded(config: JsonObject, field: str) -> tuple[tuple[str, bytes], ...]:
    values = config.get(field)
    return tuple((name, _wire(value)) for name, value in values.items()) if isinstance(values, dict) else ()


def _wire(value: JsonValue) -> bytes:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return value.encode()
    return json.dumps(value).encode()


def _without(members: Sequence[Member], stay: Sequence[int]) -> Iterable[Splice]:
    """Takes out all others, each with one comma: the one after it, but behind the last that stays the one before."""
    if len(stay) == len(members):
        return
    last = stay[-1] if stay else -1
    for position in range(last):
        if position not in stay:
            yield members[position].start, members[position + 1].start, b""
    if last + 1 < len(members):
        start = members[last].end if stay else members[0].start
        yield start, members[-1].end, b""
