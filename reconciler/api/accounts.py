"""What commands read of who did what, of the proof of the record, and of what values are sealed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.store.audit import AuditRow
from reconciler.store.records import Problem, Revision


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of the proof of a record, and what it is of. `revisions` is the number of the head.

    `trouble`: why sealed values could not be opened, where a key should have been there.
    """

    head: Revision
    problems: tuple[Problem, ...]
    compacted: int
    sealed: int
    opened: int
    deeds: int
    signed: str | None
    trouble: str | None = None


class Accounts(Protocol):
    """Who did what, and whether the record of it is whole."""

    def audit(self, limit: int | None = None, principal: str | None = None) -> Sequence[AuditRow]: ...

    def verified(self, head: str | None = None) -> Verified: ...

    def public_key(self) -> str:
        """What values are sealed to, as text: it opens nothing. Raises SecretError where there is no key."""
        ...
