"""One lease of this worker: what is left of it, what became of the rest, and how much more to ask for. Pure.

The ledger's word comes some milliseconds after it was asked. What happens meanwhile is told it the next time, so the
ledger always counts as many units as there are in use or spent, or more.
"""

from math import inf

from reconciler.gateway.limits.counters import OF_TOKENS, ONE, Needs
from reconciler.store.leases import LASTS, Counter, Grant, Wish, fair_share

MARGIN = 0.25
"""Seconds before a lease expires, from which on nothing is taken from it."""

RENEWED_AFTER = 1.0
ASKED_AGAIN_AFTER = 0.25
"""Seconds, where what is wanted was not to be had and nobody is seen to give any back."""

VERDICT = 0.05
"""Seconds for which the ledger's word is believed that nothing is left."""

IDLE_AFTER = 3.0
"""Seconds without a request, after which everything is given back."""

LARGEST_SLICE = 4
"""Nobody draws more than this part of a counter ahead of need,"""

LARGEST_LONG_SLICE = 100
"""nor than this of one with a longer window than a minute: what a worker holds that is killed comes back with its end."""

QUANTUM = 0.2
"""Seconds for which a slot stays where there are fewer of them than workers that want one."""

_SHORT = 60.0

_TOLD_BY = 2 * LASTS
"""Seconds before the end of its window, until which something is refunded; half of them are for telling it."""


