"""One request: which candidate is tried, what its client is sent, when it is too late, and what the books are told.

    start --> a trial --first bytes of an answer--> they are sent, and all that follow --> over
                |  ^
    it failed   |  | next candidate
                v  |
               none left, or the request itself is at fault --> the client is told why --> over

It does no I/O: transports, client, alarms and books are ports. Nothing is sent before the first bytes of a body are at
hand, so every candidate has its chance until then; from then on there is no other. There is one `Outcome`, and nothing
after it. Not to be shared.
"""

from math import inf

from reconciler.gateway.dispatch import answers
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.choosing import Choosing, Waiting
from reconciler.gateway.dispatch.nobody import NOBODY
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, Attempt, Ending, Headers, Outcome, Told
from reconciler.gateway.dispatch.patience import for_first_bytes, for_silence, lateness, never_asked, too_late
from reconciler.gateway.dispatch.ports import Alarms, Books, Client, Transports
from reconciler.gateway.dispatch.relay import Broken, Relay, relay_for
from reconciler.gateway.dispatch.trial import Trial
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage

ERROR_BODY_PATIENCE = 2.0
"""Seconds that an upstream has to finish the text of its error, before it counts as one without a text."""

LINGER = 1.0
"""Seconds that an upstream has to end its answer after [DONE], so that its connection can be used again."""


