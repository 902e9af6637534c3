"""Scripts of a conversation with the dispatch machine.

    Playbook("a", "b") >> start() << tries("a") >> head(0, 503) >> end(0) << tries("b")

`>>` gives an event, `<<` expects the next action: what the machine told one of its ports. Every action must be expected
before the next event, timers apart: those are checked where a script names them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from fakes.serving import candidate

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.outcome import Attempt, Ending, Headers, Outcome
from reconciler.gateway.dispatch.ports import Waiting
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Exchange, Failure, Sink, Transport
from reconciler.protocol.body import read_request
from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.model import Timeouts, Upstream


@dataclass(frozen=True)
class Try:
    """The attempts of a request are numbered from 0."""

    attempt: int
    provider: str
    request: UpstreamRequest


@dataclass(frozen=True)
class Cancel:
    attempt: int


@dataclass(frozen=True)
class Pause:
    attempt: int


@dataclass(frozen=True)
class Resume:
    attempt: int


@dataclass(frozen=True)
class SetTimer:
    at: float


@dataclass(frozen=True)
class ClearTimer:
    pass


@dataclass(frozen=True)
class SendHead:
    status: int
    headers: Headers
    length: int | None = None


@dataclass(frozen=True)
class SendData:
    chunk: bytes


@dataclass(frozen=True)
class Finish:
    pass


@dataclass(frozen=True)
class Abort:
    pass


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


Action = (
    Try
    | Cancel
    | Pause
    | Resume
    | SetTimer
    | ClearTimer
    | SendHead
    | SendData
    | Finish
    | Abort
    | Answer
    | Outcome
)


class Stage:
    """A machine, and all of its ports at once: what it does is noted in order."""

    def __init__(self, asked: Ask) -> None:
        self.done: list[Action] = []
        self.sinks: list[Sink] = []
        self.time = 0.0
        self.now: Callable[[], float] = lambda: self.time
        self.machine = Machine(asked, self, self, self, self)

    def get(self, upstream: Upstream) -> Transport:
        return _Transport(self, upstream.key.name)

    def tried(self, provider: str, request: UpstreamRequest, sink: Sink) -> Exchange:
        number = len(self.sinks)
        self.sinks.append(sink)
        self.done.append(Try(number, provider, request))
        return _Exchange(self, number)

    def set(self, waiting: Waiting, at: float) -> None:
        assert waiting is self.machine
        self.done.append(SetTimer(at))

    def clear(self, waiting: Waiting) -> None:
        assert waiting is self.machine
        self.done.append(ClearTimer())

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:
        self.done.append(SendHead(status, headers, length))

    def data(self, chunk: bytes) -> None:
        self.done.append(SendData(chunk))

    def finish(self) -> None:
        self.done.append(Finish())

    def abort(self) -> None:
        self.done.append(Abort())

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.done.append(Answer(status, headers, body))

    def over(self, outcome: Outcome) -> None:
        self.done.append(outcome)

    def bug(self, error: Exception) -> None:
        raise AssertionError("the machine has a bug") from error

    def perform(self, event: "Event", now: float) -> list[Action]:
        """What the machine did about it."""
        self.time = now
        self.done = []
        event(self)
        return self.done


class _Transport:
    def __init__(self, stage: Stage, provider: str) -> None:
        self._stage = stage
        self._provider = provider

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        return self._stage.tried(self._provider, request, sink)

    def retire(self) -> None: ...

    async def aclose(self) -> None: ...


class _Exchange:
    def __init__(self, stage: Stage, number: int) -> None:
        self._stage = stage
        self._number = number

    def pause(self) -> None:
        self._stage.done.append(Pause(self._number))

    def resume(self) -> None:
        self._stage.done.append(Resume(self._number))

    def cancel(self) -> None:
        self._stage.done.append(Cancel(self._number))


Event = Callable[[Stage], None]
Expectation = Action | Callable[[Action], object]

JSON = (("content-type", "application/json"),)
SSE = (("content-type", "text/event-stream"),)


def ask(
    *providers: str,
    stream: bool = False,
    total: float = 100.0,
    endpoint: Endpoint = Endpoint.CHAT,
    body: bytes | None = None,
) -> Ask:
    """Where nothing else is said, a body whose client asks for usage itself, so that it passes as it is."""
    if body is None:
        options = b', "stream": true, "stream_options": {"include_usage": true}' if stream else b""
        body = b'{"model": "m"%b}' % options
    routed = tuple(RoutedCandidate(candidate(name, total=total), f"{name}-model") for name in providers)
    return Ask(ENDPOINTS[endpoint], read_request(body), "m", routed, "req-1", 7)


class Playbook:
    def __init__(
        self,
        *providers: str,
        stream: bool = False,
        total: float = 100.0,
        endpoint: Endpoint = Endpoint.CHAT,
        body: bytes | None = None,
    ) -> None:
        self.stage = Stage(ask(*providers, stream=stream, total=total, endpoint=endpoint, body=body))
        self.now = 0.0
        self._open: list[Action] = []

    def at(self, now: float) -> Self:
        self.now = now
        return self

    def __rshift__(self, event: Event) -> Self:
        self.nothing()
        self._open = self.stage.perform(event, self.now)
        return self

    def __lshift__(self, expected: Expectation) -> Self:
        if not isinstance(expected, SetTimer | ClearTimer):
            self._skip_timers()
        assert self._open, f"nothing more was done, and this was expected: {expected}"
        action = self._open.pop(0)
        if callable(expected):
            expected(action)
        else:
            assert action == expected
        return self

    def nothing(self) -> Self:
        """Nothing more is to be done about the event."""
        self._skip_timers()
        assert self._open == []
        return self

    def over(self) -> None:
        self.nothing()
        assert self.stage.machine.over

    def _skip_timers(self) -> None:
        while self._open and isinstance(self._open[0], SetTimer | ClearTimer):
            self._open.pop(0)


# --- events ---------------------------------------------------------------------------------------------------


def start() -> Event:
    return lambda stage: stage.machine.start()


def _tell(attempt: int, telling: Callable[[Sink], None]) -> Event:
    """Of an attempt that there was not nobody can tell."""

    def event(stage: Stage) -> None:
        if 0 <= attempt < len(stage.sinks):
            telling(stage.sinks[attempt])

    return event


def head(attempt: int, status: int, headers: Headers = JSON) -> Event:
    return _tell(attempt, lambda sink: sink.head(status, headers))


def data(attempt: int, chunk: bytes) -> Event:
    return _tell(attempt, lambda sink: sink.data(chunk))


def end(attempt: int) -> Event:
    return _tell(attempt, lambda sink: sink.end())


def whole(attempt: int, status: int, headers: Headers, body: bytes) -> Event:
    return _tell(attempt, lambda sink: sink.whole(status, headers, body))


def error(attempt: int, failure: Failure, reason: str = "it failed") -> Event:
    return _tell(attempt, lambda sink: sink.error(failure, reason))


def timer() -> Event:
    return lambda stage: stage.machine.due()


def gone() -> Event:
    return lambda stage: stage.machine.gone()


def blocked() -> Event:
    return lambda stage: stage.machine.blocked()


def writable() -> Event:
    return lambda stage: stage.machine.writable()


# --- expectations ---------------------------------------------------------------------------------------------


def tries(provider: str) -> Expectation:
    def check(action: Action) -> None:
        assert isinstance(action, Try), action
        assert action.provider == provider

    return check


def sends_head(status: int, *, length: int | None = None, **headers: str) -> Expectation:
    """`headers` with underscores for dashes; others may stand beside them."""

    def check(action: Action) -> None:
        assert isinstance(action, SendHead), action
        assert (action.status, action.length) == (status, length)
        _has(action.headers, headers)

    return check


def answers(status: int, *texts: str, **headers: str) -> Expectation:
    def check(action: Action) -> None:
        assert isinstance(action, Answer), action
        assert action.status == status
        for text in texts:
            assert text in action.body.decode()
        _has(action.headers, headers)

    return check


def _has(given: tuple[tuple[str, str], ...], expected: dict[str, str]) -> None:
    names = [name for name, _ in given]
    assert len(names) == len(set(names)), f"a header twice: {names}"
    assert "content-length" not in names, "the length is no header here: it would be told twice"
    for name, value in expected.items():
        assert dict(given).get(name.replace("_", "-")) == value


def outcome(
    status: int,
    ending: Ending,
    *attempts: tuple[str, Failure | None, int | None],
    provider: str | None = None,
) -> Expectation:
    """`attempts` as (provider, failure, status)."""

    def check(action: Action) -> None:
        assert isinstance(action, Outcome), action
        assert (action.status, action.ending) == (status, ending)
        assert tuple(map(_told, action.attempts)) == attempts
        assert action.provider == (provider or attempts[-1][0])

    return check


def _told(attempt: Attempt) -> tuple[str, Failure | None, int | None]:
    return attempt.provider, attempt.failure, attempt.status
