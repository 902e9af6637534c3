"""One reconcile of one source: level-based and idempotent. The request is where its files are, never an event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from reconciler.clock import Clock
from reconciler.control.apply import Committer, apply
from reconciler.control.intake import Intake, source_of, take_in, user, wanted
from reconciler.control.manifest.document import InvalidManifests, Problem
from reconciler.control.plan.model import EVERYTHING, Drifted, Held, Resync, Waiting
from reconciler.control.proposal import DEFAULT, Guards, Records, Wanted
from reconciler.control.source import Source
from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.store.records import RevisionMeta
from reconciler.store.source_status import GitStatus


@dataclass(frozen=True, slots=True)
class Result:
    """How one reconcile went. `revision` is the head afterwards, 0 where it was not reached.

    `drift`: what differs from what is declared, and was left so; `healed`: what was so, and was taken back. `rejected`
    says of which commit `error` tells, where one was not applied; `commit` is the one that was.
    """

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
    drift: tuple[Drifted, ...] = ()
    healed: tuple[Drifted, ...] = ()
    rejected: str | None = None
    git: GitStatus | None = None

    @property
    def failed(self) -> bool:
        return self.error is not None

    def renamed(self, named: Callable[[str], str]) -> "Result":
        """With other names for the files that its texts name."""
        return replace(
            self,
            problems=tuple(_renamed(problem, named) for problem in self.problems),
            error=named(self.error) if self.error is not None else None,
        )


def _renamed(problem: Problem, named: Callable[[str], str]) -> Problem:
    place = problem.location
    return replace(
        problem,
        location=place._replace(file=named(place.file)) if place is not None else None,
        message=named(problem.message),
        hint=named(problem.hint) if problem.hint is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Files:
    """What is declared: the files below `paths`, and whose they are. The rest is for the record of a revision.

    `warnings` are about what was left out when they were brought here.
    """

    paths: tuple[str, ...]
    source: Source | None
    operation: str = "up"
    message: str = ""
    warnings: tuple[Problem, ...] = ()


class Origin(Protocol):
    """Where files come from."""

    @property
    def name(self) -> str:
        """Stands for the source as long as that is not known."""
        ...

    def files(self, known: Callable[[], Sequence[str]]) -> Files:
        """As they are now. `known` gives the names of the sources in the store. Raises RouterctlError."""
        ...


@dataclass(frozen=True, slots=True)
class Folders:
    """Files that people edit where they are."""

    paths: tuple[str, ...]
    explicit_source: str | None = None

    @property
    def name(self) -> str:
        return self.explicit_source or ", ".join(self.paths)

    def files(self, known: Callable[[], Sequence[str]]) -> Files:
        return Files(self.paths, source_of(self.paths, explicit=self.explicit_source, known=known()))


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes the store equal to what files declare, each time it is asked."""

    records: Records
    known_sources: Callable[[], Sequence[str]]
    committer: Committer
    cipher: Callable[[], Cipher | None]
    clock: Clock
    prune: bool = False
    guards: Guards = DEFAULT
    read: Callable[[Sequence[str]], Intake] = take_in
    opens: Callable[[], Cipher | None] | None = None
    """As `cipher`, and makes no key: for files that a new key would be of no use to."""

    def reconcile(self, origin: Origin, resync: Resync = EVERYTHING) -> Result:
        """Never raises what a manifest or the store can cause: that stands in the Result, and nothing was changed."""
        name = origin.name
        try:
            files = origin.files(self.known_sources)
            name = files.source.name if files.source is not None else name
            intake = self.read(files.paths)
            want = wanted(intake, files.paths, files.source, prune=self.prune)
            return self._apply(files, intake, replace(want, guards=self.guards, resync=resync))
        except InvalidManifests as error:
            return Result(name, problems=error.problems, error=error.message, exit_code=error.exit_code)
        except RouterctlError as error:
            return Result(name, error=str(error), exit_code=error.exit_code)

    def _apply(self, files: Files, intake: Intake, want: Wanted) -> Result:
        source = files.source
        meta = RevisionMeta(
            actor=user(),
            operation=files.operation,
            source=source.name if source is not None else None,
            commit=source.commit if source is not None else None,
            dirty=source.dirty if source is not None else False,
            message=files.message,
        )
        cipher = self.cipher if self.opens is None or want.wants_a_key else self.opens
        applied = apply(want, self.records, self.committer, cipher(), self.clock, meta)
        plan = applied.proposal.plan
        return Result(
            source.name if source is not None else want.manager,
            applied.revision.number,
            len(plan.changes),
            (*files.warnings, *intake.warnings),
            held=plan.held,
            waiting=plan.waiting,
            undeclared=plan.undeclared,
            commit=source.commit if source is not None else None,
            drift=plan.drift,
            healed=plan.healed,
        )
