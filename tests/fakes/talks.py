"""Requests that several machines serve, without a loop: the test plays upstreams, client and time.

hall = Hall()
talk = hall.begin(asked(hall, "a", "b", policy=Policy(hedge=Hedge(1.0, 100))))
hall.pass_time(1.0)
hall.upstream("b").sink.whole(200, JSON, b"{}")
assert hall.client.body == b"{}"
"""

from collections.abc import Callable
from dataclasses import replace

from fakes.conversation import ask
from fakes.serving import candidate
from fakes.transports import ScriptedExchange, ScriptedTransports

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.conversation import Conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Headers, Outcome
from reconciler.gateway.dispatch.ports import Talk, Waiting
from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.model import Policy, RoutedCandidate


class HandAlarms:
    """Fits ports.Alarms."""

    def __init__(self) -> None:
        self.time = 0.0
        self.at: dict[Waiting, float] = {}
        self.now: Callable[[], float] = lambda: self.time

    def set(self, waiting: Waiting, at: float) -> None:
        self.at[waiting] = at

    def clear(self, waiting: Waiting) -> None:
        self.at.pop(waiting, None)

    def pass_to(self, moment: float) -> None:
        """All that is due until then rings, each at its time."""
        while self.at and min(self.at.values()) <= moment:
            waiting = min(self.at, key=self.at.__getitem__)
            self.time = max(self.time, self.at.pop(waiting))
            waiting.due()
        self.time = max(self.time, moment)


class Client:
    """Fits ports.Client and ports.Books, and holds who talks to it to what may be told."""

    def __init__(self) -> None:
        self.talk: Talk | None = None
        self.slow = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.ended = ""
        self.outcomes: list[Outcome] = []
        self.bugs: list[Exception] = []
        self.fault: Exception | None = None

    @property
    def outcome(self) -> Outcome:
        (outcome,) = self.outcomes
        return outcome

    @property
    def tried(self) -> list[tuple[str, str]]:
        return [(attempt.provider, attempt.beside) for attempt in self.outcome.attempts]

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:
        assert not self.status, "a head after a head"
        if self.fault is not None:
            raise self.fault
        self.status, self.headers = status, dict(headers)
        assert len(self.headers) == len(headers)

    def data(self, chunk: bytes) -> None:
        assert self.status, "data before the head"
        assert not self.ended, "data after the end"
        self.body += chunk
        if self.slow and self.talk is not None:
            self.talk.blocked()

    def finish(self) -> None:
        self._end("finish")

    def abort(self) -> None:
        self._end("abort")

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.head(status, headers)
        self.body = body
        self._end("answer")

    def over(self, outcome: Outcome) -> None:
        assert not self.outcomes, "an outcome after the outcome"
        self.outcomes.append(outcome)

    def bug(self, error: Exception) -> None:
        self.bugs.append(error)

    def _end(self, how: str) -> None:
        assert self.status
        assert not self.ended, "an end after the end"
        self.ended = how


class Hall:
    """A worker's conversations, and all that they act on."""

    def __init__(self) -> None:
        self.alarms = HandAlarms()
        self.transports = ScriptedTransports()
        self.memory = Memory()
        self.shadowed_by: list[tuple[str, Outcome]] = []
        self.skipped: list[str] = []
        self.conversations = Conversations(self.transports, self.alarms, self.memory, self)
        self.client = Client()
        self.talk: Talk | None = None

    def shadowed(self, provider: str, outcome: Outcome) -> None:
        self.shadowed_by.append((provider, outcome))

    def shadow_skipped(self, provider: str) -> None:
        self.skipped.append(provider)

    def begin(self, asked: Ask) -> Talk:
        """A request by a client of its own, which takes the place of the one before."""
        self.client = Client()
        self.talk = talk = self.conversations.begin(asked, self.client, self.client)
        self.client.talk = talk
        talk.start()
        return talk

    def pass_time(self, seconds: float) -> None:
        self.alarms.pass_to(self.alarms.time + seconds)

    @property
    def asked(self) -> list[str]:
        """The providers, in the order of the attempts."""
        return [exchange.provider for exchange in self.transports.exchanges]

    def upstream(self, provider: str) -> ScriptedExchange:
        """The latest attempt at it."""
        return next(each for each in reversed(self.transports.exchanges) if each.provider == provider)


def routed(name: str, *, total: float = 100.0, drain: bool = False) -> RoutedCandidate:
    return RoutedCandidate(replace(candidate(name, total=total), drain=drain), f"{name}-model")


def asked(
    hall: Hall,
    *providers: str,
    policy: Policy | None = None,
    stream: bool = False,
    endpoint: Endpoint = Endpoint.CHAT,
    body: bytes | None = None,
) -> Ask:
    request = ask(*providers, stream=stream, endpoint=endpoint, body=body)
    request.memory = hall.memory
    request.policy = policy
    return request
