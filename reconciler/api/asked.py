"""Bodies of requests that write, but for those of single resources (`outcomes.Objects`)."""

from dataclasses import dataclass, field

from reconciler.api.intents import Intention
from reconciler.control.plan.artefact import InputFile
from reconciler.resources.resource import ResourceKey
from reconciler.store.compaction import Keep


@dataclass(frozen=True, slots=True)
class ManifestsAsked:
    """To be compared with the store, or applied. stranding: a prune that would strand something is told, and no error.
    writing: what who asks may not apply is refused, though nothing is.
    """

    intention: Intention
    message: str = ""
    stranding: bool = True
    writing: bool = False


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """`inputs` are the files that were read, by their paths in the source."""

    intention: Intention
    inputs: tuple[InputFile, ...] = ()


@dataclass(frozen=True, slots=True)
class RollbackAsked:
    """To `revision`; `only`: of these resources alone."""

    revision: int
    only: frozenset[ResourceKey] = frozenset()
    message: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ResumeAsked:
    source: str


@dataclass(frozen=True, slots=True)
class AdoptAsked:
    """By the source of the intention; without one, by `source`, which the store knows."""

    keys: tuple[ResourceKey, ...]
    intention: Intention | None = None
    source: str | None = None
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class RevokeAsked:
    """Tokens, by name or id."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResetAsked:
    providers: tuple[ResourceKey, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PruneAsked:
    keep: Keep
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class DoctorAsked:
    online: bool = False


@dataclass(frozen=True, slots=True)
class DropAsked:
    """The older encryption keys."""

    dry_run: bool = False
