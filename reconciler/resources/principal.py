"""Who asks something of the management side, and what for: plain values."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Each may all that the one before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        return _RANK[self] >= _RANK[other]


_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Principal:
    """`name` says how it was recognised, too: `local:ada`, `token:ci`, `jwt:ada@acme.example`, `certificate:ci.acme.example`.

    `managers` are the names under `git:` and `api:` that it may apply as, beside its own. `namespaces` None: all.
    `address` is where it asked from; "" is this machine. `acting_as` is what it says of itself: recorded, never believed.
    `token` is the id of a token, which may be revoked meanwhile; `until` the epoch's second from which on it is nobody.
    """

    name: str
    role: Role
    managers: frozenset[str] = frozenset()
    namespaces: frozenset[str] | None = None
    address: str = ""
    acting_as: str | None = None
    token: str | None = None
    until: float | None = None

    @property
    def is_local(self) -> bool:
        """At this machine, as whoever works on the store's file: nothing is kept from them."""
        return self.name.startswith(LOCAL)

    @property
    def own_manager(self) -> str:
        return f"api:{self.name}"

    def sees(self, namespace: str) -> bool:
        return self.namespaces is None or namespace in self.namespaces


LOCAL = "local:"
LENT = ("git:", "api:")
"""Names of field managers that belong to somebody: to a source, to a principal."""


def local_principal(user: str, acting_as: str | None = None) -> Principal:
    return Principal(f"{LOCAL}{user}", Role.ADMIN, acting_as=acting_as)


UNKNOWN = local_principal("unknown")
"""At this machine, where nobody says who."""
