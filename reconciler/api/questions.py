"""The questions that may be asked of a store from elsewhere: one table for both ends.

A question is a method of the protocols in `records`, and travels as it is declared there. What the table does not name
can't be asked: neither the vault, nor tokens, nor anything that writes.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast, get_type_hints

from reconciler.api.accounts import Accounts
from reconciler.api.forms import NotThatForm, from_json, to_json
from reconciler.api.packing import (
    pack_groups,
    pack_resources,
    pack_seen,
    pack_state,
    unpack_groups,
    unpack_resources,
    unpack_seen,
    unpack_state,
)
from reconciler.api.records import Observing, Records, Seen
from reconciler.api.traffic import Traffic
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.principal import Role
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State
from reconciler.store.traffic_query import Group

PREFIX = "/v1/store/"
AT = "x-routerctl-at"
"""The header of a request that names the revision that is meant; of an answer, the one that it is of."""
LONGEST = 1024 * 1024
"""Bytes of a question's arguments."""

_Form = tuple[Callable[[object], JsonValue], Callable[[JsonValue], object]]
_REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Question:
    """`part` is where a Store has it. `lasting`: the answer is a matter of the configuration and of what is asked alone,
    so that it holds until that moves. `role`: who may ask. `long`: its arguments have no bound, and go in a body.
    """

    part: str
    name: str
    arguments: Mapping[str, tuple[object, object]]
    """By name: annotation and default."""
    result: object
    role: Role = Role.VIEWER
    lasting: bool = False
    long: bool = False

    @property
    def path(self) -> str:
        return f"{PREFIX}{self.part}/{self.name.replace('_', '-')}"

    def bound(self, arguments: Sequence[object], named: Mapping[str, object]) -> JsonObject:
        """As they travel: what is at its default is left out."""
        given = dict(zip(self.arguments, arguments, strict=False)) | dict(named)
        return {
            name: to_json(value, self.arguments[name][0])
            for name, value in given.items()
            if value != self.arguments[name][1]
        }

    def read_arguments(self, document: JsonObject) -> Mapping[str, object]:
        """Raises InvalidInput."""
        unknown = sorted(set(document) - set(self.arguments))
        if unknown:
            raise InvalidInput(f"{self.name}: there is no argument {unknown[0][:64]!r}")
        missing = [
            name
            for name, (_, default) in self.arguments.items()
            if default is _REQUIRED and name not in document
        ]
        if missing:
            raise InvalidInput(f"{self.name}: the argument {missing[0]} is missing")
        return {name: from_json(value, self.arguments[name][0], name) for name, value in document.items()}

    def write(self, answer: object) -> JsonValue:
        packed = _PACKED.get(self.result)
        return packed[0](answer) if packed is not None else to_json(answer, self.result)

    def read(self, document: JsonValue) -> object:
        """Raises InvalidInput."""
        packed = _PACKED.get(self.result)
        return packed[1](document) if packed is not None else from_json(document, self.result)


def _one(document: JsonValue) -> StoredResource | None:
    found = unpack_resources(document)
    if len(found) > 1:
        raise NotThatForm("items", "one resource")
    return found[0] if found else None


def _packed(pack: Callable[..., JsonValue], unpack: Callable[[JsonValue], object]) -> _Form:
    return pack, unpack


_PACKED: Mapping[object, _Form] = {
    State: _packed(pack_state, unpack_state),
    Sequence[StoredResource]: _packed(pack_resources, unpack_resources),
    StoredResource | None: _packed(lambda one: pack_resources([] if one is None else [one]), _one),
    Sequence[Group]: _packed(pack_groups, unpack_groups),
    Seen: _packed(pack_seen, unpack_seen),
}


def _question(part: str, protocol: type, name: str, role: Role, *, lasting: bool) -> Question:
    method = cast("Callable[..., object]", getattr(protocol, name))
    hints = get_type_hints(method)
    arguments = {
        each.name: (hints[each.name], each.default)
        for each in list(inspect.signature(method).parameters.values())[1:]
    }
    return Question(part, name, arguments, hints["return"], role, lasting, name in _LONG)


_LASTING = (
    "head", "head_revision", "compacted", "state", "state_at", "get", "list", "revision", "find_revision",
    "find_revisions", "event_counts", "events", "logged", "revisions_of", "require_contents", "sources",
)  # fmt: skip
_PASSING = ("claims", "guarded", "holds", "vault_entry")
_LONG = frozenset({"find_revisions", "event_counts", "logged", "usage"})
_OPERATORS = frozenset({"bodies", "audit", "verified"})
"""What clients said, who was refused from where, and what takes a server long."""


def _role(name: str) -> Role:
    return Role.OPERATOR if name in _OPERATORS else Role.VIEWER


_PARTS: tuple[tuple[str, type, tuple[str, ...]], ...] = (
    ("records", Records, (*_LASTING, *_PASSING)),
    ("observing", Observing, ("seen", "source_statuses", "usage", "counted_since")),
    ("traffic", Traffic, ("find", "get", "bodies", "last", "groups", "portion", "sessions")),
    ("accounts", Accounts, ("audit", "verified", "public_key")),
)
QUESTIONS: Mapping[tuple[str, str], Question] = {
    (part, name): _question(part, protocol, name, _role(name), lasting=part == "records" and name in _LASTING)
    for part, protocol, names in _PARTS
    for name in names
}
"""By part and name."""
