"""Two machines for one request: who has not answered after a while gets a rival, and the first answer is the client's.

        first ──────────────── no answer for `delay` ──────────────┐
                                        │                          ├──> whoever opens an answer wins, the other is let go
                                        └──> rival, elsewhere ─────┘
An error of one is held back while the other is under way; where both fail, the client gets the first's. Once there is a
rival, the candidates that are left are the rival's: nobody is asked twice, and nobody by both.
"""

from dataclasses import dataclass, replace

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.merging import all_skipped, marked, with_attempts
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, HEDGE, Attempt, Ending, Headers, Outcome
from reconciler.gateway.dispatch.ports import Alarms, Books, Client, Transports
from reconciler.gateway.routing.shares import WHOLE, Shares
from reconciler.gateway.transport.base import Transport
from reconciler.snapshot.model import Hedge, Policy, Upstream


@dataclass(frozen=True, slots=True)
class Hedges:
    """What the hedged requests of a worker share. `memory` is that of rivals."""

    transports: Transports
    alarms: Alarms
    memory: Memory
    shares: Shares

    def may(self, hedge: Hedge) -> bool:
        return hedge.percent >= WHOLE or self.shares.take(hedge.route)


class Hedged:
    """A `Talk`. One outcome: attempts of both, in order of start; the usage is the winner's, what the other cost is not
    known.
    """

    def __init__(self, hedges: Hedges, ask: Ask, hedge: Hedge, client: Client, books: Books) -> None:
        self._hedges = hedges
        self._alarms = hedges.alarms
        self._hedge = hedge
        self._client = client
        self._books = books
        self._own = replace(ask)
        self._started = 0.0
        self._tries = 0
        self._left = False
        self._blocked = False
        self._told = False
        self._cut = False
        self._winner: Leg | None = None
        self._rival: Leg | None = None
        self._first = Leg(self, self._own, hedges)

    # --- from the client's side, and from the alarms ----------------------------------------------------------

    def start(self, began: float | None = None) -> None:
        if self._told:
            return
        try:
            self._started = self._alarms.now() if began is None else began
            self._hedges.shares.earn(self._hedge.route, self._hedge.percent)
            self._alarms.set(self, self._started + self._hedge.delay)
            self._first.start(self._started)
        except Exception as error:  # noqa: BLE001  whoever called is no place for it
            self.bug(error)

    def gone(self) -> None:
        """Where the first's answer is to be read to its end it is; a rival's never is."""
        if self._told or self._left:
            return
        self._left = True
        self._alarms.clear(self)
        if self._winner is not None:
            self._winner.machine.gone()
            return
        if self._rival is not None:
            self._rival.stop()
        self._first.machine.gone()

    def revoked(self) -> None:
        if self._told or self._left:
            return
        self._alarms.clear(self)
        if self._winner is not None:
            self._winner.machine.revoked()
            return
        first, rival = self._first, self._rival
        if rival is not None and first.outcome is not None:  # it failed, and the rival alone is left
            self._cut = True
            rival.machine.revoked()
            return
        if rival is not None:
            rival.stop()
        first.machine.revoked()

    def blocked(self) -> None:
        self._blocked = True
        if self._winner is not None:
            self._winner.machine.blocked()

    def writable(self) -> None:
        self._blocked = False
        if self._winner is not None:
            self._winner.machine.writable()

    def due(self) -> None:
        """The first had its time."""
        if self._told or self._left or self._winner is not None or self._rival is not None:
            return
        try:
            now = self._alarms.now()
            if self._first.asked:
                self._begin_rival(now)
            else:  # it waits for its turn at a provider with limits, and so would the rival
                self._alarms.set(self, now + self._hedge.delay)
        except Exception as error:  # noqa: BLE001  as above
            self.bug(error)

    def _begin_rival(self, now: float) -> None:
        own, given = self._own, self._own.policy
        policy = Policy() if given is None else given
        rest = tuple(each for each in own.candidates if each.candidate.upstream not in self._first.asked)
        attempts = None if policy.attempts is None else policy.attempts - len(self._first.order)
        total = None if policy.total is None else policy.total - (now - self._started)
        spent = (attempts is not None and attempts <= 0) or (total is not None and total <= 0)
        if spent or not rest or not self._hedges.may(self._hedge):
            return
        rivals = replace(
            own,
            candidates=rest,
            policy=replace(policy, attempts=attempts, total=total),
            memory=self._hedges.memory,
        )
        own.policy = replace(policy, attempts=0)
        self._rival = rival = Leg(self, rivals, self._hedges)
        rival.start(now)

    # --- from the legs ----------------------------------------------------------------------------------------

    def next_try(self) -> int:
        self._tries += 1
        return self._tries

    def wins(self, leg: "Leg") -> bool:
        """Whether the client is this one's, which is so of the first that asks."""
        if self._winner is None and not self._told:
            self._winner = leg
            self._alarms.clear(self)
            other = self._rival if leg is self._first else self._first
            if other is not None:
                other.stop()
            if self._blocked:  # by what was written before this answer
                leg.machine.blocked()
        return self._winner is leg and not self._told

    def client_of(self, leg: "Leg") -> Client:
        """For one that won."""
        assert self._winner is leg
        return self._client

    def all_tries(self, headers: Headers) -> Headers:
        return headers if self._rival is None else with_attempts(headers, self._tries)

    def ended(self, leg: "Leg") -> None:
        """Where nobody won, the last one's end is the request's, and the first's words are the client's."""
        if self._told:
            return
        if self._winner is not None:
            if leg is self._winner:
                self._close(leg)
            return
        if self._first.outcome is None or (self._rival is not None and self._rival.outcome is None):
            return
        told = self._rival if self._cut and self._rival is not None else self._first
        if told.held is not None and not self._left:
            status, headers, body = told.held
            self._client.answer(status, self.all_tries(headers), body)
        self._close(told)

    def bug(self, error: Exception) -> None:
        if self._told:
            return
        self._told = True
        self._alarms.clear(self)
        for leg in (self._first, self._rival):
            if leg is not None:
                leg.stop()
        self._books.bug(error)

    def _close(self, leg: "Leg") -> None:
        self._told = True
        self._alarms.clear(self)
        outcome, rival = leg.outcome, self._rival
        assert outcome is not None
        if self._left and outcome.ending is not Ending.GONE:  # its error was held back when the client left
            outcome = replace(outcome, status=CLIENT_GONE, ending=Ending.GONE)
        if rival is not None:
            outcomes = [each.outcome for each in (self._first, rival) if each.outcome is not None]
            first_byte = outcome.first_byte
            offset = leg.started - self._started
            tries = [*self._first.tries(), *rival.tries(HEDGE, rival.started - self._started)]
            outcome = replace(
                outcome,
                attempts=tuple(attempt for _, attempt in sorted(tries, key=lambda each: each[0])),
                skipped=all_skipped(outcomes),
                seconds=self._alarms.now() - self._started,
                first_byte=None if first_byte is None else first_byte + offset,
            )
        self._books.over(outcome)


