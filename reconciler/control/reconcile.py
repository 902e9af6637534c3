"""One reconcile of one source: level-based and idempotent. The request is the source's paths, never an event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reconciler.clock import Clock
from reconciler.control.apply import Committer, apply
from reconciler.control.intake import source_of, take_in, user, wanted
from reconciler.control.manifest.document import InvalidManifests, Problem
from reconciler.control.plan.model import Held, Waiting
from reconciler.control.proposal import Records
from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import RevisionMeta


@dataclass(frozen=True, slots=True)
class Result:
    """How one reconcile went. `revision` is the head afterwards, 0 where it was not reached."""

    source: str
    revision: int = 0
    changed: int = 0
    problems: tuple[Problem, ...] = ()
    error: str | None = None
    held: tuple[Held, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    undeclared: tuple[ResourceKey, ...] = ()
    commit: str | None = field(default=None)
    exit_code: int = 0
    """What a command that did nothing but this would end with."""

    @property
    def failed(self) -> bool:
        return self.error is not None


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Keeps the store equal to what `paths` declare, each time it is asked."""

    paths: tuple[str, ...]
    records: Records
    known_sources: Callable[[], Sequence[str]]
    committer: Committer
    cipher: Callable[[], Cipher | None]
    clock: Clock
    explicit_source: str | None = None
    prune: bool = False

    def reconcile(self) -> Result:
        """Never raises what a manifest or the store can cause: that stands in the Result, and nothing was changed."""
        name = self.explicit_source or ", ".join(self.paths)
        try:
            return self._reconcile()
        except InvalidManifests as error:
            return Result(name, problems=error.problems, error=error.message, exit_code=error.exit_code)
        except RouterctlError as error:
            return Result(name, error=str(error), exit_code=error.exit_code)

    def _reconcile(self) -> Result:
        source = source_of(self.paths, explicit=self.explicit_source, known=self.known_sources())
        intake = take_in(self.paths)
        want = wanted(intake, self.paths, source, prune=self.prune, resync=True)
        meta = RevisionMeta(
            actor=user(),
            operation="apply",
            source=source.name if source is not None else None,
            commit=source.commit if source is not None else None,
            dirty=source.dirty if source is not None else False,
        )
        applied = apply(want, self.records, self.committer, self.cipher(), self.clock, meta)
        plan = applied.proposal.plan
        return Result(
            source.name if source is not None else want.manager,
            applied.revision.number,
            len(plan.changes),
            intake.warnings,
            None,
            plan.held,
            plan.waiting,
            plan.undeclared,
            meta.commit,
        )
