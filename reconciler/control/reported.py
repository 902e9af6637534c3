"""What live workers say of the candidates of a request: who is refused, left alone, unhealthy, full or in a slow start. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.control.observed import Observed
from reconciler.errors import one_line
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.store.health import CircuitRow

TROUBLED = frozenset({"open", "half-open", "rate-limited", "slow-start"})


@dataclass(frozen=True, slots=True)
class Full:
    """Something that can be used up, and how many requests wait for it in the workers' queues."""

    limit: str
    capacity: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of a candidate: `what` is the stable word, the rest is for people."""

    provider: str
    model: str
    what: str
    text: str
    workers: int

    def as_json(self) -> JsonObject:
        return {
            "provider": self.provider,
            "model": self.model or None,
            "state": self.what,
            "workers": self.workers,
            "message": self.text,
        }


@dataclass(frozen=True, slots=True)
class Reported:
    """`age`: seconds since the live worker that was heard of longest ago told something. None: there is no live worker."""

    workers: int
    age: float | None
    words: tuple[Word, ...] = field(default=())


def reported(
    asked: Iterable[tuple[ResourceKey, str]],
    observed: Observed,
    full: Mapping[str, Iterable[Full]],
    now: float,
) -> Reported:
    """Of these providers, and the models there that are asked for. `full` by provider, as text; `now` of the epoch."""
    workers = observed.workers
    if not workers:
        return Reported(0, None)
    words: dict[Word, None] = {}
    for provider, model in asked:
        words.update(dict.fromkeys(_words(provider, model, observed, full.get(str(provider), ()), now)))
    age = max(0.0, now - min(each.heartbeat for each in workers))
    return Reported(len(workers), age, tuple(words))


def _words(
    provider: ResourceKey, model: str, observed: Observed, full: Iterable[Full], now: float
) -> Iterator[Word]:
    probe, every = observed.probe(provider), len(observed.workers)
    refused = observed.refusals(provider)
    for reason in dict.fromkeys(each.reason for each in refused):
        by = [each for each in refused if each.reason == reason]
        yield Word(provider.name, "", "refused", one_line(reason), len(by))
    if probe is not None and not probe.healthy:
        why = f"its probe is bad: {probe.fault}" if probe.fault else "its probe is bad"
        yield Word(provider.name, "", "unhealthy", f"{why}; asked after all others", every)
    rows = [each for each in observed.circuits(provider) if each.model in ("", model)]
    for scope in ("", model):
        of_scope = [each for each in rows if each.model == scope and each.state in TROUBLED]
        for state in dict.fromkeys(each.state for each in of_scope):
            those = [each for each in of_scope if each.state == state]
            yield Word(provider.name, scope, state, _circuit(those, every, now), len(those))
    for each in full:
        waiting = f", {each.waiting} waiting" if each.waiting else ""
        told = f"{each.limit} reached: {each.capacity}{waiting}"
        yield Word(provider.name, "", "saturated", told, every)


def _circuit(rows: list[CircuitRow], workers: int, now: float) -> str:
    parts = [f"in {len(rows)} of {workers} worker{'s' * (workers > 1)}"]
    faults = ", ".join(dict.fromkeys(each.fault for each in rows if each.fault))
    if faults:
        parts.append(f"last failure: {faults}")
    tries = [each.next_try for each in rows if each.next_try is not None]
    if tries:
        seconds = min(tries) - now
        parts.append(f"next try in {seconds:.0f} s" if seconds >= 1 else "next try now")
    return "; ".join(parts)
