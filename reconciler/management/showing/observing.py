"""What is observed of those who serve, as far as a principal sees the resources that it is of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.api.records import Observing, Seen
from reconciler.control.serving import Workers
from reconciler.management.showing.seeing import namespace_of, require_namespace
from reconciler.resources.principal import Principal
from reconciler.store.counters import Counters
from reconciler.store.health import HealthRows
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage
from reconciler.store.observations import FINISHING, WHOLE, WorkerRow
from reconciler.store.source_status import SourceStatus
from reconciler.store.transitions import Transition

_OF_NOBODY = (FINISHING, "in_flight")
"""Among a worker's numbers, those that tell nothing of a resource."""
_LIMITS = "limits"


class ShownObserving:
    """Fits api.records.Observing."""

    def __init__(self, observing: Observing, who: Principal) -> None:
        self._observing = observing
        self._who = who

    def seen(self, after: int = 0) -> Seen:
        found = self._observing.seen(after)
        if self._who.namespaces is None:
            return found
        return replace(
            found,
            workers=tuple(_shown(row, self._who) for row in found.workers),
            log=tuple(each for each in found.log if self._tells(each)),
            health=self._health(found.health),
            notices=(),
        )

    def source_statuses(self) -> Sequence[SourceStatus]:
        return self._observing.source_statuses() if self._who.namespaces is None else ()

    def usage(self, counters: Sequence[Counter]) -> Mapping[str, Usage]:
        for counter in counters:
            require_namespace(self._who, namespace_of(counter.key.partition(" ")[0]))
        return self._observing.usage(counters)

    def counted_since(self) -> float | None:
        return self._observing.counted_since()

    def _sees(self, subject: str) -> bool:
        return _sees(self._who, subject)

    def _tells(self, each: Transition) -> bool:
        """What sources go through tells of all that they have."""
        return bool(each.observer) and (not each.subject or self._sees(each.subject))

    def _health(self, rows: HealthRows) -> HealthRows:
        return HealthRows(
            tuple(each for each in rows.circuits if self._sees(each.provider)),
            {key: each for key, each in rows.probes.items() if self._sees(key)},
            rows.prober,
        )


class ShownWorkers:
    """Fits control.serving.Workers. What is waited for does not fail for a provider that is not seen."""

    def __init__(self, workers: Workers, who: Principal) -> None:
        self._workers = workers
        self._who = who

    def live(self, now: float) -> Sequence[WorkerRow]:
        found = self._workers.live(now)
        return found if self._who.namespaces is None else [_shown(row, self._who) for row in found]


def _sees(who: Principal, subject: str) -> bool:
    return subject == WHOLE or who.sees(namespace_of(subject))


def _shown(row: WorkerRow, who: Principal) -> WorkerRow:
    counters: Counters = {name: row.counters[name] for name in _OF_NOBODY if name in row.counters}
    limits = row.counters.get(_LIMITS)
    if isinstance(limits, dict):
        counters[_LIMITS] = {owner: told for owner, told in limits.items() if _sees(who, owner)}
    return replace(
        row,
        refused=tuple(each for each in row.refused if _sees(who, each[0])),
        counters=counters,
        builds={key: at for key, at in row.builds.items() if _sees(who, key)},
        causes={key: cause for key, cause in row.causes.items() if _sees(who, key)},
    )
