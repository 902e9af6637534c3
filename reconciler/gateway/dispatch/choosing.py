"""Which candidate is tried next, which are passed over and why, and what the breakers are told of those that were tried."""

from reconciler.gateway.dispatch.actions import Headers, Reason, Skipped
from reconciler.gateway.dispatch.answers import header
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.routing.breaker import Breaker, Wait
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.protocol.errors import OpenAIError, left_alone, retry_after_seconds
from reconciler.snapshot.model import Candidate, Health

RATE_LIMITED = 429
_FAULTS = frozenset({401, 408})
"""With 5xx: statuses that are the provider's fault or the gateway's. The others may be about the request itself."""

_UNTRIED = Health()


class Choosing:
    """Of one request. Of each candidate that `next` gives, one of the verdicts is heard; what is told after that is not."""

    __slots__ = (
        "_breaker",
        "_candidates",
        "_health",
        "_memory",
        "_next",
        "_trial",
        "_tried",
        "_waits",
        "skipped",
    )

    def __init__(self, candidates: tuple[RoutedCandidate, ...], memory: Memory) -> None:
        self._candidates = candidates
        self._memory = memory
        self._next = 0
        self._tried = False
        self._breaker: Breaker | None = None
        self._trial = 0
        self._health = _UNTRIED
        self._waits: list[Wait] = []
        self.skipped: list[Skipped] = []

    def next(self, now: float) -> RoutedCandidate | None:
        """None where nobody is left, or where enough were tried."""
        if not self._next:
            self._memory.retries.request(now)
        while self._next < len(self._candidates):
            routed = self._candidates[self._next]
            self._next += 1
            candidate = routed.candidate
            breaker, health = self._memory.breakers.of(candidate.upstream), candidate.health
            wait = breaker.wait(now, health)
            if wait is not None:
                self._waits.append(wait)
                self._skip(candidate, Reason.RATE_LIMITED if wait.limited else Reason.CIRCUIT_OPEN)
            elif self._tried and not self._memory.retries.take(now):
                self._skip(candidate, Reason.RETRY_BUDGET)
                self._next = len(self._candidates)
            else:
                self._tried = True
                self._breaker, self._health, self._trial = breaker, health, breaker.begin(now, health)
                return routed
        return None

    def nobody(self, model: str) -> OpenAIError:
        """For a request that nobody was asked for: all are left alone."""
        limited = all(wait.limited for wait in self._waits)
        return left_alone(model, min(wait.seconds for wait in self._waits), limited=limited)

    # --- verdicts -------------------------------------------------------------------------------------------

    def answered(self, now: float) -> None:
        """An answer's first bytes are there. What comes after them is not judged."""
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            breaker.succeeded(self._trial, now, self._health)

    def failed(self, now: float) -> None:
        """No connection, no answer in time, or none that is one."""
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            breaker.failed(self._trial, now, self._health)

    def refused(self, status: int, headers: Headers, now: float) -> None:
        if status != RATE_LIMITED and status < 500 and status not in _FAULTS:
            self.answered(now)
            return
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            seconds = retry_after_seconds(header(headers, "retry-after"), header(headers, "date")) or None
            limited = status == RATE_LIMITED
            breaker.failed(self._trial, now, self._health, retry_after=seconds, limited=limited)

    def left(self) -> None:
        """The client did not wait."""
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            breaker.abandoned(self._trial)

    def _skip(self, candidate: Candidate, reason: Reason) -> None:
        self.skipped.append(Skipped(candidate.provider, candidate.binding, reason))
