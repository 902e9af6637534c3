"""The limiters of a worker, one a provider or client that has limits and requests. Pure."""

from collections.abc import Callable, Mapping, Sequence

from reconciler.gateway.limits.limiter import Limiter
from reconciler.json_types import JsonObject
from reconciler.snapshot.limits import Limits
from reconciler.store.leases import Grant, Wish

Batch = list[tuple[Limiter, list[Wish]]]
"""What the ledger is asked at once."""


def _at_once(call: Callable[[], None]) -> None:
    call()


class Limiters:
    """`draw` and `later` are as `limiter.Owner` has them; whoever draws sets them."""

    __slots__ = ("_limiters", "draw", "later")

    def __init__(self) -> None:
        self._limiters: dict[str, Limiter] = {}
        self.draw: Callable[[], None] = lambda: None
        self.later: Callable[[Callable[[], None]], None] = _at_once

    def of(self, limits: Limits) -> Limiter:
        """In place: where the limits changed, what is held and who waits stays. A request may come with older ones."""
        limiter = self._limiters.get(limits.owner)
        if limiter is None:
            limiter = self._limiters[limits.owner] = Limiter(limits, self)
        elif limiter.limits is not limits and limits.version > limiter.limits.version:
            limiter.adopt(limits)
        return limiter

    @property
    def is_idle(self) -> bool:
        """Nothing is held, wanted or left to tell."""
        return all(limiter.is_idle for limiter in self._limiters.values())

    @property
    def is_waited_for(self) -> bool:
        return any(limiter.is_waited_for for limiter in self._limiters.values())

    def wishes(self, now: float, *, moved: bool) -> Batch:
        """Of those where something is due; `moved`: others told the ledger something."""
        for name, limiter in tuple(self._limiters.items()):
            if limiter.is_forgettable(now):
                del self._limiters[name]
        found = ((limiter, limiter.wishes(now, moved=moved)) for limiter in self._limiters.values())
        return [(limiter, wishes) for limiter, wishes in found if wishes]

    def granted(self, batch: Batch, grants: Sequence[Grant], asked_at: float, now: float) -> None:
        at = 0
        for limiter, wishes in batch:
            limiter.granted(wishes, list(grants[at : at + len(wishes)]), asked_at, now)
            at += len(wishes)

    def failed(self, batch: Batch, now: float) -> None:
        for limiter, _ in batch:
            limiter.failed(now)

    def hear(self, wanted: Mapping[str, int]) -> None:
        """What other workers want by now, by the key of the counter."""
        for limiter in self._limiters.values():
            limiter.hear(wanted)

    def give_up(self, now: float) -> Batch:
        return [(limiter, limiter.give_up(now)) for limiter in self._limiters.values()]

    def snapshot(self) -> JsonObject:
        """By whose they are, as `Limiter.snapshot`; only of those that requests came for of late."""
        return {name: limiter.snapshot() for name, limiter in sorted(self._limiters.items())}
