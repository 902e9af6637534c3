"""One request as a state machine: events in, actions out. No I/O, no clock: `now` comes with each event.

    NEW --start--> WAITING --head 2xx--> OPENED --first bytes to send--> RELAYING --[DONE]--> LINGERING
                    |  ^                   |                               |                     |
     head 4xx, 5xx  |  | next candidate    | broken, timeout               | end, broken         | end, timer
                    v  |                   v                               v                     v
                  REFUSED --no candidate left, or the request is at fault--> OVER  (one Outcome, nothing after it)

Nothing is sent before the first bytes of a body are at hand, so every candidate has its chance until then; from then
on there is no other. Events of an attempt that is no longer the current one are not heard.
"""

from dataclasses import dataclass, field
from enum import Enum

from reconciler.gateway.dispatch import answers
from reconciler.gateway.dispatch.actions import (
    CLIENT_GONE,
    Abort,
    Action,
    Answer,
    Attempt,
    Cancel,
    ClearTimer,
    Ending,
    Finish,
    Headers,
    Outcome,
    Pause,
    Resume,
    SendData,
    SendHead,
    SetTimer,
    Try,
)
from reconciler.gateway.dispatch.choosing import Choosing
from reconciler.gateway.dispatch.credentials import masked
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.relay import Broken, OpaqueRelay, PlainRelay, Relay, StreamRelay
from reconciler.gateway.dispatch.usage import refuses_to_tell, used
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.body import Body
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.endpoints import JSON, EndpointRow

ERROR_BODY_PATIENCE = 2.0
"""Seconds that an upstream has to finish the text of its error, before it counts as one without a text."""

LINGER = 1.0
"""Seconds that an upstream has to end its answer after [DONE], so that its connection can be used again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asked for, read and routed. `model` is the name that messages use, `headers` are those that pass."""

    row: EndpointRow
    body: Body
    model: str
    candidates: tuple[RoutedCandidate, ...]
    request_id: str
    revision: int
    headers: Headers = ()
    memory: Memory = field(default_factory=Memory)


class _Phase(Enum):
    NEW = "new"
    WAITING = "waiting"
    REFUSED = "refused"
    OPENED = "opened"
    RELAYING = "relaying"
    LINGERING = "lingering"
    OVER = "over"


@dataclass(slots=True)
class _Running:
    """The attempt under way."""

    number: int
    routed: RoutedCandidate
    request: UpstreamRequest
    started: float
    status: int | None = None
    headers: Headers = ()
    first_byte: float | None = None
    asks_usage: bool = False
    relay: Relay = field(default_factory=OpaqueRelay)
    refusal: bytearray = field(default_factory=bytearray)

    def ended(self, failure: Failure | None = None, reason: str = "") -> Attempt:
        candidate = self.routed.candidate
        return Attempt(candidate.provider, candidate.binding, failure, reason, self.status, self.first_byte)


