"""Follows a branch: fetch it, check it out, make the store equal to it; and tell what became of that.

A commit that can't be applied changes nothing: the one before it is kept, and kept up, until a better one comes. So is
the last one while the remote can't be reached. Holds of a rollback stand as against every other source.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

from reconciler.clock import Clock, precise_timestamp
from reconciler.control.backoff import Backoff
from reconciler.control.git.mirror import Commit, Mirror
from reconciler.control.git.program import GitFailed, Stopped
from reconciler.control.git.remote import Remote
from reconciler.control.kustomize.overlay import Overlay, place_of
from reconciler.control.plan.model import ByHand, Resync
from reconciler.control.reconcile import Files, Reconciler, Result
from reconciler.control.source import checked_out, normalised_remote, repository_name
from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey
from reconciler.store.source_status import GitStatus

LONGEST_WAIT_SECONDS = 300.0
"""Between two tries to fetch, however often it failed; or the interval, where that is longer."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What is followed, and how. `path` is "" for the whole repository, or an Overlay in it.

    `heal`: what people changed by hand is taken back, not only told.
    """

    remote: Remote
    name: str = "main"
    path: str = ""
    source: str | None = None
    verify: bool = False
    heal: bool = True
    interval_seconds: float = 30.0
    repeats: bool = True

    @property
    def repository(self) -> str:
        """The name of the repository, as a source has it."""
        if self.remote.folder is not None:
            return repository_name(self.remote.folder)
        return normalised_remote(self.remote.address) or self.remote.address

    @property
    def place(self) -> str:
        """For people, and as the name of its status: where the manifests are."""
        path = place_of(self.path)
        return f"{self.remote.address}#{self.name}" + (f":{path}" if path else "")


class Sync:
    """One step after another, by one thread. `ask` may be called from any."""

    def __init__(
        self,
        branch: Branch,
        mirror: Mirror,
        reconciler: Reconciler,
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        interval = branch.interval_seconds
        self._branch = branch
        self._mirror = mirror
        self._reconciler = reconciler
        self._clock = clock
        self._backoff = Backoff(interval, max(interval, LONGEST_WAIT_SECONDS), chance)
        self._not_before = 0.0
        self._asked = Event()
        self._asked.set()
        self._trouble: RouterctlError | None = None
        self._fetched: str | None = None
        self._source = branch.source or branch.repository
        self._unfinished: frozenset[ResourceKey] = frozenset()
        """What the commit that was applied last wants, and does not have because of what is held or was left."""

    @contextmanager
    def begun(self, *, anew: bool = False) -> Iterator[None]:
        """Steps are made inside. `anew`: nothing was ever applied to this store, whatever the mirror says.

        Raises Conflict where another process follows the same for the same store.
        """
        with self._mirror.locked():
            if anew:
                self._mirror.forget()
            yield

    def ask(self) -> None:
        """The next step fetches, however long it should have waited."""
        self._asked.set()

    def pause(self) -> float:
        """Seconds until the next step is due."""
        interval = self._branch.interval_seconds
        if self._trouble is None:
            return interval
        return min(interval, max(0.0, self._not_before - self._clock.monotonic()))

    def step(self) -> Result:
        """Never raises what a commit, the remote or the store can cause: that stands in the Result."""
        try:
            self._fetch()
            result = self._reconciled()
        except RouterctlError as error:  # of the mirror itself, or the end
            if isinstance(error, GitFailed):
                self._mirror.discard_if_damaged()
            result = Result(self._source, error=str(error), exit_code=error.exit_code)
        self._source = result.source or self._source
        if self._trouble is not None and not result.failed:
            trouble = self._trouble
            result = replace(result, error=str(trouble), exit_code=trouble.exit_code)
        return replace(result, git=self._status())

    def _fetch(self) -> None:
        """Where it is time for it, or somebody asked."""
        asked = self._asked.is_set()
        if not asked and self._clock.monotonic() < self._not_before:
            return
        self._asked.clear()
        try:
            self._mirror.fetch()
        except Stopped:
            raise
        except RouterctlError as error:
            self._trouble = error
            self._not_before = self._clock.monotonic() + self._backoff.failed()
        else:
            self._trouble = None
            self._backoff.succeeded()
            self._not_before = 0.0
            self._fetched = precise_timestamp(self._clock.now())

    def _reconciled(self) -> Result:
        tip, synced = self._mirror.tip(), self._mirror.synced()
        if tip is None:
            return Result(self._source)
        if tip == synced:
            return self._kept_up(tip)
        result = self._applied(tip)
        if not result.failed:
            self._mirror.set_synced(tip)
            self._mirror.tidy()
            return result
        if synced is None:
            return replace(result, commit=None)
        kept = self._kept_up(synced)
        if kept.failed:
            return replace(result, commit=synced)
        return replace(
            kept,
            problems=result.problems,
            error=result.error,
            exit_code=result.exit_code,
            rejected=result.rejected,
        )

    def _kept_up(self, commit: str) -> Result:
        """Of the commit that was applied before; it was verified then."""
        checkout = _Checkout(self._mirror, self._branch, self._mirror.commit(commit), again=True)
        result = self._reconciled_with(checkout, None if self._branch.heal else self._unfinished)
        if not result.failed:
            self._unfinished = _held(result) | (self._unfinished & _left(result))
        return _as_in_repository(replace(result, commit=commit), checkout)

    def _applied(self, commit: str) -> Result:
        checkout = _Checkout(self._mirror, self._branch, self._mirror.commit(commit))
        result = self._reconciled_with(checkout, None)
        if not result.failed:
            self._unfinished = _held(result) | _left(result)
        told = checkout.commit
        rejected = f"commit {told.short} ({told.subject}) is not applied" if result.failed else None
        return _as_in_repository(replace(result, rejected=rejected), checkout)

    def _reconciled_with(self, checkout: "_Checkout", only: Collection[ResourceKey] | None) -> Result:
        by_hand = ByHand.TAKEN_BACK if self._branch.heal else ByHand.LEFT
        return self._reconciler.reconcile(checkout, Resync(by_hand, only))

    def _status(self) -> GitStatus:
        branch, now = self._branch, self._clock.now()
        tip, behind = self._distance()
        wait = (
            max(0.0, self._not_before - self._clock.monotonic()) if self._trouble else branch.interval_seconds
        )
        return GitStatus(
            branch.remote.address,
            branch.name,
            place_of(branch.path),
            tip,
            behind,
            self._fetched,
            precise_timestamp(now + timedelta(seconds=wait)) if branch.repeats else None,
            str(self._trouble) if self._trouble is not None else None,
        )

    def _distance(self) -> tuple[str | None, int | None]:
        """The tip, and how many commits the applied one is behind it."""
        try:
            tip, synced = self._mirror.tip(), self._mirror.synced()
            if tip is None or synced is None:
                return tip, None
            return tip, 0 if tip == synced else self._mirror.behind(synced, tip)
        except RouterctlError:
            return None, None


class _Checkout:
    """Fits reconcile.Origin: the files of one commit."""

    def __init__(self, mirror: Mirror, branch: Branch, commit: Commit, *, again: bool = False) -> None:
        self.commit = commit
        self.root: Path | None = None
        self._mirror = mirror
        self._branch = branch
        self._again = again

    @property
    def name(self) -> str:
        return self._branch.source or self._branch.repository

    def files(self, known: Callable[[], object]) -> Files:  # noqa: ARG002  a repository has its name by itself
        branch, commit = self._branch, self.commit
        if branch.verify and not self._again:
            self._mirror.verify(commit.id)
        root, warnings = self._mirror.checked_out(commit.id)
        self.root = root.resolve()
        source = checked_out(
            self.root,
            branch.path,
            commit.id,
            name=branch.repository,
            folder=branch.remote.folder,
            explicit=branch.source,
        )
        message = f"{commit.subject} ({commit.author})"
        if self._again:
            message = f"{'heal drift from' if branch.heal else 'the rest of'}: {message}"
        place = str(self.root / branch.path)
        if isinstance(branch.path, Overlay):
            place = Overlay(place, top=str(self.root))
        return Files((place,), source, "sync", message, warnings)


def _held(result: Result) -> frozenset[ResourceKey]:
    """What is to be as the files say when its hold ends."""
    return frozenset(item.key for item in result.held if item.drifts)


def _left(result: Result) -> frozenset[ResourceKey]:
    """What is not as the files say; what is, by now, is done with."""
    return frozenset([item.key for item in result.drift] + [item.key for item in result.waiting])


def _as_in_repository(result: Result, checkout: _Checkout) -> Result:
    """Names files as the repository does: where we put them says nothing to anybody."""
    root = checkout.root
    if root is None:
        return result

    def named(text: str) -> str:
        return text.replace(f"{root}/", "").replace(str(root), "the repository")

    return result.renamed(named)
