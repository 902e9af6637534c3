"""The circuits of each provider in this worker: its own, and one for each model that failed there.

What shows that a provider can't be reached, or refuses the gateway's key, is held against the provider; all else against
the model that it was asked for. So a model that crashes leaves the others of its provider alone. Nothing is kept of a
provider at which nothing fails: asking that costs one look into a dictionary. Pure: every event brings its `now`.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from reconciler.gateway.routing.breaker import SHORTEST, Breaker, State, Wait
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Health, Upstream

MAX_MODELS = 256
"""So many models of one provider have circuits; with a wildcard, clients make up the names."""

KEPT_CHANGES = 1000
"""Changes that nobody took yet."""

RESET = "reset by hand"

WHOLE = ""
"""Stands for the model where a circuit is that of the provider."""


class Change(NamedTuple):
    """A circuit opened or closed, and why in words without a secret, where there are any. `at` is the loop's time."""

    provider: ResourceKey
    model: str
    well: bool
    why: str
    at: float


class Standing(NamedTuple):
    """A circuit as it is. `since` and `next_try` are the loop's times."""

    provider: ResourceKey
    model: str
    state: State
    since: float
    fault: str
    next_try: float | None


class Fault(NamedTuple):
    """What failed: in words without a secret; `whole`: of the provider, whatever model was asked for."""

    words: str
    whole: bool = False
    retry_after: float | None = None
    limited: bool = False


class Circuits:
    """Of one provider, where something failed of late, or its probe fails."""

    __slots__ = ("_gate", "_key", "_models", "_own", "_owner", "_trial", "unhealthy")

    def __init__(self, key: ResourceKey, owner: "Breakers") -> None:
        self._key = key
        self._owner = owner
        self._own: Breaker | None = None
        self._models: dict[str, Breaker] = {}
        self._trial = 0
        self._gate = 0.0
        self.unhealthy = False
        """By its probe: it is asked after all others."""

    # --- of a request ---------------------------------------------------------------------------------------

    def wait(self, model: str, now: float, health: Health) -> Wait | None:
        """None where a request may go there."""
        if not health.failure_threshold:
            return None
        for breaker in (self._own, self._models.get(model)):
            if breaker is not None and breaker.until is not None:
                wait = breaker.wait(now)
                if wait is None and now < self._gate and breaker.is_due(now):
                    wait = Wait(self._gate - now)
                if wait is not None:
                    return wait
        return None

    def admits(self, model: str, now: float) -> bool:
        """Whether the next request is among those that a slow start lets through."""
        for breaker in (self._own, self._models.get(model)):
            if breaker is not None and breaker.rising is not None and not breaker.admits(now):
                return False
        return True

    def fails(self, model: str) -> bool:
        """Whether what was asked of it last failed."""
        return any(each is not None and each.fails for each in (self._own, self._models.get(model)))

    def begin(self, model: str, now: float, health: Health) -> int:
        """The trial that the request's verdict is to be told with."""
        for name in (WHOLE, model):
            breaker = self._own if name == WHOLE else self._models.get(name)
            if breaker is None or breaker.until is None:
                continue
            if not health.failure_threshold:
                breaker.close(now)
                self._closed(name, breaker, now, "failureThreshold is 0")
                continue
            failing, trial = breaker.failing, self._owner.next_trial()
            if breaker.begin(now, trial, self._owner.pause):
                self._trial = trial
                self._gate = now + self._owner.pause
            elif failing:  # it reached a rate limit when it was tried, which is over
                self._closed(name, breaker, now)
        return self._trial

    def succeeded(self, model: str, trial: int, now: float, health: Health) -> None:
        own, of_model = self._own, self._models.get(model)
        if own is not None and own.succeeded(trial, now, health):
            self._closed(WHOLE, own, now)
        if of_model is not None and of_model.succeeded(trial, now, health):
            self._closed(model, of_model, now)

    def failed(self, model: str, trial: int, now: float, health: Health, fault: Fault) -> None:
        if not health.failure_threshold:
            return
        if fault.whole:
            if self._own is None:
                self._own = Breaker(now, health.window)
            self._count(WHOLE, self._own, trial, now, health, fault)
        elif self._own is not None and self._own.succeeded(trial, now, health):
            self._closed(WHOLE, self._own, now)
        found = self._models.get(model)
        if found is None and not fault.whole and len(self._models) < MAX_MODELS:
            found = self._models[model] = Breaker(now, health.window)
        if found is not None and (not fault.whole or found.state(now) is State.HALF_OPEN):
            self._count(model, found, trial, now, health, fault)

    def abandoned(self, model: str, trial: int) -> None:
        for breaker in (self._own, self._models.get(model)):
            if breaker is not None:
                breaker.abandoned(trial)

    # --- of a probe, of people and of other workers ---------------------------------------------------------

    def judged(self, *, healthy: bool, now: float, slow_start: float) -> None:
        """The probe changed its mind. One that recovers gets a growing share, whether it was left alone or not."""
        self.unhealthy = not healthy
        if not healthy:
            return
        self.recover(now, "its probe is good")
        if slow_start:
            if self._own is None:
                self._own = Breaker(now)
            self._own.close(now, slow_start)

    def take_over(self, standing: Standing, now: float) -> bool:
        """An open one of another worker, where nothing is known here. Whether it was."""
        model, until = standing.model, standing.next_try
        known = self._own if model == WHOLE else self._models.get(model)
        if known is not None or until is None or len(self._models) >= MAX_MODELS:
            return False
        breaker = Breaker(now)
        breaker.take_over(standing.since, until, standing.fault, limited=standing.state is State.LIMITED)
        if model == WHOLE:
            self._own = breaker
        else:
            self._models[model] = breaker
        return True

    def recover(self, now: float, why: str) -> None:
        """Every circuit closes."""
        for model, breaker in self._all():
            if breaker.until is not None:
                breaker.close(now)
                self._closed(model, breaker, now, why)

    def standings(self, now: float) -> Iterator[Standing]:
        for model, each in self._all():
            state = each.state(now)
            next_try = None if state is State.CLOSED else each.until
            if state is State.CLOSED and each.rises(now):
                state = State.SLOW_START
            yield Standing(self._key, model, state, each.since, each.fault, next_try)

    def sweep(self, now: float) -> bool:
        """Forgets what is not worth remembering. Whether nothing is left."""
        for model, breaker in tuple(self._models.items()):
            if breaker.is_idle(now):
                del self._models[model]
        if self._own is not None and self._own.is_idle(now):
            self._own = None
        return self._own is None and not self._models and not self.unhealthy

    # --- within ---------------------------------------------------------------------------------------------

    def _all(self) -> Iterator[tuple[str, Breaker]]:
        if self._own is not None:
            yield WHOLE, self._own
        yield from self._models.items()

    def _count(
        self, model: str, breaker: Breaker, trial: int, now: float, health: Health, fault: Fault
    ) -> None:
        was_closed = breaker.state(now) is State.CLOSED
        if breaker.failed(
            trial, now, health, fault.words, retry_after=fault.retry_after, limited=fault.limited
        ):
            self._turn(breaker)
            if was_closed and not fault.limited:
                self._owner.note(Change(self._key, model, False, fault.words, now))

    def _closed(self, model: str, breaker: Breaker, now: float, why: str = "") -> None:
        self._turn(breaker)
        self._gate = 0.0
        self._owner.note(Change(self._key, model, True, why, now))

    def _turn(self, breaker: Breaker) -> None:
        self._trial = breaker.since_trial = self._owner.next_trial()


