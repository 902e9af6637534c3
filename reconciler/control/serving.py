"""Who serves a revision: what the workers of a store acknowledged, and waiting until they have."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.clock import Clock
from reconciler.errors import TimedOut, Unreachable, WorkerRefused, one_line
from reconciler.store.observations import WHOLE, WorkerRow

POLL_SECONDS = 0.02
"""How often who waits looks."""
_STALE_SECONDS = 5.0
"""What a worker refused before the wait began may be the revision before; so long, it may still come to this one."""


class Workers(Protocol):
    def live(self, now: float) -> Sequence[WorkerRow]:
        """The workers that gave a sign of life lately; `now` in seconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Serving:
    """The live workers of a store, and what each of them serves."""

    workers: tuple[WorkerRow, ...]

    def serves(self, revision: int) -> bool:
        return bool(self.workers) and all(worker.revision >= revision for worker in self.workers)

    @property
    def refusals(self) -> tuple[tuple[str, str], ...]:
        """(provider, reason), each once."""
        return tuple(dict.fromkeys(refused for worker in self.workers for refused in worker.refused))

    def refuses(self, revision: int) -> frozenset[tuple[str, str]]:
        """(worker, reason) where `revision` is not served and the worker refuses a revision as a whole."""
        return frozenset(
            (f"{worker.instance} (pid {worker.pid})", reason)
            for worker in self.workers
            for provider, reason in worker.refused
            if worker.revision < revision and provider == WHOLE
        )


def serving(workers: Workers, clock: Clock) -> Serving:
    return Serving(tuple(workers.live(clock.now().timestamp())))


class Awaited:
    """A revision that is waited for: `look` now and then."""

    def __init__(self, workers: Workers, revision: int, clock: Clock, timeout: float) -> None:
        """`timeout` in seconds from now on."""
        self._workers = workers
        self._revision = revision
        self._clock = clock
        self._timeout = timeout
        self._begun = clock.monotonic()
        self._earlier: frozenset[tuple[str, str]] | None = None

    def look(self) -> Serving | None:
        """Who serves it, when every live worker does; None before.

        Raises Unreachable where no worker is live, TimedOut, and WorkerRefused where a worker serves it without a provider,
        or not at all.
        """
        now, revision, timeout = serving(self._workers, self._clock), self._revision, self._timeout
        if not now.workers:
            raise Unreachable(
                f"revision {revision} is stored, but nothing serves this store",
                hint="start it with",
                command="up",
            )
        if now.serves(revision):
            if now.refusals:
                raise WorkerRefused(_told(f"revision {revision} is served, but not all of it", now.refusals))
            return now
        waited = self._clock.monotonic() - self._begun
        refused = now.refuses(revision)
        self._earlier = refused if self._earlier is None else self._earlier & refused
        certain = refused if waited >= min(timeout, _STALE_SECONDS) else refused - self._earlier
        if certain:
            raise WorkerRefused(_told(f"revision {revision} is not served by all workers", sorted(certain)))
        if waited >= timeout:
            raise TimedOut(_lagging(now, revision, timeout), hint="look at", command="status")
        return None


def wait_until_served(
    workers: Workers, revision: int, clock: Clock, timeout: float, *, poll: float = POLL_SECONDS
) -> Serving:
    """Returns when every live worker serves `revision`; `timeout` in seconds. Raises as Awaited.look."""
    awaited, pause = Awaited(workers, revision, clock, timeout), threading.Event()
    while (found := awaited.look()) is None:
        pause.wait(poll)
    return found


def _told(what: str, refusals: Sequence[tuple[str, str]]) -> str:
    return "\n".join([f"{what}:", *(f"  {who}: {one_line(reason)}" for who, reason in refusals)])


def _lagging(now: Serving, revision: int, timeout: float) -> str:
    behind = [worker for worker in now.workers if worker.revision < revision]
    named = ", ".join(f"{worker.instance} (pid {worker.pid}) {_does(worker)}" for worker in behind)
    return f"after {timeout:g} s {len(behind)} of {len(now.workers)} workers do not serve revision {revision}: {named}"


def _does(worker: WorkerRow) -> str:
    return f"serves {worker.revision}" if worker.serving else "is starting"