class Machine:
    """Every method takes one event and returns what to do about it, in order. Not to be shared or entered twice."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._phase = _Phase.NEW
        self._attempts: list[Attempt] = []
        self._choosing = Choosing(ask.candidates, ask.memory)
        self._running: _Running | None = None
        self._refusal: tuple[Answer, str] | None = None
        self._started = 0.0
        self._first_byte: float | None = None
        self._status = CLIENT_GONE
        self._deadline: float | None = None
        self._blocked_since: float | None = None

    @property
    def over(self) -> bool:
        return self._phase is _Phase.OVER

    @property
    def _sent(self) -> bool:
        return self._first_byte is not None

    # --- events ---------------------------------------------------------------------------------------------

    def start(self, now: float) -> list[Action]:
        if self._phase is not _Phase.NEW:
            return []
        self._started = now
        return self._try_next(now)

    def head(self, attempt: int, status: int, headers: Headers, now: float) -> list[Action]:
        running = self._current(attempt)
        if running is None or self._phase is not _Phase.WAITING:
            return []
        running.status, running.headers = status, headers
        if 400 <= status <= 599:
            self._phase = _Phase.REFUSED
            return self._arm(min(now + ERROR_BODY_PATIENCE, running.started + self._patience(running)))
        complaint = answers.complaint(status, headers)
        if complaint:
            return [Cancel(attempt), *self._failed(running, Failure.BROKEN, complaint, now)]
        self._phase = _Phase.OPENED
        running.relay = self._relay(running, headers)
        return []

    def data(self, attempt: int, chunk: bytes, now: float) -> list[Action]:
        running = self._current(attempt)
        if running is None:
            return []
        if self._phase is _Phase.REFUSED:
            running.refusal += chunk
            if len(running.refusal) <= answers.MAX_ERROR_BODY:
                return []
            return [Cancel(attempt), *self._refused(running, b"", now)]
        if self._phase is not _Phase.RELAYING and self._phase is not _Phase.OPENED:
            return []
        try:
            passed = running.relay.feed(chunk)
        except Broken as broken:
            return [Cancel(attempt), *self._broken(running, Failure.BROKEN, str(broken), now)]
        actions = self._send(running, passed, now)
        self._heard(running, now)
        if running.relay.done:
            self._phase = _Phase.LINGERING
            actions += self._arm(now + LINGER)
        return actions

    def end(self, attempt: int, now: float) -> list[Action]:
        running = self._current(attempt)
        if running is None:
            return []
        if self._phase is _Phase.WAITING:
            return self._failed(running, Failure.BROKEN, "ended without an answer", now)
        if self._phase is _Phase.REFUSED:
            return self._refused(running, bytes(running.refusal), now)
        return self._ended(running, now)

    def error(self, attempt: int, failure: Failure, reason: str, now: float) -> list[Action]:
        running = self._current(attempt)
        if running is None:
            return []
        if self._phase is _Phase.REFUSED:
            return self._refused(running, b"", now)
        if self._phase is _Phase.LINGERING:
            return self._ended(running, now)
        return self._broken(running, failure, reason, now)

    def timer(self, now: float) -> list[Action]:
        running, deadline = self._running, self._deadline
        if running is None or deadline is None or self._blocked_since is not None:
            return []
        if now < deadline:
            return [SetTimer(deadline)]
        self._deadline = None
        cancel = Cancel(running.number)
        if self._phase is _Phase.REFUSED:
            return [cancel, *self._refused(running, b"", now)]
        if self._phase is _Phase.LINGERING:
            return [cancel, *self._ended(running, now)]
        return [cancel, *self._broken(running, Failure.TIMEOUT, self._late(running), now)]

    def gone(self, now: float) -> list[Action]:
        """The client left, or the server is stopping."""
        if self._phase in {_Phase.NEW, _Phase.OVER}:
            self._phase = _Phase.OVER
            return []
        running = self._running
        actions: list[Action] = [] if running is None else [Cancel(running.number)]
        if running is not None:
            self._choosing.left()
            self._attempts.append(running.ended())
        return actions + self._over(Ending.GONE, now)

    def blocked(self, now: float) -> list[Action]:
        """The client reads more slowly than the upstream sends. The time until `writable` is not the upstream's."""
        if self._running is None or not self._sent or self._blocked_since is not None:
            return []
        self._blocked_since = now
        return [Pause(self._running.number)]

    def writable(self, now: float) -> list[Action]:
        if self._running is None or self._blocked_since is None:
            return []
        lost, self._blocked_since = now - self._blocked_since, None
        timer = [] if self._deadline is None else self._arm(self._deadline + lost)
        return [*timer, Resume(self._running.number)]

    # --- on the way to an answer ----------------------------------------------------------------------------

    def _try_next(self, now: float) -> list[Action]:
        routed = self._choosing.next(now)
        return self._give_up(now) if routed is None else self._try(routed, now)

    def _try(self, routed: RoutedCandidate, now: float) -> list[Action]:
        number, ask, upstream = len(self._attempts), self._ask, routed.candidate.upstream
        asks = ask.row.asks_usage and ask.body.lacks_usage and upstream not in ask.memory.usage_refusals
        # what only counts a request's tokens takes none of the parameters of an answer
        parameters = routed.candidate.parameters if ask.row.counts else None
        body = ask.body.with_model(routed.upstream_model, ask_usage=asks, parameters=parameters)
        request = upstream.adapter.encode(ask.row.endpoint, body, ask.headers)
        self._running = _Running(number, routed, request, now, asks_usage=asks)
        self._phase = _Phase.WAITING
        return [Try(number, routed.candidate, request), *self._arm(now + self._patience(self._running))]

    def _failed(self, running: _Running, failure: Failure, reason: str, now: float) -> list[Action]:
        """Nothing was sent: the next candidate."""
        self._choosing.failed(now)
        self._attempts.append(running.ended(failure, reason))
        self._running = None
        return self._try_next(now)

    def _refused(self, running: _Running, body: bytes, now: float) -> list[Action]:
        """The upstream answered with an error; `body` is empty where its text can't be had."""
        self._attempts.append(running.ended())
        self._running = None
        status, provider = running.status or 0, running.routed.candidate.provider
        if running.asks_usage and refuses_to_tell(status, body):
            self._ask.memory.usage_refusals.add(running.routed.candidate.upstream)
            return self._try(running.routed, now)
        self._choosing.refused(status, running.headers, now)
        if status not in answers.CREDENTIALS_REFUSED:
            shape = self._ask.row.errors
            answer = answers.refusal(status, running.headers, body, running.request, provider, shape)
            self._refusal = answer, provider
        return self._try_next(now) if answers.retryable(status) else self._give_up(now)

    def _give_up(self, now: float) -> list[Action]:
        provider: str | None
        if self._refusal is not None:
            answer, provider = self._refusal
        else:
            model, tried = self._ask.model, tuple(self._attempts)
            error = answers.exhausted(model, tried) if tried else self._choosing.nobody(model)
            provider = tried[-1].provider if tried else None
            answer = Answer(error.status, error.response_headers(), self._ask.row.errors.body(error))
        self._status = answer.status
        headers = (*answer.headers, *self._own_headers(provider))
        return [
            Answer(answer.status, headers, answer.body),
            *self._over(Ending.REFUSED, now, provider),
        ]

    # --- once an answer is there ----------------------------------------------------------------------------

    def _send(self, running: _Running, passed: bytes, now: float) -> list[Action]:
        if not passed:
            return []
        sending = SendData(self._tellable(running, passed) if running.relay.failed else passed)
        return [sending] if self._sent else [*self._open(running, now), sending]

    def _open(self, running: _Running, now: float) -> list[Action]:
        """The head goes out: from here on this candidate's answer is the client's."""
        self._phase = _Phase.RELAYING
        self._choosing.answered(now)
        self._first_byte = now - self._started
        running.first_byte = now - running.started
        self._status = running.status or 200
        headers = answers.passed_headers(running.headers, running.request)
        timeouts = running.routed.candidate.timeouts
        own = self._own_headers(running.routed.candidate.provider)
        if running.relay.streaming:
            idle = timeouts.next_byte
            bound = self._disarm() if idle is None else self._arm(now + idle)
            return [*bound, SendHead(self._status, (*headers, ("cache-control", "no-cache"), *own))]
        at = running.started + timeouts.total
        bound = [] if self._deadline == at else self._arm(at)
        return [*bound, SendHead(self._status, (*headers, *answers.content_length(running.headers), *own))]

    def _ended(self, running: _Running, now: float) -> list[Action]:
        try:
            rest = running.relay.finish()
        except Broken as broken:
            return self._broken(running, Failure.BROKEN, str(broken), now)
        opening = [] if self._sent else self._open(running, now)
        sending = [SendData(rest)] if rest else []
        self._attempts.append(running.ended())
        return [*opening, *sending, Finish(), *self._over(Ending.COMPLETE, now)]

    def _broken(self, running: _Running, failure: Failure, reason: str, now: float) -> list[Action]:
        if not self._sent:
            return self._failed(running, failure, reason, now)
        self._attempts.append(running.ended(failure, reason))
        rest = running.relay.broken(failure)
        if rest is None:
            return [Abort(), *self._over(Ending.BROKEN, now)]
        sending = [SendData(self._tellable(running, rest))] if rest else []
        return [*sending, Finish(), *self._over(Ending.BROKEN, now)]

    def _over(self, ending: Ending, now: float, provider: str | None = None) -> list[Action]:
        running = self._running
        began = running is not None and running.status is not None and running.status < 400
        usage = used(self._ask.row, self._ask.body, running.relay) if running is not None and began else None
        self._phase = _Phase.OVER
        self._running = None
        outcome = Outcome(
            status=self._status,
            ending=ending,
            attempts=tuple(self._attempts),
            provider=provider or (self._attempts[-1].provider if self._attempts else None),
            revision=self._ask.revision,
            seconds=now - self._started,
            first_byte=self._first_byte,
            usage=usage,
            skipped=tuple(self._choosing.skipped),
        )
        return [*self._disarm(), outcome]

    # --- small decisions ------------------------------------------------------------------------------------

    def _current(self, attempt: int) -> _Running | None:
        running = self._running
        return running if running is not None and running.number == attempt else None

    def _patience(self, running: _Running) -> float:
        """Until an answer's first bytes are there."""
        timeouts = running.routed.candidate.timeouts
        first = timeouts.first_byte if self._ask.body.stream else None
        return timeouts.total if first is None else first

    def _heard(self, running: _Running, now: float) -> None:
        """A stream's idle time begins anew. The timer finds out when it fires: setting one for each chunk costs."""
        idle = running.routed.candidate.timeouts.next_byte
        if idle is not None and self._sent and running.relay.streaming:
            self._deadline = now + idle

    def _late(self, running: _Running) -> str:
        timeouts = running.routed.candidate.timeouts
        if not self._sent:
            return f"took more than {self._patience(running):g} s"
        if running.relay.streaming:
            return f"sent nothing for {timeouts.next_byte:g} s"
        return f"took more than {timeouts.total:g} s"

    def _relay(self, running: _Running, headers: Headers) -> Relay:
        """By what the upstream says it sends."""
        media, row = answers.media_type(headers), self._ask.row
        if row.stream is not None:
            assumed = self._ask.body.stream and row.stream.assumed and media != JSON
            if assumed or media == "text/event-stream":
                return StreamRelay(row.stream(hides_usage=running.asks_usage))
        return PlainRelay() if row.counts and (media == JSON or not media) else OpaqueRelay()

    def _tellable(self, running: _Running, passed: bytes) -> bytes:
        """An answer passes as it is; an error that a stream ends with may repeat the credential."""
        return masked(passed, running.request) if running.relay.failed else passed

    def _own_headers(self, provider: str | None) -> Headers:
        tried = len(self._attempts) + (self._running is not None)
        return answers.own_headers(self._ask.request_id, self._ask.revision, provider, tried)

    def _arm(self, at: float) -> list[Action]:
        self._deadline = at
        return [SetTimer(at)]

    def _disarm(self) -> list[Action]:
        if self._deadline is None:
            return []
        self._deadline = None
        return [ClearTimer()]
