"""The limits of one provider, or client, in this worker: what its requests take, and those that wait for it. Pure.

A request takes a slot, one of the requests a minute and its estimated tokens at once, and so on, or nothing. Who waits is served in
order; nobody overtakes. There are two ways to wait: for the ledger's next word, which takes some milliseconds and everybody
may, since an idle worker holds nothing; and in the queue, which has so many places.
"""

from collections import deque
from collections.abc import Callable, Mapping
from math import inf
from typing import Final, Protocol

from reconciler.gateway.limits.counters import (
    CONCURRENT,
    MEASURES,
    MINUTE,
    OF_TOKENS,
    ONE,
    Needs,
    counters,
)
from reconciler.gateway.limits.holding import Holding, take_all
from reconciler.json_types import JsonObject
from reconciler.snapshot.limits import Limits
from reconciler.store.leases import Grant, Wish

PATIENCE = 0.5
"""Seconds that a request waits for the ledger where it has no place in the queue."""

_FASTEST_GUESS: Final = 1 / 8
"""What one request changes of the guess how long the next one takes."""

NOTHING_LACKS = ""


class Owner(Protocol):
    """Who looks after all limiters of a worker."""

    def draw(self) -> None:
        """The ledger is to be asked soon."""
        ...

    def later(self, call: Callable[[], None]) -> None:
        """Not within what is going on just now."""
        ...


class Taken:
    """What one attempt took, or one request. `over` gives it back, once."""

    __slots__ = ("_at", "_limiter", "_measured", "_round", "_slot", "needs")

    def __init__(self, limiter: "Limiter", needs: Needs, now: float) -> None:
        self._limiter: Limiter | None = limiter
        self._slot = limiter.slots
        self._measured = limiter.measured
        self._round = limiter.round
        self._at = now
        self.needs = needs
        limiter.under_way += 1

    def over(self, used: Needs | None, now: float) -> None:
        """`used`: None where nothing was answered. That it was one request stays as it is."""
        limiter, self._limiter = self._limiter, None
        if limiter is None:
            return
        limiter.under_way -= 1
        needs, round_ = self.needs, self._round
        untold = round_ == limiter.round
        late = False
        _, tokens, money = needs  # that were too many, once what was used is taken from them
        if used is not None:
            _, used_tokens, used_money = used
            tokens -= used_tokens
            money -= used_money
        for holding, place in self._measured:
            more = tokens if place == OF_TOKENS else money
            idle = holding.idle + more
            if untold and idle >= 0:  # nobody else knows of it yet
                holding.idle = idle
            else:
                late = True
                holding.correct(needs[place], needs[place] - more, round_, self._at, now)
        if self._slot is not None:
            self._slot.give()
            limiter.seconds += (now - self._at - limiter.seconds) * _FASTEST_GUESS
        limiter.freed(now)
        if late:
            limiter.corrected()


class Ticket:
    """A request that waits. `taken` is there once it was served; `refused`: it is not to wait any longer."""

    __slots__ = ("deadline", "needs", "queued", "refused", "taken", "wake")

    def __init__(self, needs: Needs, deadline: float, wake: Callable[[], None], *, queued: bool) -> None:
        self.needs = needs
        self.deadline = deadline
        self.wake = wake
        self.queued = queued
        self.taken: Taken | None = None
        self.refused = False


