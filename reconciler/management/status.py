"""What is stored, what is served and by whom, and how the sources do. Plain values: the CLI shows the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.clock import timestamp
from reconciler.errors import one_line
from reconciler.json_types import JsonObject, JsonValue
from reconciler.store.observations import LIVE_SECONDS, WorkerRow
from reconciler.store.records import EMPTY_STORE, Hold, Revision
from reconciler.store.source_status import Difference, GitStatus, SourceStatus


@dataclass(frozen=True, slots=True)
class Status:
    """One moment. `now` is seconds since the epoch, as the heartbeats of the workers are."""

    store: str
    head: Revision
    workers: tuple[WorkerRow, ...]
    sources: tuple[SourceStatus, ...]
    holds: tuple[Hold, ...]
    now: float

    @property
    def live(self) -> tuple[WorkerRow, ...]:
        return tuple(worker for worker in self.workers if is_live(worker, self.now))

    @property
    def served(self) -> tuple[int, int] | None:
        """The lowest and the highest revision that a live worker serves; None where none does."""
        revisions = [worker.revision for worker in self.live if worker.serving]
        return (min(revisions), max(revisions)) if revisions else None

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """(provider, reason), each once, of the live workers."""
        return tuple(sorted({refusal for worker in self.live for refusal in worker.refused}))

    @property
    def circuits_open(self) -> tuple[str, ...]:
        """The providers that a live worker leaves alone."""
        return tuple(sorted({provider for worker in self.live for provider in circuits_open(worker)}))


def status(
    store: str,
    head: Revision | None,
    workers: Sequence[WorkerRow],
    sources: Sequence[SourceStatus],
    holds: Sequence[Hold],
    now: float,
) -> Status:
    return Status(store, head or EMPTY_STORE, tuple(workers), tuple(sources), tuple(holds), now)


def is_live(worker: WorkerRow, now: float) -> bool:
    return worker.heartbeat >= now - LIVE_SECONDS


def circuits_open(worker: WorkerRow) -> tuple[str, ...]:
    """The providers that it leaves alone because they fail, or have reached a rate limit."""
    told = worker.counters.get("circuits_open")
    return tuple(sorted(told)) if isinstance(told, dict) else ()


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
        "workers": [_worker(worker, of.now) for worker in of.workers],
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


def _worker(worker: WorkerRow, now: float) -> JsonObject:
    return {
        "instance": worker.instance,
        "pid": worker.pid,
        "live": is_live(worker, now),
        "started": _time(worker.started),
        "heartbeat": _time(worker.heartbeat),
        "revision": worker.revision if worker.serving else None,
        "refused": [{"provider": provider, "reason": reason} for provider, reason in worker.refused],
        "circuitsOpen": list(circuits_open(worker)),
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
