"""Writes of manifests: compared, applied, kept as plans; and resources brought under the source that declares them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reconciler.control.apply import Applied
from reconciler.control.considering import Considered
from reconciler.control.proposal import Wanted
from reconciler.resources.resource import ResourceKey

if TYPE_CHECKING:
    from reconciler.control.adopt import Adopted
    from reconciler.control.plan.artefact import Artefact, InputFile
    from reconciler.control.planned.apply import AppliedPlan


IMPORT = "import"
"""The operation of a revision that `apply_import` made: no other write can give itself that name."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that is worth keeping where `considered.check` raises nothing."""

    considered: Considered
    artefact: "Artefact"


@dataclass(frozen=True, slots=True)
class Imported:
    """`backup`: where the copy is that was made before, on the machine of the store; None where none was needed."""

    applied: Applied
    backup: str | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """`wanted` is what the source's files declare; without it, `source` names one that the store knows."""

    keys: Sequence[ResourceKey]
    wanted: Wanted | None = None
    source: str | None = None
    force: bool = False
    dry_run: bool = False


class ManifestWrites(Protocol):
    """manager: the name that --field-manager gives; None: the source's, else who asks."""

    def consider(
        self, wanted: Wanted, manager: str | None, *, stranding: bool = True, writing: bool = False
    ) -> Considered:
        """What `apply` would do. writing: raises Forbidden as that would."""
        ...

    def apply(self, wanted: Wanted, manager: str | None, message: str) -> Applied: ...

    def apply_import(self, wanted: Wanted, message: str) -> Imported:
        """As apply, after a backup of the store where there is one and something changes."""
        ...

    def plan(self, wanted: Wanted, manager: str | None, inputs: "Sequence[InputFile]") -> Planned: ...

    def apply_plan(self, artefact: "Artefact", message: str) -> "AppliedPlan": ...

    def adopt(self, asked: Adoption) -> "Adopted": ...
