"""What a Route sends to others as well, whose answers nobody gets: to see how they would do under real requests.

A shadow begins once its request is under way, and neither waits for the other. It has one attempt and its own deadlines;
of the provider that it goes to it uses what any request uses: connections, credentials, limits, circuits. It is counted
apart from what is served.
"""

import logging
from dataclasses import replace
from typing import Protocol

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.nobody import NOBODY
from reconciler.gateway.dispatch.outcome import Outcome
from reconciler.gateway.dispatch.ports import Alarms, Transports
from reconciler.gateway.routing.retry_budget import RetryBudget
from reconciler.gateway.routing.shares import Shares
from reconciler.snapshot.model import Policy, RoutedCandidate, Shadow

log = logging.getLogger(__name__)

MAX_UNDER_WAY = 100
MAX_BYTES = 64 * 1024 * 1024
"""Of the bodies of all that are under way. They would be freed with their requests otherwise."""


class ShadowBooks(Protocol):
    """Who counts them."""

    def shadowed(self, provider: str, outcome: Outcome) -> None: ...

    def shadow_skipped(self, provider: str) -> None:
        """Too many were under way."""
        ...


class Shadows:
    """All of a worker, which end with it. What a shadow learns of its provider all requests know; none pays for its
    retries.
    """

    def __init__(self, transports: Transports, alarms: Alarms, memory: Memory, books: ShadowBooks) -> None:
        self.transports = transports
        self.alarms = alarms
        self.books = books
        self._memory = memory.with_retries(RetryBudget())
        self._shares = Shares()
        self._under_way: set[_Shadowing] = set()
        self._bytes = 0
        self._closed = False

    def consider(self, ask: Ask, shadow: Shadow) -> None:
        """Of a request that is about to begin."""
        self._shares.earn(shadow.route, shadow.percent)
        if self._closed or not self._shares.take(shadow.route):
            return
        endpoint = ask.row.endpoint
        fits = tuple(each for each in shadow.candidates if endpoint in each.candidate.upstream.endpoints)
        if not fits:
            return
        size = len(ask.body.raw)
        if len(self._under_way) >= MAX_UNDER_WAY or self._bytes + size > MAX_BYTES:
            self.books.shadow_skipped(fits[0].candidate.provider)
            return
        shadowing = _Shadowing(self, self._ask(ask, fits))
        self._under_way.add(shadowing)
        self._bytes += size
        self.alarms.set(shadowing, self.alarms.now())

    def close(self) -> None:
        """The worker ends: so do all of them, and are counted. There are no more."""
        self._closed = True
        for shadowing in tuple(self._under_way):
            shadowing.end()

    def _ask(self, ask: Ask, candidates: tuple[RoutedCandidate, ...]) -> Ask:
        given = ask.policy
        policy = Policy(attempts=1)
        if given is not None:
            policy = replace(policy, total=given.total, first_byte=given.first_byte)
        return replace(ask, candidates=candidates, memory=self._memory, policy=policy, trace=None)

    def ended(self, shadowing: "_Shadowing") -> None:
        self._under_way.discard(shadowing)
        self._bytes -= len(shadowing.ask.body.raw)


class _Shadowing:
    """One, and its machine's `Books`. It waits for an alarm, so that its request goes first."""

    def __init__(self, shadows: Shadows, ask: Ask) -> None:
        self._shadows = shadows
        self._machine = Machine(ask, shadows.transports, shadows.alarms, NOBODY, self)
        self.ask = ask

    def due(self) -> None:
        self._machine.start()

    def end(self) -> None:
        self._shadows.alarms.clear(self)
        self._machine.gone(drains=False)

    def over(self, outcome: Outcome) -> None:
        self._shadows.ended(self)
        provider = outcome.provider or self.ask.candidates[0].candidate.provider
        self._shadows.books.shadowed(provider, outcome)

    def bug(self, error: Exception) -> None:
        self._shadows.ended(self)
        log.error("the shadow of request %s ended with a bug", self.ask.request_id, exc_info=error)
