"""What one request takes of its client's limits and budgets: before anybody is asked, once, and settled when it is over.

It is the client's, whoever serves it: attempts, fallbacks, hedges and parts take no more of it. Nothing is queued; but a
worker that has not drawn yet waits for the ledger's word, which takes some milliseconds.
"""

from collections.abc import Callable
from math import inf
from typing import Final

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.claim import Verdict
from reconciler.gateway.dispatch.outcome import Headers, Outcome, Skipped
from reconciler.gateway.dispatch.ports import Alarms
from reconciler.gateway.dispatch.spending import reserved, used, without_price
from reconciler.gateway.limits.counters import Needs
from reconciler.gateway.limits.limiter import Taken, Ticket
from reconciler.gateway.limits.telling import rates_told, refusal
from reconciler.protocol.error_shapes import ANTHROPIC
from reconciler.protocol.errors import OpenAIError
from reconciler.protocol.quota_errors import not_priced
from reconciler.snapshot.limits import Limits

_ONE: Final[Needs] = (1, 0, 0)
_ANTHROPIC: Final = ANTHROPIC


class Charge:
    """Of one request. `heard` is called once there is news for one that waits, and never within `begin`: whoever is told to
    wait sets it.
    """

    _needs: Needs = _ONE
    _counts = False
    _taken: Taken | None = None
    _ticket: Ticket | None = None
    _unpriced = False
    _until = inf
    """When nobody waits for the ledger any longer."""
    late = False
    """The whole request ended before the ledger's word came."""
    heard: Callable[[], None] | None = None
    skipped: tuple[Skipped, ...] = ()
    """Those that are not asked because nobody knows what they cost."""

    def __init__(self, limits: Limits, ask: Ask, alarms: Alarms) -> None:
        self._money = limits.money
        self._ask = ask
        self._alarms = alarms
        self._limiter = ask.memory.limiters.of(limits)

    def begin(self, now: float, until: float = inf) -> Verdict:
        """FULL: `refusal` says why. WAITING: `heard` comes, and then `admitted` tells. `until`: when the whole request ends."""
        ask, limiter = self._ask, self._limiter
        if limiter.measured and ask.row.counts:
            if self._money:
                self.skipped = without_price(ask)
                if not ask.candidates:
                    self._unpriced = True
                    return Verdict.FULL
            self._counts = True
            self._needs = reserved(ask, money=self._money)
        needs = self._needs
        self._taken = taken = limiter.take(needs, now)
        if taken is not None:
            return Verdict.TAKEN
        if limiter.is_full(needs, now) or limiter.too_small(needs) is not None:
            return Verdict.FULL
        self._ticket = ticket = limiter.wait(needs, self.due, now, queued=False)
        self._until, self.late = min(ticket.deadline, until), until < ticket.deadline
        self._alarms.set(self, self._until)
        return Verdict.WAITING

    def due(self) -> None:
        """The ledger's word came, or nobody waits for it any longer."""
        ticket, now = self._ticket, self._alarms.now()
        if ticket is None:
            return
        if ticket.taken is None and not ticket.refused and now < self._until:
            self._alarms.set(self, self._until)  # an alarm may ring a moment early, and rings once
            return
        self._ticket, self._taken = None, ticket.taken
        self._alarms.clear(self)
        self.late = self.late and now >= self._until
        if ticket.taken is None:
            self._limiter.leave(ticket, now)
        if self.heard is not None:
            self.heard()

    @property
    def admitted(self) -> bool:
        return self._taken is not None

    def over(self, outcome: Outcome | None, now: float) -> None:
        """The request is over, however it ended; None: nobody knows how. May be told again."""
        ticket, taken = self._ticket, self._taken
        self._ticket = self._taken = None
        self.heard = None  # whoever it is holds this object in turn
        if ticket is not None:
            self._alarms.clear(self)
            self._limiter.leave(ticket, now)
        if taken is not None:
            needs = self._needs
            if outcome is None or not self._counts:
                taken.over(needs, now)
            else:
                taken.over(used(self._ask, outcome, needs, money=self._money), now)

    def headers(self) -> Headers:
        """For the answer: how much is left of its rates."""
        return rates_told(self._limiter, None, anthropic=self._ask.row.errors is _ANTHROPIC)

    def refusal(self, now: float) -> OpenAIError:
        """Why it was not admitted."""
        if self._unpriced:
            return not_priced(self._ask.model)
        return refusal(self._limiter, self._needs, now, anthropic=self._ask.row.errors is _ANTHROPIC)
