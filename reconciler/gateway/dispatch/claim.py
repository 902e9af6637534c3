"""What one request takes of the limits of whom it is sent to, and what it waits for where nothing is left."""

from enum import Enum
from typing import Final, NamedTuple, Protocol

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.outcome import Reason
from reconciler.gateway.limits.counters import CONCURRENT, Needs
from reconciler.gateway.limits.limiter import Limiter, Taken, Ticket
from reconciler.gateway.limits.limiters import Limiters
from reconciler.protocol.usage import Usage
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import RoutedCandidate

_ONE: Final[Needs] = (1, 0, 0)


class Waiter(Protocol):
    """Who asks whom to try."""

    def granted(self) -> None:
        """There is news for whom `Waiting` was given: `next` tells. Whoever waits no more does nothing."""
        ...


class Waiting(NamedTuple):
    """Nobody can be asked yet: `Choosing.next` is to be called again when it says so, at `deadline` at the latest."""

    deadline: float


class Verdict(Enum):
    TAKEN = "taken"
    FULL = "full"
    WAITING = "waiting"


class Full(NamedTuple):
    """A candidate of whose limits nothing was left; `seconds` until there may be."""

    routed: RoutedCandidate
    limiter: Limiter
    reason: Reason
    seconds: float


class Claim:
    """Of one request, made where it comes to a candidate that has limits. It holds of one at a time.

    `waiter` is told when there is news for a request that waits, never within `take` or `queue`.
    """

    _tokens = -1
    """That it may need, once somebody wished to know."""
    _taken: Taken | None = None
    _ticket: Ticket | None = None
    _waits_at: Limiter | None = None
    _told = 0
    waits_for: RoutedCandidate | None = None
    """Whom it waits for, queued or not."""
    queued = False
    """It waits in a queue, or did: once is enough."""
    full: tuple[Full, ...] = ()

    def __init__(self, limiters: Limiters, ask: Ask, waiter: Waiter | None) -> None:
        self._limiters = limiters
        self._ask = ask
        self._waiter = waiter

    def take(self, routed: RoutedCandidate, limits: Limits, now: float) -> Verdict:
        """WAITING: for the ledger's word, since the worker may just not have drawn yet."""
        limiter = self._limiters.of(limits)
        needs = self._needed(limiter)
        self._taken = taken = limiter.take(needs, now)
        if taken is not None:
            return Verdict.TAKEN
        if self._waiter is None or limiter.is_full(needs, now):
            self._note(routed, limiter, now)
            return Verdict.FULL
        self._wait(routed, limiter, now, self._waiter)
        return Verdict.WAITING

    def queue(self, now: float) -> bool:
        """Takes a place in the first queue that has one. Whether it waits there."""
        if self.queued or self._waiter is None:
            return False
        for full in self.full:
            if full.limiter.has_room(now):
                self.queued = True
                self._wait(full.routed, full.limiter, now, self._waiter)
                return True
        return False

    def waited(self, now: float) -> Verdict:
        """What came of it by now."""
        ticket, limiter, routed = self._ticket, self._waits_at, self.waits_for
        assert ticket is not None
        assert limiter is not None
        assert routed is not None
        if ticket.taken is None and not ticket.refused and now < ticket.deadline:
            return Verdict.WAITING
        self._ticket = self._waits_at = self.waits_for = None
        if ticket.taken is not None:
            self._taken = ticket.taken
            return Verdict.TAKEN
        limiter.leave(ticket, now)
        if not ticket.queued:
            self._note(routed, limiter, now)
        return Verdict.FULL

    def take_full(self) -> tuple[Full, ...]:
        """Each once."""
        new, self._told = self.full[self._told :], len(self.full)
        return new

    @property
    def deadline(self) -> float:
        assert self._ticket is not None
        return self._ticket.deadline

    def over(self, usage: Usage | None, now: float) -> None:
        """Gives back what was taken, and does not wait any more. Once it did, nothing more comes of it."""
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.over(None if usage is None else (1, used_tokens(usage), 0), now)
        ticket, limiter = self._ticket, self._waits_at
        if ticket is not None and limiter is not None:
            self._ticket = self._waits_at = self.waits_for = None
            limiter.leave(ticket, now)

    def _wait(self, routed: RoutedCandidate, limiter: Limiter, now: float, waiter: Waiter) -> None:
        self.waits_for, self._waits_at = routed, limiter
        self._ticket = limiter.wait(self._needed(limiter), waiter.granted, now, queued=self.queued)

    def _note(self, routed: RoutedCandidate, limiter: Limiter, now: float) -> None:
        slots = limiter.lacking(self._needed(limiter), now) in ("", CONCURRENT)
        reason = Reason.SATURATED if slots else Reason.LIMIT_REACHED
        full = Full(routed, limiter, reason, limiter.retry_after(now, slots=slots))
        self.full = (*self.full, full)

    def _needed(self, limiter: Limiter) -> Needs:
        """No tokens where nobody counts them."""
        if not limiter.measured or not self._ask.row.counts:
            return _ONE
        if self._tokens < 0:
            prompt, answer = self._ask.reservation()
            self._tokens = prompt + answer
        return 1, limiter.reservable(self._tokens), 0


def used_tokens(usage: Usage) -> int:
    return max(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens)
