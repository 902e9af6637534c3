"""Conversations, as the records of their requests tell them. A session belongs to one client: what two of them happen to
name alike are two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from reconciler.store.traffic_batch import Value

DERIVED = "conv-"
"""How the name of a session begins that no client named: it is told by how the conversation begins."""

_ID = "ses-"
_DIGITS = 24
_REMEMBERED = 4096


class SessionRow(NamedTuple):
    """All that is recorded of one. `name` is what its client called it, or begins with DERIVED.

    `first` and `last` are when its first and its last request began, in milliseconds since the epoch. `cost` is in
    10**-15 dollars; `unpriced` requests used tokens and told no price.
    """

    id: str
    namespace: str
    client: str | None
    name: str
    first: int
    last: int
    requests: int
    failed: int
    tokens_in: int
    tokens_out: int
    cost: int
    unpriced: int
    micros: int
    """What all of them took."""
    models: tuple[str, ...]
    providers: tuple[str, ...]

    @property
    def derived(self) -> bool:
        return self.name.startswith(DERIVED)


@lru_cache(_REMEMBERED)
def session_id(namespace: str, client: str | None, name: str) -> str:
    """The same for the same client's same word, and for no other's."""
    told = "\0".join((namespace, client or "", name)).encode("utf-8", "surrogatepass")
    return _ID + sha256(told).hexdigest()[:_DIGITS]


def is_session_id(text: str) -> bool:
    return text.startswith(_ID) and len(text) == len(_ID) + _DIGITS


@dataclass(slots=True)
class Session:
    """One that is being summed up."""

    first: int
    last: int
    requests: int = 0
    failed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0
    unpriced: int = 0
    micros: int = 0
    models: set[str] = field(default_factory=set)
    providers: set[str] = field(default_factory=set)

    def row(self, namespace: str, client: str | None, name: str) -> SessionRow:
        return SessionRow(
            session_id(namespace, client, name),
            namespace,
            client,
            name,
            self.first,
            self.last,
            self.requests,
            self.failed,
            self.tokens_in,
            self.tokens_out,
            self.cost,
            self.unpriced,
            self.micros,
            tuple(sorted(self.models)),
            tuple(sorted(self.providers)),
        )


def id_of(namespace: Value, client: Value, name: Value) -> str | None:
    """Of a request; None where it is of no session."""
    return (
        None
        if name is None
        else session_id(str(namespace), None if client is None else str(client), str(name))
    )


def belongs(
    wanted: str, namespaces: Iterable[Value], clients: Iterable[Value], names: Iterable[Value]
) -> list[bool]:
    """Of each request whether it is of the session that is wanted, by its id or its client's word."""
    if not is_session_id(wanted):
        return [name == wanted for name in names]
    told = zip(namespaces, clients, names, strict=True)
    return [wanted in {each[2], id_of(*each)} for each in told]
