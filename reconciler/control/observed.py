"""What the live workers of a store say, by resource, and since when. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.clock import Clock
from reconciler.control.serving import Serving, Workers, serving
from reconciler.resources.resource import ResourceKey
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import WHOLE, WorkerRow
from reconciler.store.transitions import CLOSED, HEALTHY, RECOVERED, REFUSED, SERVING, Transition

OF_REFERENCES = frozenset({"SecretError", "NotTrusted", "Expired"})
"""The causes of a refusal that lie in what a resource refers to, not in itself."""


_NO_HEALTH = HealthRows()


@dataclass(frozen=True, slots=True)
class RefusedBy:
    """One live worker's refusal of a provider. `since` in seconds since the epoch, None where it is not known."""

    worker: WorkerRow
    reason: str
    cause: str
    since: float | None

    @property
    def of_references(self) -> bool:
        return self.cause in OF_REFERENCES


class Log(Workers, Protocol):
    """The observations of a store."""

    def transitions(self, after: int = 0) -> Sequence[Transition]: ...


class Health(Protocol):
    """How the live workers of a store find its providers."""

    def rows(self, now: float) -> HealthRows: ...


class Observed:
    """`log` is oldest first; what it does not reach back to has no time. `now` in seconds since the epoch."""

    def __init__(
        self,
        live: Serving,
        log: Sequence[Transition] = (),
        health: HealthRows = _NO_HEALTH,
        now: float = 0.0,
    ) -> None:
        self.live = live
        self.now = now
        self.health = health
        self._circuits: dict[str, list[CircuitRow]] = {}
        for row in health.circuits:
            self._circuits.setdefault(row.provider, []).append(row)
        self._well: dict[str, float] = {}
        self._whole = not log or log[0].number <= 1
        self._oldest = log[0].time if log else 0.0
        self._served: dict[str, list[tuple[float, int]]] = {}
        self._first: dict[tuple[str, int], float | None] = {}
        self._since: dict[tuple[str, str], float] = {}
        self._recovered: dict[tuple[str, bool], float] = {}
        self._fold(log)
        self._refused: dict[str, list[RefusedBy]] = {}
        for worker in live.workers:
            for subject, reason in worker.refused:
                since = self._since.get((worker.instance, subject))
                cause = worker.causes.get(subject, "")
                self._refused.setdefault(subject, []).append(RefusedBy(worker, reason, cause, since))

    def _fold(self, log: Iterable[Transition]) -> None:
        live = {worker.instance for worker in self.live.workers}
        for each in log:
            if each.observer not in live:
                continue
            if each.reason == SERVING:
                self._served.setdefault(each.observer, []).append((each.time, each.revision))
            elif each.reason == REFUSED:
                self._since.setdefault((each.observer, each.subject), each.time)
            elif each.reason == RECOVERED:
                self._since.pop((each.observer, each.subject), None)
                self._recovered[each.subject, each.cause in OF_REFERENCES] = each.time
            elif each.reason in {CLOSED, HEALTHY}:
                self._well[each.subject] = each.time

    @property
    def workers(self) -> Sequence[WorkerRow]:
        return self.live.workers

    def refusals(self, key: ResourceKey) -> Sequence[RefusedBy]:
        return self._refused.get(str(key), ())

    def refused_whole(self, revision: int) -> str | None:
        """Why a live worker that has not come to `revision` can't read a revision as a whole."""
        told = (each.reason for each in self._refused.get(WHOLE, ()) if each.worker.revision < revision)
        return next(told, None)

    def serves(self, revision: int) -> bool:
        """Whether every live worker came to it, and there is one."""
        return self.live.serves(revision)

    def served_since(self, revision: int, workers: Sequence[WorkerRow] | None = None) -> float | None:
        """When the last of these workers (None: of all live ones) came to `revision` or a later one."""
        of = self.workers if workers is None else workers
        return latest(*(self._came_to(revision, worker) for worker in of))

    def _came_to(self, revision: int, worker: WorkerRow) -> float | None:
        """Looked up once: many resources are of one revision."""
        asked = (worker.instance, revision)
        if asked not in self._first:
            served = self._served.get(worker.instance, [])
            found = [time for time, number in served if number >= revision]
            cut_off = len(found) == len(served) and not self._whole and worker.started < self._oldest
            self._first[asked] = None if cut_off or not found else found[0]
        return self._first[asked]

    def recovered(self, key: ResourceKey, *, of_references: bool) -> float | None:
        """When a live worker last ceased to refuse it, for what lies in its references, or in itself."""
        return self._recovered.get((str(key), of_references))

    def circuits(self, key: ResourceKey) -> Sequence[CircuitRow]:
        """Of the provider, in all live workers, as far as anything failed there of late."""
        return self._circuits.get(str(key), ())

    def probe(self, key: ResourceKey) -> ProbeRow | None:
        """What the provider's probe found; None where nobody looks, or nothing is known yet."""
        return self.health.probes.get(str(key))

    def well_since(self, key: ResourceKey) -> float | None:
        """When a circuit of the provider last closed, or its probe found it healthy again; None where nothing failed."""
        return self._well.get(str(key))


def latest(*times: float | None) -> float | None:
    """None where one of them is not known."""
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def observe(log: Log, clock: Clock, health: Health | None = None) -> Observed:
    now = clock.now().timestamp()
    rows = health.rows(now) if health is not None else _NO_HEALTH
    return Observed(serving(log, clock), log.transitions(), rows, now)
