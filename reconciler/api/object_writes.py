"""Writes of single resources, and the ways back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reconciler.control.proposal import Proposal
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Hold, Revision

if TYPE_CHECKING:
    from reconciler.control.imperative.changes import Rewrites
    from reconciler.control.review import Review
    from reconciler.control.rollback import RolledBack


@dataclass(frozen=True, slots=True)
class Change:
    """Changes of single resources, made by a command: one revision, called by its `verb`.

    manager: in whose name; None: who asks. `sealing`: what is written may hold a secret in plain text.
    """

    verb: str
    rewrites: "Rewrites"
    manager: str | None = None
    message: str = ""
    dry_run: bool = False
    sealing: bool = False
    ignore_missing: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """`revision` is the head afterwards; None: a dry run."""

    proposal: Proposal
    revision: Revision | None = None


class ObjectWrites(Protocol):
    def change(self, change: Change) -> Changed: ...

    def way_back(self, target: int, only: frozenset[ResourceKey]) -> "Review": ...

    def rollback(self, target: int, only: frozenset[ResourceKey], message: str) -> "RolledBack": ...

    def resume(self, source: str) -> tuple[Hold, ...]: ...