class Leg:
    """One of the two, and its machine's `Client`, `Books` and `Transports`. `order` are the numbers of its attempts."""

    def __init__(self, race: Hedged, ask: Ask, hedges: Hedges) -> None:
        self._race = race
        self._transports = hedges.transports
        self.asked: set[Upstream] = set()
        self.order: list[int] = []
        self.started = 0.0
        self.held: tuple[int, Headers, bytes] | None = None
        self.outcome: Outcome | None = None
        self.machine = Machine(ask, self, hedges.alarms, self, self)

    def start(self, began: float) -> None:
        self.started = began
        self.machine.start(began)

    def stop(self) -> None:
        """It is needed no more: not for the end of its answer either."""
        if self.outcome is None:
            self.machine.gone(drains=False)

    def tries(self, beside: str = "", later: float = 0.0) -> list[tuple[int, Attempt]]:
        attempts = () if self.outcome is None else self.outcome.attempts
        return [*zip(self.order, marked(attempts, beside, later), strict=False)]

    def get(self, upstream: Upstream) -> Transport:
        self.asked.add(upstream)
        self.order.append(self._race.next_try())
        return self._transports.get(upstream)

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:
        if self._race.wins(self):
            self._race.client_of(self).head(status, self._race.all_tries(headers), length)

    def data(self, chunk: bytes) -> None:
        if self._race.wins(self):
            self._race.client_of(self).data(chunk)

    def finish(self) -> None:
        if self._race.wins(self):
            self._race.client_of(self).finish()

    def abort(self) -> None:
        if self._race.wins(self):
            self._race.client_of(self).abort()

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        if status >= 400:
            self.held = (status, headers, body)
        elif self._race.wins(self):
            self._race.client_of(self).answer(status, self._race.all_tries(headers), body)

    def over(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._race.ended(self)

    def bug(self, error: Exception) -> None:
        self._race.bug(error)