class Breakers:
    """All of a worker. Upstreams are compared by identity: circuits outlive every revision that leaves the provider as
    it was built; a provider that is built anew, with another address or key, begins anew.
    """

    __slots__ = ("_changes", "_kept", "_trials", "changed", "pause", "troubled")

    def __init__(self) -> None:
        self.troubled: dict[Upstream, Circuits] = {}
        """Only where something failed, or a probe does: to be looked into, not changed."""
        self.pause = SHORTEST
        """Seconds between two tries of what is half-open: more where other workers try as well."""
        self.changed: Callable[[], None] = lambda: None
        """Called where there is a change to take."""
        self._kept: frozenset[Upstream] | None = None
        self._changes: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._trials = 0

    def next_trial(self) -> int:
        """Of all circuits, so that no verdict of one that was forgotten is one of whoever came after it."""
        self._trials += 1
        return self._trials

    def succeeded(self, upstream: Upstream, model: str, trial: int, now: float, health: Health) -> None:
        circuits = self.troubled.get(upstream)
        if circuits is not None:
            circuits.succeeded(model, trial, now, health)

    def failed(
        self, upstream: Upstream, model: str, trial: int, now: float, health: Health, fault: Fault
    ) -> None:
        circuits = self._of(upstream)
        if circuits is not None:
            circuits.failed(model, trial, now, health, fault)

    def abandoned(self, upstream: Upstream, model: str, trial: int) -> None:
        circuits = self.troubled.get(upstream)
        if circuits is not None:
            circuits.abandoned(model, trial)

    def judge(self, upstream: Upstream, *, healthy: bool, now: float, slow_start: float = 0.0) -> None:
        """What its probe found."""
        circuits = self.troubled.get(upstream) if healthy else self._of(upstream)
        if circuits is not None and circuits.unhealthy is healthy:
            circuits.judged(healthy=healthy, now=now, slow_start=slow_start)

    def unjudge(self, upstream: Upstream) -> None:
        """Nobody looks at it, or nothing was found yet."""
        circuits = self.troubled.get(upstream)
        if circuits is not None:
            circuits.unhealthy = False

    def take_over(self, upstream: Upstream, standing: Standing, now: float) -> bool:
        """As `Circuits.take_over`."""
        circuits = self._of(upstream)
        return circuits is not None and circuits.take_over(standing, now)

    def reset(self, provider: ResourceKey, now: float) -> None:
        """All that is known of its failures is forgotten."""
        for upstream, circuits in tuple(self.troubled.items()):
            if upstream.key == provider:
                circuits.recover(now, RESET)
                del self.troubled[upstream]

    def keep(self, upstreams: Collection[Upstream]) -> None:
        """Forgets all others."""
        self._kept = frozenset(upstreams)
        for upstream in self.troubled.keys() - self._kept:
            del self.troubled[upstream]

    def sweep(self, now: float) -> None:
        """Forgets what is not worth remembering; to be called now and then."""
        for upstream, circuits in tuple(self.troubled.items()):
            if circuits.sweep(now):
                del self.troubled[upstream]

    def standings(self, now: float) -> tuple[Standing, ...]:
        """The circuits of which something is remembered, by provider and model."""
        found = (each for circuits in self.troubled.values() for each in circuits.standings(now))
        return tuple(sorted(found, key=lambda each: each[:2]))

    def note(self, change: Change) -> None:
        self._changes.append(change)
        self.changed()

    def take_changes(self) -> tuple[Change, ...]:
        """Each once."""
        changes = tuple(self._changes)
        self._changes.clear()
        return changes

    def _of(self, upstream: Upstream) -> Circuits | None:
        """None for one that is not kept any more: a request may hold an older snapshot."""
        circuits = self.troubled.get(upstream)
        if circuits is None and (self._kept is None or upstream in self._kept):
            circuits = self.troubled[upstream] = Circuits(upstream.key, self)
        return circuits