class Holding:
    """`idle` units may be taken. Of slots `used` are in use; of all else `spent` were not told yet.

    That is what is here and not idle. So who takes some changes one number.
    """

    __slots__ = (
        "_ahead",
        "_ask_again_at",
        "_begun",
        "_came",
        "_claimants",
        "_held",
        "_here",
        "_lacking",
        "_left",
        "_missed",
        "_refunds_by",
        "_renew_at",
        "_sent",
        "_sent_refunds",
        "_told_waiting",
        "contested",
        "counter",
        "full_until",
        "idle",
        "lapses",
        "least",
        "low",
        "ready_at",
        "refunded",
        "round",
        "taken_at",
        "until",
        "whole_at",
    )

    def __init__(self, counter: Counter, round_: int = 0) -> None:
        self.counter = counter
        self.idle = 0
        self._here = 0
        """With those that are in use, or not told yet."""
        self.least = 0
        """Of `idle`, since the ledger was last heard."""
        self.low = 0
        """Where no more are idle, more are to be drawn; -1: never."""
        self.taken_at = -inf
        """When something was taken last."""
        self.refunded = 0
        """Of what was told as spent; the lease itself may have lapsed since."""
        self._refunds_by = inf
        self.until = -inf
        """Nothing is taken from then on, unless the lease is renewed."""
        self.contested = False
        """Another worker wants units."""
        self.full_until = -inf
        """Until then the ledger's word is believed that no more is to be had than is here."""
        self.ready_at = -inf
        """When there may be enough for those whom it had nothing for."""
        self.whole_at = -inf
        """When all that was spent will have come back; of the calendar's windows the end."""
        self.round = round_
        """What is taken in one round is told as one."""
        self._held = 0
        self._sent = 0
        self._sent_refunds = 0
        self._claimants = 1
        self._came = -inf
        self._ahead = 1
        self._missed = False
        self._lacking = 0
        self._told_waiting = 0
        self._ask_again_at = inf
        self._renew_at = inf
        self._left = 0
        self.lapses = 0.0
        """When what is told as spent now comes back, by the counter's clock."""
        self._begun = 0

    @property
    def is_slots(self) -> bool:
        return not self.counter.window

    @property
    def is_rate(self) -> bool:
        return self.counter.window > 0 and not self.counter.aligned

    @property
    def used(self) -> int:
        return 0 if self.counter.window else self._here - self.idle

    @property
    def spent(self) -> int:
        return self._here - self.idle if self.counter.window else 0

    # --- requests -------------------------------------------------------------------------------------------

    def has(self, units: int, now: float) -> bool:
        if self.idle < units or now >= self.until:
            return not units
        return not self.contested or self.counter.window > 0 or self.used < self._share(now)

    def give(self) -> None:
        """A slot that was taken is free."""
        if self._here <= self.counter.capacity:
            self.idle += 1
        else:  # it has become smaller
            self._here -= 1

    def correct(self, reserved: int, actual: int, round_: int, taken_at: float, now: float) -> None:
        """What was taken as `reserved` came out as `actual`; `round_` and `taken_at` are of then."""
        more = actual - reserved
        if more > 0:
            self._here += max(0, more - self.idle)
            self.idle = max(0, self.idle - more)
        elif round_ == self.round:
            self.idle -= more
        else:
            by = self._back_by(round_, taken_at)
            if now < by:
                self._refunds_by = min(by, self._refunds_by) if self.refunded else by
                self.refunded -= more

    def _back_by(self, round_: int, taken_at: float) -> float:
        """Until when what was told as spent can be taken back where it was told."""
        if self.counter.aligned:
            return self.whole_at - _TOLD_BY if round_ + 1 >= self._begun else -inf
        return taken_at + self.counter.window - _TOLD_BY

    def remaining(self) -> int:
        """What can be had here, by the ledger's last word: all but what other workers hold."""
        return max(0, self.idle + self._left)

    def wants_more(self, now: float) -> bool:
        """It runs low: more is to be drawn before somebody has to wait."""
        return self.idle <= self.low and now - self.taken_at < IDLE_AFTER

    # --- the ledger -----------------------------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Nothing is held, and nothing is left to tell."""
        return not (self.idle or self._here or self.refunded or self._lacking)

    def is_due(self, waiting: int, now: float, *, moved: bool) -> bool:
        """Whether the ledger is to be told something. `waiting`: units that requests wait for; `moved`: others told it."""
        if waiting:
            more = waiting > self._told_waiting and not self._lacking
            return more or moved or now >= self._ask_again_at
        if self._lacking:
            return True
        if self.is_empty:
            return False
        free = self.idle + self.refunded
        return now >= self._renew_at or (self.contested and free > 0) or self.wants_more(now)

    def wish(self, waiting: int, now: float) -> Wish:
        """What goes to the ledger; then `granted` or `failed` is to come. What is not kept is given up at once."""
        ahead = 0
        if now >= self._refunds_by + LASTS:
            self.refunded = 0
        if now >= self.until:
            self._keep(0)
        elif self.contested:
            share = inf if self.counter.window else self._share(now) - self.used
            self._keep(int(max(0, min(self.idle, waiting, share))))
        elif now >= self._renew_at:
            self._pace(now)
        if waiting > self.idle:
            self._ahead = self._bounded(max(2 * self._ahead, waiting))
            ahead = self._ahead
        elif self.wants_more(now):
            self._ahead = self._bounded(2 * self._ahead)
            ahead = self._ahead - self.idle
        self._mark()
        wanted = max(0, min(waiting - self.idle, self.counter.capacity))
        self._sent, self._sent_refunds = self.spent, self.refunded
        self.round += 1
        return Wish(
            self.counter, self._held, self.used, self.spent, self.refunded, self.idle, wanted, max(0, ahead)
        )

    def granted(self, wish: Wish, grant: Grant, asked_at: float, now: float) -> None:
        """`asked_at`: when the wish was made, `now`: when the answer came."""
        taken = self._here - self.idle - self._sent
        self.refunded -= self._sent_refunds
        self._held = grant.units
        if not wish.keep + wish.used and grant.units:
            self._came = asked_at
        self.idle = self.least = max(0, grant.units - taken)
        self._here = self.idle + taken
        self._lacking = self._told_waiting = grant.lacking
        self._missed = bool(grant.lacking) or grant.units - wish.keep - wish.used < wish.wanted + wish.ahead
        self.until = asked_at + LASTS - MARGIN
        self._renew_at = asked_at + RENEWED_AFTER
        self._left, self.whole_at = grant.left, asked_at + grant.whole_in
        if grant.lapses != self.lapses:
            self.lapses, self._begun = grant.lapses, self.round + grant.expired
        if grant.lacking:
            self.full_until = now + VERDICT
            self.ready_at = now + (grant.ready_in or 0.0)
        self._ask_again_at = asked_at + min(ASKED_AGAIN_AFTER, grant.ready_in or ASKED_AGAIN_AFTER)
        self.contested, self._claimants = grant.contested, grant.claimants
        if wish.counter.capacity > self.counter.capacity:
            self._keep(0)  # it was lowered meanwhile
            self._renew_at = asked_at
        self._mark()

    def failed(self, now: float) -> None:
        """Nobody knows whether the ledger heard it. What was spent is told again, what was refunded is not."""
        self.refunded -= self._sent_refunds
        self._told_waiting = 0
        self._ask_again_at = self._renew_at = now + RENEWED_AFTER

    def hear(self, wanted: int) -> None:
        """What other workers want of it by now."""
        self.contested = wanted > 0
        self._claimants = max(self._claimants, 2)
        self._mark()

    def give_up(self) -> None:
        """It ends: what is not in use goes back with the next wish."""
        self._keep(0)
        self._ahead, self.taken_at = 1, -inf

    def resize(self, counter: Counter) -> None:
        """It has another capacity from now on. What is under way beyond it goes on."""
        if counter.capacity < self.counter.capacity:
            self._keep(0)  # the ledger knows what of it is left
        self.counter = counter
        self.full_until = -inf
        self._missed = False
        self._renew_at = min(self._renew_at, self.until - 1.0)
        self._ahead = self._bounded(self._ahead)
        self._mark()

    # --- how much -------------------------------------------------------------------------------------------

    def _share(self, now: float) -> int:
        """So many slots may be in use here while others want some: what can't be shared out evenly is who comes first's."""
        if fair_share(self.counter, self._claimants):
            return -(-self.counter.capacity // self._claimants)
        return 1 if now < self._came + QUANTUM else 0

    def _pace(self, now: float) -> None:
        """Once a second: what was not needed is given back, and less is drawn ahead."""
        if now - self.taken_at >= IDLE_AFTER:
            self._keep(0)
        else:
            if self.least >= self._ahead:
                self._ahead = max(1, self._ahead // 2)
            self._keep(min(self.idle, self.idle - self.least + self._ahead))
        self._missed = False
        self._mark()

    def _keep(self, idle: int) -> None:
        """Only so many of those that are idle."""
        self._here += idle - self.idle
        self.idle = idle
        self.least = min(self.least, idle)

    def _mark(self) -> None:
        self.low = -1 if self.contested or self._missed else self._ahead // 2

    def _bounded(self, ahead: int) -> int:
        part = LARGEST_SLICE if self.counter.window <= _SHORT else LARGEST_LONG_SLICE
        return max(1, min(ahead, self.counter.capacity // part))


def take_all(
    holdings: tuple[tuple[Holding, int], ...], needs: Needs, now: float, *, sure: bool
) -> bool | None:
    """Of each what `needs` has at its place, or nothing: None. Else whether one of them `wants_more` by now.

    Each is asked whether it `has` that; where it is `sure` that what is idle may be taken, only if it is not idle.
    Who looks after them notes when.
    """
    low = False
    requests, tokens, money = needs  # compiled code makes an object of all three to look one up
    for holding, place in holdings:
        units = requests if place == ONE else tokens if place == OF_TOKENS else money
        idle = holding.idle - units
        if (idle < 0 or not sure) and not holding.has(units, now):
            for taken, where in holdings:
                if taken is holding:
                    return None
                taken.idle += needs[where]
        holding.idle = idle
        if idle < holding.least:  # noqa: PLR1730  a call
            holding.least = idle
        if idle <= holding.low:
            low = True
    return low