class Limiter:
    """`under_way`: attempts that took something, and are not over."""

    __slots__ = (
        "_all",
        "_full_until",
        "_owner",
        "_queued",
        "_ready_at",
        "_seen",
        "_sure_until",
        "_taken_at",
        "_told",
        "_waiting",
        "holdings",
        "limits",
        "measured",
        "rates",
        "round",
        "seconds",
        "slots",
        "under_way",
        "unknown",
    )

    def __init__(self, limits: Limits, owner: Owner) -> None:
        self.limits = limits
        self.holdings: dict[str, Holding] = {}
        self.slots: Holding | None = None
        self.measured: tuple[tuple[Holding, int], ...] = ()
        """Those of which a request takes what it needs, and not one; with the place of that in Needs."""
        self.rates: tuple[tuple[str, tuple[Holding, ...]], ...] = ()
        """The windows of requests, and those of tokens, that are none of the calendar."""
        self.round = 0
        """As all its holdings have it."""
        self.under_way = 0
        self.seconds = 1.0
        """That an attempt took of late."""
        self.unknown = False
        """The ledger could not be asked of late: nobody knows what is left."""
        self._all: tuple[tuple[Holding, int], ...] = ()
        self._owner = owner
        self._seen = inf
        self._sure_until = -inf
        """Until then all that is idle may be taken."""
        self._taken_at = -inf
        self._waiting: deque[Ticket] = deque()
        self._queued = 0
        self._told = 0
        self._full_until = 0.0
        self._ready_at = 0.0
        self._fit()

    def adopt(self, limits: Limits) -> None:
        """They changed: what is held stays held."""
        self.limits = limits
        self._full_until = 0.0
        self._fit()
        self._owner.draw()

    # --- requests -------------------------------------------------------------------------------------------

    def take(self, needs: Needs, now: float) -> Taken | None:
        """Without waiting. None where others wait, or something lacks."""
        self._seen = now
        return None if self._waiting else self._take(needs, now)

    def is_full(self, needs: Needs, now: float) -> bool:
        """Nothing is left, as far as is known: there is no point in asking the ledger at once."""
        if self._queued > 0 or now < self._full_until:
            return True
        return any(now < each.full_until and not each.has(needs[place], now) for each, place in self._all)

    def has_room(self, now: float) -> bool:
        """In the queue, for somebody whose turn may come in time."""
        return self._queued < self.limits.queue and self._ready_at <= now + self.limits.patience

    def wait(self, needs: Needs, wake: Callable[[], None], now: float, *, queued: bool) -> Ticket:
        """`wake` is called once it was served or refused; whoever is called only notes that, and comes back later."""
        patience = self.limits.patience if queued else PATIENCE
        ticket = Ticket(needs, now + patience, wake, queued=queued)
        if not self._waiting or not self.is_full(needs, now):
            self._owner.draw()
        self._waiting.append(ticket)
        self._queued += queued
        return ticket

    def leave(self, ticket: Ticket, now: float) -> None:
        """It does not wait any longer, and gives back what it got."""
        if ticket.taken is not None:
            ticket.taken.over(None, now)
        elif not ticket.refused:
            self._remove(ticket)
            self._serve(now)

    def lacking(self, needs: Needs, now: float) -> str:
        """The first limit that stands in the way of such a request; "" where none does."""
        return next((name for name, _ in self.in_the_way(needs, now)), NOTHING_LACKS)

    def in_the_way(self, needs: Needs, now: float) -> list[tuple[str, Holding]]:
        """All limits of which it needs more than is here."""
        return [
            (name, holding)
            for name, holding in self.holdings.items()
            if not holding.has(needs[MEASURES[name].place], now)
        ]

    def too_small(self, needs: Needs) -> tuple[str, Holding] | None:
        """A limit that is less than what such a request needs, whatever the time."""
        return next(
            (
                (name, holding)
                for name, holding in self.holdings.items()
                if needs[MEASURES[name].place] > holding.counter.capacity
            ),
            None,
        )

    def retry_after(self, now: float, *, slots: bool) -> float:
        """Seconds after which it makes sense to ask again. Of slots it is a guess by how long requests took of late."""
        if not slots:
            return max(1.0, self._ready_at - now)
        return max(1.0, self.seconds * (len(self._waiting) + 1) / max(1, self.limits.concurrent or 1))

    def reservable(self, tokens: int) -> int:
        """No request needs more of a provider than it has in a minute."""
        most = self.limits.tokens
        return tokens if most is None or tokens < most else most

    # --- what was taken -------------------------------------------------------------------------------------

    def freed(self, now: float) -> None:
        if self._waiting:
            self._serve(now)
        slots = self.slots
        if slots is not None and slots.contested and slots.idle:
            self._owner.draw()

    def corrected(self) -> None:
        """The ledger was told otherwise, and nobody may look after it any more."""
        self._owner.draw()

    # --- the ledger -----------------------------------------------------------------------------------------

    @property
    def is_waited_for(self) -> bool:
        return bool(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Nothing is held and nobody waits, so that there is nothing to look after until the next request."""
        return not self._waiting and all(holding.is_empty for holding in self.holdings.values())

    def is_forgettable(self, now: float) -> bool:
        return now - self._seen > MINUTE and self.is_idle and not self.under_way

    def wishes(self, now: float, *, moved: bool) -> list[Wish]:
        """Of all its holdings where one is due, so that what they have is of one moment; else none."""
        needs = self._needs()
        for holding in self.holdings.values():
            holding.taken_at = self._taken_at
        due = (holding.is_due(needs[name], now, moved=moved) for name, holding in self.holdings.items())
        if not any(due):
            return []
        self._told = len(self._waiting)
        self.round += 1
        return [holding.wish(needs[name], now) for name, holding in self.holdings.items()]

    def granted(self, wishes: list[Wish], grants: list[Grant], asked_at: float, now: float) -> None:
        """The answers to all that `wishes` gave last."""
        pairs = {wish.counter.key: (wish, grant) for wish, grant in zip(wishes, grants, strict=True)}
        lacks, movable, ready, self.unknown = False, True, 0.0, False
        for holding in self.holdings.values():
            answer = pairs.get(holding.counter.key)
            if answer is None:  # the limit came meanwhile
                continue
            wish, grant = answer
            holding.granted(wish, grant, asked_at, now)
            if grant.lacking:
                lacks = True
                movable = movable and grant.movable
                ready = max(ready, grant.ready_in or 0.0)
        self._look()
        self._serve(now)
        if lacks:
            self._ready_at = now + ready
            if not movable:
                self._refuse(self._told)

    def failed(self, now: float) -> None:
        """The ledger could not be asked."""
        for holding in self.holdings.values():
            holding.failed(now)
        self._full_until, self.unknown = now + 1.0, True
        self._refuse(len(self._waiting))

    def give_up(self, now: float) -> list[Wish]:
        """The last wishes: what is not in use goes back."""
        for holding in self.holdings.values():
            holding.give_up()
        self.round += 1
        return [holding.wish(0, now) for holding in self.holdings.values()]

    def hear(self, wanted: Mapping[str, int]) -> None:
        for holding in self.holdings.values():
            holding.hear(wanted.get(holding.counter.key, 0))
        self._look()

    def snapshot(self) -> JsonObject:
        """Of each limit what this worker holds, and uses of it; and how many requests wait."""
        told: JsonObject = {
            name: {
                "limit": holding.counter.capacity,
                "held": holding.idle + holding.used,
                "used": holding.used if holding.is_slots else holding.spent,
            }
            for name, holding in self.holdings.items()
        }
        return {**told, "waiting": len(self._waiting)}

    # --- within ---------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        wanted = counters(self.limits)
        for name, counter in wanted.items():
            known = self.holdings.get(name)
            if known is None:
                self.holdings[name] = Holding(counter, self.round)
            elif known.counter != counter:
                known.resize(counter)
        for name in self.holdings.keys() - wanted.keys():
            del self.holdings[name]  # it lapses by itself
        self._all = tuple((holding, MEASURES[name].place) for name, holding in self.holdings.items())
        self.slots = self.holdings.get(CONCURRENT)
        self.measured = tuple(each for each in self._all if each[1] != ONE)
        self.rates = tuple(
            (word, holdings)
            for word, at in (("requests", ONE), ("tokens", OF_TOKENS))
            if (holdings := tuple(each for each, place in self._all if place == at and each.is_rate))
        )
        self._look()

    def _look(self) -> None:
        """After the ledger's word."""
        contested = self.slots is not None and self.slots.contested
        self._sure_until = -inf if contested else min((each.until for each, _ in self._all), default=inf)

    def _take(self, needs: Needs, now: float) -> Taken | None:
        low = take_all(self._all, needs, now, sure=now < self._sure_until)
        if low is None:
            return None
        self._taken_at = now
        if low:
            self._owner.draw()
        return Taken(self, needs, now)

    def _serve(self, now: float) -> None:
        waiting = self._waiting
        while waiting:
            ticket = waiting[0]
            taken = self._take(ticket.needs, now)
            if taken is None:
                return
            waiting.popleft()
            self._queued -= ticket.queued
            self._told = max(0, self._told - 1)
            ticket.taken = taken
            self._owner.later(ticket.wake)

    def _refuse(self, told: int) -> None:
        """Those of the first `told` that have no place in the queue."""
        for ticket in list(self._waiting)[:told]:
            if not ticket.queued:
                ticket.refused = True
                self._remove(ticket)
                self._owner.later(ticket.wake)

    def _remove(self, ticket: Ticket) -> None:
        place = self._waiting.index(ticket)
        del self._waiting[place]
        self._queued -= ticket.queued
        if place < self._told:
            self._told -= 1

    def _needs(self) -> dict[str, int]:
        """What those who wait need beyond what is idle is the holding's to find out."""
        if not self._waiting:
            return dict.fromkeys(self.holdings, 0)
        totals = [sum(each) for each in zip(*(ticket.needs for ticket in self._waiting), strict=True)]
        return {name: totals[MEASURES[name].place] for name in self.holdings}
