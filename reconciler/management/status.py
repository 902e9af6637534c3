"""What is stored, what is served and by whom, and how the sources do. Plain values: the CLI shows the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.clock import timestamp
from reconciler.errors import one_line
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.limits import LimitUse
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.notices import Notice
from reconciler.store.observations import LIVE_SECONDS, WorkerRow
from reconciler.store.records import EMPTY_STORE, Hold, Revision
from reconciler.store.source_status import Difference, GitStatus, SourceStatus

_NO_HEALTH = HealthRows()


@dataclass(frozen=True, slots=True)
class Status:
    """One moment. `now` is seconds since the epoch, as the heartbeats of the workers are."""

    store: str
    head: Revision
    workers: tuple[WorkerRow, ...]
    sources: tuple[SourceStatus, ...]
    holds: tuple[Hold, ...]
    now: float
    health: HealthRows = _NO_HEALTH
    limits: tuple[LimitUse, ...] = ()
    """For metrics; else none."""
    notices: tuple[Notice, ...] = ()
    """What those who serve find wrong with themselves."""

    @property
    def live(self) -> tuple[WorkerRow, ...]:
        return tuple(worker for worker in self.workers if is_live(worker, self.now))

    @property
    def served(self) -> tuple[int, int] | None:
        """The lowest and the highest revision that a live worker serves; None where none does."""
        revisions = [worker.revision for worker in self.serving]
        return (min(revisions), max(revisions)) if revisions else None

    @property
    def serving(self) -> tuple[WorkerRow, ...]:
        """Of the live workers those that take requests; where none does, those that finish what they have under way."""
        workers = tuple(worker for worker in self.live if worker.serving)
        return tuple(worker for worker in workers if not worker.finishing) or workers

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """(provider, reason), each once, of the live workers."""
        return tuple(sorted({refusal for worker in self.live for refusal in worker.refused}))

    @property
    def circuits(self) -> tuple[CircuitRow, ...]:
        """What a live worker leaves alone, because it fails or has reached a rate limit; by provider and model."""
        return tuple(each for each in self.health.circuits if each.state not in ("closed", "slow-start"))

    @property
    def unhealthy(self) -> tuple[ProbeRow, ...]:
        """The providers whose probe is not good."""
        return tuple(each for each in self.health.probes.values() if not each.healthy)


def status(
    store: str,
    head: Revision | None,
    workers: Sequence[WorkerRow],
    sources: Sequence[SourceStatus],
    holds: Sequence[Hold],
    now: float,
    health: HealthRows = _NO_HEALTH,
) -> Status:
    return Status(store, head or EMPTY_STORE, tuple(workers), tuple(sources), tuple(holds), now, health)


def is_live(worker: WorkerRow, now: float) -> bool:
    return worker.heartbeat >= now - LIVE_SECONDS


def not_ready(workers: Sequence[WorkerRow], started: Collection[str], now: float) -> str | None:
    """Why the gateway is not ready, None where it is: every worker that was `started` (instances) serves a revision."""
    if not started:
        return "no worker runs"
    serving = {worker.instance for worker in workers if worker.serving and is_live(worker, now)}
    count = len(serving.intersection(started))
    return None if count == len(started) else f"{count} of {len(started)} workers serve"


def as_json(of: Status) -> JsonObject:
    served = of.served
    return {
        "store": {
            "url": of.store,
            "revision": of.head.number,
            "digest": of.head.digest or None,
            "time": of.head.time or None,
        },
        "served": None if served is None else {"lowest": served[0], "highest": served[1]},
        "conditions": _conditions(of),
        "notices": [
            {"name": each.name, "since": _time(each.since), "message": each.message} for each in of.notices
        ],
        "workers": [_worker(worker, of) for worker in of.workers],
        "circuits": [_circuit(circuit) for circuit in of.circuits],
        "probes": [_probe(probe) for probe in of.health.probes.values()],
        "sources": [_source(source) for source in of.sources],
        "held": [
            {"resource": str(hold.key), "source": hold.source, "revision": hold.revision} for hold in of.holds
        ],
    }


def _conditions(of: Status) -> list[JsonValue]:
    """As Kubernetes writes them. Current: every live worker serves the head. Degraded: a provider is refused."""
    live, behind = len(of.live), sum(worker.revision != of.head.number for worker in of.live)
    if not live:
        current = _condition("Current", "False", "NoWorker", "no worker is live")
    elif behind:
        current = _condition(
            "Current", "False", "Behind", f"{behind} of {live} workers do not serve the head"
        )
    else:
        current = _condition("Current", "True", "HeadServed", "every live worker serves the head")
    if not of.refused:
        return [current, _condition("Degraded", "False", "AllBuilt", "no provider is refused")]
    reasons = "; ".join(f"{provider}: {one_line(reason)}" for provider, reason in of.refused)
    return [current, _condition("Degraded", "True", "ProviderRefused", reasons)]


def _condition(kind: str, holds: str, reason: str, message: str) -> JsonObject:
    return {"type": kind, "status": holds, "reason": reason, "message": message}


def _worker(worker: WorkerRow, of: Status) -> JsonObject:
    now = of.now
    open_ = {each.provider for each in of.circuits if each.instance == worker.instance}
    return {
        "instance": worker.instance,
        "pid": worker.pid,
        "live": is_live(worker, now),
        "started": _time(worker.started),
        "heartbeat": _time(worker.heartbeat),
        "revision": worker.revision if worker.serving else None,
        "finishing": worker.finishing,
        "refused": [{"provider": provider, "reason": reason} for provider, reason in worker.refused],
        "circuitsOpen": [*sorted(open_)],
        "probes": worker.instance == of.health.prober,
    }


def _circuit(circuit: CircuitRow) -> JsonObject:
    return {
        "provider": circuit.provider,
        "model": circuit.model or None,
        "worker": circuit.instance,
        "state": circuit.state,
        "since": _time(circuit.since),
        "lastFailure": circuit.fault or None,
        "nextTry": _time(circuit.next_try) if circuit.next_try is not None else None,
    }


def _probe(probe: ProbeRow) -> JsonObject:
    return {
        "provider": probe.provider,
        "healthy": probe.healthy,
        "since": _time(probe.since),
        "probed": _time(probe.probed),
        "lastFailure": probe.fault or None,
    }


def _source(source: SourceStatus) -> JsonObject:
    return {
        "source": source.source,
        "paths": list(source.paths),
        "time": source.time,
        "ok": source.error is None,
        "revision": source.revision,
        "changed": source.changed,
        "commit": source.commit,
        "error": source.error,
        "problems": list(source.problems),
        "held": [
            {"resource": key, "revision": revision, "drifts": drifts} for key, revision, drifts in source.held
        ],
        "waiting": [{"resource": key, "reason": reason} for key, reason in source.waiting],
        "undeclared": source.undeclared,
        "drift": [_difference(item) for item in source.drift],
        "healed": [{**_difference(item), "revision": item.revision} for item in source.healed],
        "git": _git(source.git) if source.git is not None else None,
    }


def _difference(item: Difference) -> JsonObject:
    return {"resource": item.resource, "what": item.what, "manager": item.manager, "since": item.since}


def _git(git: GitStatus) -> JsonObject:
    return {
        "address": git.address,
        "branch": git.branch,
        "path": git.path,
        "tip": git.tip,
        "behind": git.behind,
        "fetched": git.fetched,
        "nextFetch": git.next_fetch,
        "trouble": git.trouble,
    }


def _time(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))
