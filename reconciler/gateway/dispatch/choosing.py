"""Which candidate is tried next, which are passed over and why, and what the breakers are told of those that were tried."""

from collections.abc import Sequence
from math import inf

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.claim import Claim, Verdict, Waiter, Waiting
from reconciler.gateway.dispatch.faults import of_answer, of_failure, of_refusal
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Headers, Reason, Skipped, Told
from reconciler.gateway.dispatch.repeating import Again, again
from reconciler.gateway.routing.balance import Measured
from reconciler.gateway.routing.circuits import Circuits, Fault
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.errors import OpenAIError, left_alone, saturated
from reconciler.protocol.usage import Usage

__all__ = ["Choosing", "Waiter", "Waiting"]


class Choosing:
    """Of one request. Of each candidate that `next` gives, one of the verdicts is heard; what is told after that is not.

    Who is unhealthy by its probe, or recovers slowly, is not asked as long as another can be; when all others have
    failed, it is: a probe that errs is no reason for a request to fail. One that is to be asked again for the same
    request comes before the next one, once its pause is over, unless it is left alone or full by then.
    """

    _again: Again | None = None
    """Whom `next` gives next, at its time; `_repeated` is the last such."""
    _repeated: Again | None = None

    _unsaid: Told | None = None
    _claim: Claim | None = None
    _measured: Measured | None = None
    _next = 0
    _tried = False
    _under_way: RoutedCandidate | None = None
    _trial = 0
    _told = 0
    _last = False
    _enough = False
    """Of tries: nobody is waited for any more either."""
    _waits: Sequence[tuple[float, bool]] = ()
    _held: Sequence[tuple[RoutedCandidate, Reason]] = ()
    skipped: Sequence[Skipped] = ()

    def __init__(
        self,
        candidates: tuple[RoutedCandidate, ...],
        memory: Memory,
        ask: Ask | None = None,
        waiter: Waiter | None = None,
    ) -> None:
        """`ask`: where a candidate may have limits. Without a `waiter` nobody waits for one."""
        self._ask = ask
        self._waiter = waiter
        self._candidates = candidates
        self._memory = memory

    def next(self, now: float, until: float = inf) -> RoutedCandidate | Waiting | None:
        """None where nobody is left, or where enough were tried. After Waiting, again, as that says. `until`: when the whole
        request ends.
        """
        memory = self._memory
        if self._again is not None:
            return self._once_more(self._again, now, until)
        if self._claim is not None and self._claim.waits_for is not None:
            return self._waited(self._claim, self._claim.waits_for, now)
        if not self._next and not self._last:
            memory.retries.request(now)
        while self._next < len(self._candidates):
            routed = self._candidates[self._next]
            self._next += 1
            circuits = memory.breakers.troubled.get(routed.candidate.upstream)
            if circuits is not None and not self._may_be_asked(routed, circuits, now):
                continue
            limits = routed.candidate.limits
            if limits is not None:
                verdict = self._claim_of().take(routed, limits, now)
                if verdict is Verdict.WAITING:
                    return self._waiting()
                if verdict is Verdict.FULL:
                    continue
            if self._may_be_tried(routed, circuits, now):
                return self._begin(routed, circuits, now)
        return self._those_held(now) if self._held else self._queue(now)

    def _those_held(self, now: float) -> RoutedCandidate | Waiting | None:
        """Nobody else is left."""
        self._candidates = tuple(routed for routed, _ in self._held)
        self._next, self._held, self._last = 0, (), True
        return self.next(now)

    def _may_be_tried(self, routed: RoutedCandidate, circuits: Circuits | None, now: float) -> bool:
        """Not where enough were tried: then nobody is any more. Who does well is none of a storm, and costs nothing of it."""
        if not self._tried:
            return True
        watched = bool(routed.candidate.health.failure_threshold)
        if watched and (circuits is None or not circuits.fails(routed.upstream_model)):
            return True
        if self._memory.retries.take(now):
            return True
        self._skip(routed, Reason.RETRY_BUDGET)
        self._next, self._held, self._enough = len(self._candidates), (), True
        self._free(None, now)
        return False

    def _begin(self, routed: RoutedCandidate, circuits: Circuits | None, now: float) -> RoutedCandidate:
        self._tried, self._under_way, self._trial = True, routed, 0
        if self._memory.balance.measures:
            stream = self._ask is not None and self._ask.body.stream
            self._measured = Measured(self._memory.balance, routed, now, stream=stream)
        if circuits is not None:
            self._trial = circuits.begin(routed.upstream_model, now, routed.candidate.health)
        if self._held:
            self._tell_held()
        if self._claim is not None and self._claim.full:
            self._tell_full(self._claim)
        return routed

    # --- the same one again ---------------------------------------------------------------------------------

    def _repeat(self, routed: RoutedCandidate, verdict: int | Failure, now: float) -> None:
        last, ask = self._repeated, self._ask
        tried = last.tried + 1 if last is not None and last.routed is routed else 1
        circuits = self._memory.breakers.troubled.get(routed.candidate.upstream)
        self._again = again(routed, tried, verdict, circuits, now, "" if ask is None else ask.request_id)

    def _once_more(self, repeat: Again, now: float, until: float) -> RoutedCandidate | Waiting | None:
        """Else whoever is next: it costs nobody the way to them."""
        if now < repeat.at < until:
            return Waiting(repeat.at)
        self._again, self._repeated = None, repeat
        if repeat.at >= until:
            return self.next(now)
        routed, memory = repeat.routed, self._memory
        circuits = memory.breakers.troubled.get(routed.candidate.upstream)
        health, limits = routed.candidate.health, routed.candidate.limits
        if circuits is not None and circuits.wait(routed.upstream_model, now, health) is not None:
            return self.next(now)
        if limits is not None:
            verdict = self._claim_of().take(routed, limits, now)
            if verdict is not Verdict.TAKEN:
                return self._waiting() if verdict is Verdict.WAITING else self.next(now)
        if memory.retries.take(now):
            return self._begin(routed, circuits, now)
        self._free(None, now)
        return self.next(now)

    # --- limits ---------------------------------------------------------------------------------------------

    def _claim_of(self) -> Claim:
        if self._claim is None:
            ask = self._ask
            assert ask is not None, "a candidate has limits"
            self._claim = Claim(self._memory.limiters, ask, self._waiter)
        return self._claim

    def _waiting(self) -> Waiting:
        assert self._claim is not None
        return Waiting(self._claim.deadline)

    def _waited(self, claim: Claim, routed: RoutedCandidate, now: float) -> RoutedCandidate | Waiting | None:
        verdict = claim.waited(now)
        if verdict is Verdict.WAITING:
            return self._waiting()
        if verdict is Verdict.TAKEN:
            circuits = self._memory.breakers.troubled.get(routed.candidate.upstream)
            if circuits is not None and not self._may_be_asked(routed, circuits, now):
                self._free(None, now)
            elif self._may_be_tried(routed, circuits, now):
                return self._begin(routed, circuits, now)
        return self.next(now)

    def _queue(self, now: float) -> Waiting | None:
        """Whom nothing was left of has a queue, perhaps."""
        claim = self._claim
        if claim is None:
            return None
        if not self._enough and claim.queue(now):
            return self._waiting()
        self._tell_full(claim)
        return None

    def _tell_full(self, claim: Claim) -> None:
        """They are passed over where another is asked, or nobody: not where this request waited for them."""
        for full in claim.take_full():
            if full.routed is not self._under_way:
                self._skip(full.routed, full.reason)

    def over(self, usage: Usage | None, now: float) -> None:
        """The request is over, however it ended: what it holds is free, what it used is counted. May be told again."""
        self._free(usage, now)
        self._waiter = self._claim = self._again = None  # they hold each other

    def _free(self, usage: Usage | None, now: float) -> None:
        if self._claim is not None:
            self._claim.over(usage, now)
        if self._measured is not None:
            self._measured.over()
            self._measured = None

    # --- circuits -------------------------------------------------------------------------------------------

    def _may_be_asked(self, routed: RoutedCandidate, circuits: Circuits, now: float) -> bool:
        model = routed.upstream_model
        wait = circuits.wait(model, now, routed.candidate.health)
        if wait is not None:
            self._waits = (*self._waits, (wait.seconds, wait.limited))
            self._skip(routed, Reason.RATE_LIMITED if wait.limited else Reason.CIRCUIT_OPEN)
            return False
        if self._last:
            return True
        if circuits.unhealthy:
            self._held = (*self._held, (routed, Reason.UNHEALTHY))
        elif not circuits.admits(model, now):
            self._held = (*self._held, (routed, Reason.SLOW_START))
        else:
            return True
        return False

    def _tell_held(self) -> None:
        """They are passed over where another is asked before them, and only then."""
        for routed, reason in self._held[self._told :]:
            self._skip(routed, reason)
        self._told = len(self._held)

    def nobody(self, model: str) -> OpenAIError:
        """For a request that nobody was asked for: all are left alone."""
        full = () if self._claim is None else self._claim.full
        seconds = min([*(seconds for seconds, _ in self._waits), *(each.seconds for each in full)])
        if any(each.reason is Reason.SATURATED for each in full):
            return saturated(model, seconds)
        limited = all(limited for _, limited in self._waits)
        return left_alone(model, seconds, limited=limited)

    # --- verdicts -------------------------------------------------------------------------------------------

    def answered(self, now: float, headers: Headers = ()) -> None:
        """An answer's first bytes are there. What comes after them is not judged. One that used up its upstream's rate limit
        says how long that model is not to be asked for.
        """
        if self._measured is not None:
            self._measured.answered(now)
        fault = of_answer(headers) if headers else None
        if fault is not None:
            self._hold_against(fault, now)
            return
        routed, self._under_way = self._under_way, None
        breakers = self._memory.breakers
        if breakers.troubled and routed is not None:
            candidate = routed.candidate
            breakers.succeeded(candidate.upstream, routed.upstream_model, self._trial, now, candidate.health)

    def failed(self, now: float, failure: Failure = Failure.BROKEN, reason: str = "") -> None:
        """No connection, no answer in time, or none that is one."""
        self._free(None, now)
        routed, fault = self._under_way, of_failure(failure, reason)
        if fault is None:
            self.left()
        else:
            self._hold_against(fault, now)
        if routed is not None and routed.candidate.retry is not None:
            self._repeat(routed, failure, now)

    def refused(self, status: int, headers: Headers, now: float) -> None:
        self._free(None, now)
        routed, fault = self._under_way, of_refusal(status, headers)
        if fault is None:
            self.answered(now)
        else:
            self._hold_against(fault, now)
        if routed is not None and routed.candidate.retry is not None:
            self._repeat(routed, status, now)

    def unasked(self, told: Told, now: float) -> None:
        """It has no words for the request, so it was not asked, and nothing is known of it. Another may have them."""
        self._free(None, now)
        if self._under_way is not None:
            self._skip(self._under_way, Reason.NOT_SUPPORTED)
        self._unsaid = told
        self.left()

    @property
    def refusal(self) -> Told | None:
        """What a client is told where nobody was asked: what the last one has no words for, unless others may yet have them."""
        full = self._claim is not None and self._claim.full
        return None if self._waits or full else self._unsaid

    def left(self) -> None:
        """The client did not wait."""
        routed, self._under_way = self._under_way, None
        if routed is not None:
            self._memory.breakers.abandoned(routed.candidate.upstream, routed.upstream_model, self._trial)

    def _hold_against(self, fault: Fault, now: float) -> None:
        routed, self._under_way = self._under_way, None
        if routed is not None:
            candidate = routed.candidate
            self._memory.breakers.failed(
                candidate.upstream, routed.upstream_model, self._trial, now, candidate.health, fault
            )

    def _skip(self, routed: RoutedCandidate, reason: Reason) -> None:
        candidate = routed.candidate
        self.skipped = (*self.skipped, Skipped(candidate.provider, candidate.binding, reason))
