"""Who may ask, and who serves: tokens, and what is asked of those who serve a store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from reconciler.resources.principal import Role
from reconciler.resources.resource import ResourceKey
from reconciler.store.reloads import Reload
from reconciler.store.tokens import Token

if TYPE_CHECKING:
    from reconciler.control.egress import CutOff


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a token is for, and what it may. `expires` is a timestamp; None: never. `namespaces` None: all.

    keep: of the first token, whether the Providers that it would cut off are allowed; None: it is refused where there are any.
    """

    name: str
    role: Role = Role.VIEWER
    managers: tuple[str, ...] = ()
    namespaces: tuple[str, ...] | None = None
    expires: str | None = None
    keep: bool | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """`text` is shown once, and kept nowhere. `allowed`: the revision that keeps the Providers; None: none was made."""

    token: Token
    text: str = field(repr=False)
    allowed: int | None = None


@dataclass(frozen=True, slots=True)
class Reloading:
    """`live`: the supervisors that have live workers. `told`: how far each is with what was asked last."""

    live: frozenset[str]
    told: tuple[Reload, ...] = ()


@dataclass(frozen=True, slots=True)
class Reset:
    """`live` workers forget it."""

    live: int


class PeopleWrites(Protocol):
    def tokens(self) -> tuple[Token, ...]:
        """All that ever were, the oldest first. From a server they come without their hashes."""
        ...

    def first_cuts_off(self) -> "CutOff | None":
        """What the first token would cut off; None where there was one before."""
        ...

    def create_token(self, grant: Grant) -> Granted: ...

    def revoke_tokens(self, names: Sequence[str]) -> tuple[Token, ...]:
        """By name or id."""
        ...

    def reset_providers(self, keys: Sequence[ResourceKey]) -> Reset: ...

    def ask_reload(self) -> tuple[int, Reloading]:
        """The request's number, and whom it was asked of. Raises Unreachable where nothing serves."""
        ...

    def reloading(self) -> Reloading: ...
