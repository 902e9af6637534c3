"""Scripts of a conversation with the dispatch machine.

    Playbook("a", "b") >> start() << tries("a") >> head(0, 503) >> end(0) << tries("b")

`>>` gives an event, `<<` expects the next action. Every action must be expected before the next event, timers apart:
those are checked where a script names them.
"""

from collections.abc import Callable
from typing import Self

from fakes.serving import candidate

from reconciler.gateway.dispatch.actions import (
    Action,
    Answer,
    Attempt,
    ClearTimer,
    Ending,
    Outcome,
    SendHead,
    SetTimer,
    Try,
)
from reconciler.gateway.dispatch.machine import Ask, Machine
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.body import read_request
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS

Event = Callable[[Machine, float], list[Action]]
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
        self.machine = Machine(ask(*providers, stream=stream, total=total, endpoint=endpoint, body=body))
        self.now = 0.0
        self._open: list[Action] = []

    def at(self, now: float) -> Self:
        self.now = now
        return self

    def __rshift__(self, event: Event) -> Self:
        self.nothing()
        self._open = event(self.machine, self.now)
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
        assert self.machine.over

    def _skip_timers(self) -> None:
        while self._open and isinstance(self._open[0], SetTimer | ClearTimer):
            self._open.pop(0)


# --- events ---------------------------------------------------------------------------------------------------


def start() -> Event:
    return lambda machine, now: machine.start(now)


def head(attempt: int, status: int, headers: tuple[tuple[str, str], ...] = JSON) -> Event:
    return lambda machine, now: machine.head(attempt, status, headers, now)


def data(attempt: int, chunk: bytes) -> Event:
    return lambda machine, now: machine.data(attempt, chunk, now)


def end(attempt: int) -> Event:
    return lambda machine, now: machine.end(attempt, now)


def error(attempt: int, failure: Failure, reason: str = "it failed") -> Event:
    return lambda machine, now: machine.error(attempt, failure, reason, now)


def timer() -> Event:
    return lambda machine, now: machine.timer(now)


def gone() -> Event:
    return lambda machine, now: machine.gone(now)


def blocked() -> Event:
    return lambda machine, now: machine.blocked(now)


def writable() -> Event:
    return lambda machine, now: machine.writable(now)


# --- expectations ---------------------------------------------------------------------------------------------


def tries(provider: str) -> Expectation:
    def check(action: Action) -> None:
        assert isinstance(action, Try), action
        assert action.candidate.provider == provider

    return check


def sends_head(status: int, **headers: str) -> Expectation:
    """`headers` with underscores for dashes; others may stand beside them."""

    def check(action: Action) -> None:
        assert isinstance(action, SendHead), action
        assert action.status == status
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
