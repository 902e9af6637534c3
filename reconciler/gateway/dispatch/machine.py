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
from reconciler.gateway.dispatch.credentials import masked
from reconciler.gateway.dispatch.relay import Broken, PlainRelay, Relay, StreamRelay
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.body import RequestBody
from reconciler.provider_types.base import Endpoint, UpstreamRequest

ERROR_BODY_PATIENCE = 2.0
"""Seconds that an upstream has to finish the text of its error, before it counts as one without a text."""

LINGER = 1.0
"""Seconds that an upstream has to end its answer after [DONE], so that its connection can be used again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asked for, read and routed. `model` is the name that messages use."""

    endpoint: Endpoint
    body: RequestBody
    model: str
    candidates: tuple[RoutedCandidate, ...]
    request_id: str
    revision: int


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
    relay: Relay = field(default_factory=PlainRelay)
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
        complaint = self._complaint(status, headers)
        if complaint:
            return [Cancel(attempt), *self._failed(running, Failure.BROKEN, complaint, now)]
        self._phase = _Phase.OPENED
        if self._streams(headers):
            running.relay = StreamRelay()
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
        if self._phase not in {_Phase.OPENED, _Phase.RELAYING}:
            return []
        try:
            passed = running.relay.feed(chunk)
        except Broken as broken:
            return [Cancel(attempt), *self._broken(running, Failure.BROKEN, str(broken), now)]
        actions = self._send(running, passed, now)
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
        reason = f"took more than {self._patience(running):g} s"
        return [cancel, *self._broken(running, Failure.TIMEOUT, reason, now)]

    def gone(self, now: float) -> list[Action]:
        """The client left, or the server is stopping."""
        if self._phase in {_Phase.NEW, _Phase.OVER}:
            self._phase = _Phase.OVER
            return []
        running = self._running
        actions: list[Action] = [] if running is None else [Cancel(running.number)]
        if running is not None:
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
        number = len(self._attempts)
        if number == len(self._ask.candidates):
            return self._give_up(now)
        routed = self._ask.candidates[number]
        body = self._ask.body.with_model(routed.upstream_model)
        request = routed.candidate.upstream.adapter.encode(self._ask.endpoint, body)
        self._running = _Running(number, routed, request, now)
        self._phase = _Phase.WAITING
        return [Try(number, routed.candidate, request), *self._arm(now + routed.candidate.timeouts.total)]

    def _failed(self, running: _Running, failure: Failure, reason: str, now: float) -> list[Action]:
        """Nothing was sent: the next candidate."""
        self._attempts.append(running.ended(failure, reason))
        self._running = None
        return self._try_next(now)

    def _refused(self, running: _Running, body: bytes, now: float) -> list[Action]:
        """The upstream answered with an error; `body` is empty where its text can't be had."""
        self._attempts.append(running.ended())
        self._running = None
        status = running.status or 0
        if status not in answers.CREDENTIALS_REFUSED:
            self._refusal = self._refusal_answer(running, status, body), running.routed.candidate.provider
        return self._try_next(now) if answers.retryable(status) else self._give_up(now)

    def _give_up(self, now: float) -> list[Action]:
        if self._refusal is not None:
            answer, provider = self._refusal
        else:
            error = answers.exhausted(self._ask.model, tuple(self._attempts))
            provider = self._attempts[-1].provider
            answer = Answer(error.status, error.response_headers(), error.body())
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
        opening = [] if self._sent else self._open(running, now)
        return [*opening, SendData(self._tellable(running, passed))]

    def _open(self, running: _Running, now: float) -> list[Action]:
        """The head goes out: from here on this candidate's answer is the client's."""
        self._phase = _Phase.RELAYING
        self._first_byte = now - self._started
        running.first_byte = now - running.started
        self._status = running.status or 200
        headers = answers.passed_headers(running.headers, running.request)
        own = self._own_headers(running.routed.candidate.provider)
        if running.relay.streaming:
            return [*self._disarm(), SendHead(self._status, (*headers, ("cache-control", "no-cache"), *own))]
        return [SendHead(self._status, (*headers, *answers.content_length(running.headers), *own))]

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
        usage = None if self._running is None else self._running.relay.usage
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
        )
        return [*self._disarm(), outcome]

    # --- small decisions ------------------------------------------------------------------------------------

    def _current(self, attempt: int) -> _Running | None:
        running = self._running
        return running if running is not None and running.number == attempt else None

    def _patience(self, running: _Running) -> float:
        return running.routed.candidate.timeouts.total

    def _streams(self, headers: Headers) -> bool:
        media = answers.media_type(headers)
        asked = self._ask.body.stream and self._ask.endpoint is Endpoint.CHAT
        return media == "text/event-stream" or (asked and media != "application/json")

    def _complaint(self, status: int, headers: Headers) -> str:
        """Why a head that is no error can't be that of an answer; "" where it can."""
        if not 200 <= status <= 299:
            return f"answered with status {status}, which is no answer; redirects are not followed"
        if answers.media_type(headers) == "text/html":
            return "answered with a web page"
        return ""

    def _tellable(self, running: _Running, passed: bytes) -> bytes:
        """An answer passes as it is; an error that a stream ends with may repeat the credential."""
        return masked(passed, running.request) if running.relay.failed else passed

    def _refusal_answer(self, running: _Running, status: int, body: bytes) -> Answer:
        headers = tuple(
            item
            for item in answers.passed_headers(running.headers, running.request)
            if item[0] != "content-encoding"
        )
        text = masked(body, running.request)
        if answers.is_error_object(text):
            return Answer(status, headers, text)
        error = answers.wordless_refusal(status, running.routed.candidate.provider)
        others = tuple(item for item in headers if item[0] != "content-type")
        return Answer(status, (*error.response_headers(), *others), error.body())

    def _own_headers(self, provider: str) -> Headers:
        tried = len(self._attempts) + (self._running is not None)
        return (
            ("x-routerctl-request-id", self._ask.request_id),
            ("x-routerctl-revision", str(self._ask.revision)),
            ("x-routerctl-provider", provider),
            ("x-routerctl-attempts", str(tried)),
        )

    def _arm(self, at: float) -> list[Action]:
        self._deadline = at
        return [SetTimer(at)]

    def _disarm(self) -> list[Action]:
        if self._deadline is None:
            return []
        self._deadline = None
        return [ClearTimer()]