class Machine:
    """Nothing that it is told raises: a bug ends the request, and the books hear of it."""

    over = False
    _trial: Trial | None = None
    _waiting = False
    _refusal: Told | None = None
    _started = inf
    _first_byte: float | None = None
    _deadline: float | None = None
    _until = inf
    _blocked = False
    _blocked_since: float | None = None
    _left = False

    def __init__(
        self, ask: Ask, transports: Transports, alarms: Alarms, client: Client, books: Books
    ) -> None:
        self._ask = ask
        self._transports = transports
        self._alarms = alarms
        self._client = client
        self._books = books
        self._now = alarms.now
        self._status = CLIENT_GONE
        self._attempts: list[Attempt] = []
        self._choosing = Choosing(ask.candidates, ask.memory, ask, self)

    # --- from the client's side, and from the alarms ----------------------------------------------------------

    def start(self, began: float | None = None) -> None:
        """`began`: when the client's request was whole, where that is known."""
        if self.over:
            return
        try:
            now = self._now()
            self._started = now if began is None else began
            policy = self._ask.policy
            if policy is not None and policy.total is not None:
                self._until = self._started + policy.total
            self._try_next(now)
        except Exception as error:  # noqa: BLE001  no loop and no parser that called is the place for it
            self.bug(error)

    def gone(self, *, drains: bool = True) -> None:
        """The client left, or the server is stopping. `drains`: where its candidate is to be read to the end, it is."""
        if self.over or self._left:
            return
        try:
            now, trial = self._now(), self._trial
            whole = drains and trial is not None and trial.complete and not self._blocked
            self._left, self._client = not whole, NOBODY
            if trial is not None:
                if drains and (whole or trial.routed.candidate.drain):
                    self.writable()
                    return
                self._choosing.left()
                trial.cancel()
                self._note(trial, now)
            usage = None if trial is None else trial.used(self._ask)
            self._choosing.over(usage, now)
            self._end(Ending.GONE, usage)
        except Exception as error:  # noqa: BLE001  as above
            self.bug(error)

    def blocked(self) -> None:
        """The client reads more slowly than the upstream sends. The time until `writable` is not the upstream's."""
        self._blocked = True
        trial = self._trial
        if trial is None or self._first_byte is None or self._blocked_since is not None or self._left:
            return
        self._blocked_since = self._now()
        if trial.exchange is not None:
            trial.exchange.pause()

    def writable(self) -> None:
        self._blocked = False
        trial, since = self._trial, self._blocked_since
        if trial is None or since is None:
            return
        self._blocked_since = None
        if self._deadline is not None:
            self._arm(self._deadline + self._now() - since)
        if trial.exchange is not None:
            trial.exchange.resume()

    def granted(self) -> None:
        """There is news for a request that waits for its turn at a provider with limits."""
        if not self._waiting:
            return
        try:
            self._waiting = False
            self._disarm()
            self._try_next(self._now())
        except Exception as error:  # noqa: BLE001  as above
            self.bug(error)

    def due(self) -> None:
        """The alarm rang; nobody minds one that is no longer meant."""
        if self._waiting:
            self.granted()
            return
        trial, deadline = self._trial, self._deadline
        if trial is None or deadline is None:
            return
        try:
            now, until = self._now(), self._until
            at = until if self._blocked_since is not None else min(deadline, until)
            if now < at:  # it was moved meanwhile, or waits for the client
                self._alarms.set(self, at)
                return
            self._deadline = None
            trial.cancel()
            if trial.complete:
                self.ended(trial)
            elif now >= until:
                self._too_late(trial, now)
            elif trial.refusal is not None:
                self.refused(trial, b"")
            else:
                streaming = trial.relay is not None and trial.relay.streaming
                sent, candidate = self._first_byte is not None, trial.routed.candidate
                late = lateness(self._ask, candidate, sent=sent, streaming=streaming)
                self.broken(trial, Failure.TIMEOUT, late)
        except Exception as error:  # noqa: BLE001  as above
            self.bug(error)

    def revoked(self) -> None:
        """Its key is accepted no more: it ends now, whatever it is at."""
        self._ask.cut, self._until, self._refusal = Failure.REVOKED, self._now(), None
        self._alarms.clear(self)
        self.due()

    # --- from a trial -----------------------------------------------------------------------------------------

    def relay_of(self, trial: Trial) -> Relay:
        ask = self._ask
        return relay_for(ask.row, trial.headers, asked=ask.body.stream, hides_usage=trial.asks_usage)

    def refusing(self, trial: Trial) -> None:
        patience = for_first_bytes(self._ask, trial.routed.candidate)
        self._arm(min(self._now() + ERROR_BODY_PATIENCE, trial.started + patience))

    def refused(self, trial: Trial, body: bytes) -> None:
        now, self._trial = self._now(), None
        if trial.unasked:
            self._choosing.unasked(trial.told(body, self._ask), now)
            self._try_next(now)
            return
        self._note(trial, now)
        status = trial.status or 0
        if trial.refuses_usage(body):
            self._ask.memory.usage_refusals.add(trial.routed.candidate.upstream)
            self._try(trial.routed, now)
            return
        self._choosing.refused(status, trial.headers, now)
        if status not in answers.CREDENTIALS_REFUSED:
            self._refusal = trial.told(body, self._ask)
        if answers.tries_another(status, self._ask.policy):
            self._try_next(now)
        else:
            self._give_up(now)

    def passes(self, trial: Trial, passed: bytes) -> None:
        relay = trial.relay
        assert relay is not None
        if passed:
            if self._first_byte is None:
                self._open(trial, self._now())
            self._client.data(trial.tellable(passed) if relay.failed else passed)
        if relay.streaming and relay.done:
            self._arm(self._now() + LINGER)
        elif relay.streaming and self._first_byte is not None:
            self._deadline = self._now() + trial.silence

    def flows(self, trial: Trial, passed: bytes) -> None:
        self._client.data(passed)
        # The alarm finds out when it rings: setting it for each piece of a stream would cost.
        self._deadline = self._now() + trial.silence

    def ended(self, trial: Trial) -> None:
        relay = trial.relay
        assert relay is not None
        try:
            rest = relay.finish()
        except Broken as broken:
            self.broken(trial, Failure.BROKEN, str(broken))
            return
        now = self._now()
        if self._first_byte is None:
            self._open(trial, now)
        if rest:
            self._client.data(rest)
        self._note(trial, now)
        usage = trial.used(self._ask)
        self._choosing.over(usage, now)  # before the client, whose next request may be waiting, hears of it
        self._client.finish()
        self._end(Ending.COMPLETE, usage)

    def answered(self, trial: Trial, body: bytes) -> None:
        now, relay = self._now(), trial.relay
        assert relay is not None
        relay.read(body)
        self._opened(trial, now)
        headers = answers.passed_headers(trial.headers, trial.request, rates=not self._ask.rates)
        own = self._own_headers(trial.routed.candidate.provider)
        self._note(trial, now)
        usage = trial.used(self._ask)
        self._choosing.over(usage, now)
        self._client.answer(self._status, headers + own, body)
        self._end(Ending.COMPLETE, usage)

    def broken(self, trial: Trial, failure: Failure, reason: str, given: str | None = None) -> None:
        now = self._now()
        self._note(trial, now, failure, reason)
        if self._first_byte is None:  # nothing was sent: the next candidate
            self._choosing.failed(now, failure, reason)
            self._trial = None
            self._try_next(now)
            return
        usage = trial.used(self._ask)
        rest = None if trial.relay is None else trial.relay.broken(failure, given)
        self._choosing.over(usage, now)
        if rest is None:
            self._client.abort()
        else:
            if rest:
                self._client.data(trial.tellable(rest))
            self._client.finish()
        self._end(Ending.BROKEN, usage)

    def bug(self, error: Exception) -> None:
        self.over = True
        trial, self._trial = self._trial, None
        self._alarms.clear(self)
        if trial is not None:
            trial.cancel()
        self._choosing.left()
        self._choosing.over(None, self._now())
        self._books.bug(error)

    def _too_late(self, trial: Trial, now: float) -> None:
        """The time of the whole request is over, which is no fault of this candidate's."""
        failure, reason, given = too_late(self._ask)
        if self._first_byte is not None:
            self.broken(trial, failure, reason, given)
            return
        self._note(trial, now, failure, reason)
        self._choosing.left()
        self._trial = self._refusal = None
        self._give_up(now)

    # --- on the way to an answer ------------------------------------------------------------------------------

    def _try_next(self, now: float) -> None:
        policy, tried = self._ask.policy, len(self._attempts)
        enough = policy is not None and policy.attempts is not None and tried >= policy.attempts
        if self._left or enough or now >= self._until:
            self._give_up(now)
            return
        chosen = self._choosing.next(now, self._until)
        if chosen is None:
            self._give_up(now)
        elif isinstance(chosen, Waiting):
            self._waiting = True
            self._arm(chosen.deadline)
        else:
            self._try(chosen, now)

    def _try(self, routed: RoutedCandidate, now: float) -> None:
        ask, candidate = self._ask, routed.candidate
        body, row, upstream = ask.body, ask.row, candidate.upstream
        asks = row.asks_usage and body.lacks_usage and upstream not in ask.memory.usage_refusals
        # what only counts a request's tokens takes none of the parameters of an answer
        parameters = candidate.parameters if row.counts else None
        written = body.with_model(routed.upstream_model, ask_usage=asks, parameters=parameters)
        request = upstream.adapter.encode(row.endpoint, written, ask.headers_for(upstream))
        if candidate.headers is not None:
            request = ask.rewritten(request, routed)
        self._trial = trial = Trial(self, routed, request, now)
        trial.asks_usage = asks
        self._arm(now + for_first_bytes(ask, candidate))
        trial.exchange = self._transports.get(upstream).open(request, trial, candidate.timeouts)
        trial.started = self._now()

    def _give_up(self, now: float) -> None:
        refusal = self._refusal or (None if self._attempts else self._choosing.refusal)
        if refusal is not None:
            status, headers, body, provider = refusal
        else:
            model, tried, cut = self._ask.model, tuple(self._attempts), self._ask.cut
            late = never_asked(self._ask) if now >= self._until else None
            error = answers.exhausted(model, tried, cut) if tried else late or self._choosing.nobody(model)
            status, headers, body = error.status, error.response_headers(), self._ask.row.errors.body(error)
            provider = tried[-1].provider if tried else None
        self._status = status
        self._choosing.over(None, now)
        self._client.answer(status, headers + self._own_headers(provider), body)
        self._end(Ending.REFUSED, None, provider)

    # --- once an answer is there ------------------------------------------------------------------------------

    def _opened(self, trial: Trial, now: float) -> None:
        """From here on this candidate's answer is the client's."""
        self._choosing.answered(now, trial.headers)
        self._first_byte = now - self._started
        trial.first_byte = now - trial.started
        self._status = trial.status or 200

    def _open(self, trial: Trial, now: float) -> None:
        self._opened(trial, now)
        headers = answers.passed_headers(trial.headers, trial.request, rates=not self._ask.rates)
        own = self._own_headers(trial.routed.candidate.provider)
        if trial.relay is not None and trial.relay.streaming:
            trial.silence = for_silence(trial.routed.candidate)
            self._arm(now + trial.silence)
            self._client.head(self._status, (*headers, ("cache-control", "no-cache"), *own))
        else:
            self._arm(trial.started + trial.routed.candidate.timeouts.total)
            self._client.head(self._status, headers + own, answers.content_length(trial.headers))
        if self._blocked:  # by what was written before this answer
            self.blocked()

    def _end(self, ending: Ending, usage: Usage | None, provider: str | None = None) -> None:
        self.over, self._waiting = True, False
        trial, self._trial = self._trial, None
        if self._left:
            ending = Ending.GONE
        self._disarm()
        attempts = tuple(self._attempts)
        if provider is None and attempts:
            provider = attempts[-1].provider
        self._books.over(
            Outcome(
                self._status,
                ending,
                attempts,
                provider,
                self._ask.revision,
                max(0.0, self._now() - self._started),
                self._first_byte,
                usage,
                tuple(self._choosing.skipped),
                None if trial is None or trial.relay is None else trial.relay.finish_reason,
            )
        )

    # --- small decisions --------------------------------------------------------------------------------------

    def _note(self, trial: Trial, now: float, failure: Failure | None = None, reason: str = "") -> None:
        self._attempts.append(trial.attempt(now, failure, reason, self._started))

    def _own_headers(self, provider: str | None) -> Headers:
        ask, tried = self._ask, len(self._attempts) + (self._trial is not None)
        own = answers.own_headers(ask.request_id, ask.revision, provider, tried) + ask.rates
        return own if ask.trace is None else (*own, answers.traced(ask.trace, self._choosing.skipped))

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline = None
            self._alarms.clear(self)

    def _arm(self, at: float) -> None:
        self._deadline = at = min(at, self._until)
        self._alarms.set(self, at)
