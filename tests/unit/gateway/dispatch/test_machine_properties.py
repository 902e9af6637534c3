"""Whatever happens, in whatever order: the promises of the machine."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from fakes.conversation import (
    JSON,
    SSE,
    Abort,
    Action,
    Answer,
    Cancel,
    ClearTimer,
    Event,
    Finish,
    Pause,
    Resume,
    SendData,
    SendHead,
    SetTimer,
    Stage,
    Try,
    ask,
    blocked,
    data,
    end,
    error,
    gone,
    head,
    start,
    timer,
    whole,
    writable,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.gateway.dispatch.machine import LINGER
from reconciler.gateway.dispatch.outcome import Outcome
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Timeouts

CANDIDATES = ("a", "b", "c")
HTML = (("content-type", "text/html"),)
CHUNKS = (
    b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": null}]}\n\n',
    b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n',
    b"data: [DONE]\n\n",
    b"data: {",
    b'"a": 1}\r\n\r\n',
    b'{"error": {"message": "m"}}',
    b"\xff\xfe",
    b"",
)

Step = Callable[[int], Event]
"""An event of the attempt with this number."""


def plain(event: Event) -> Step:
    return lambda _: event


def beside(step: Step, offset: int) -> Step:
    return lambda current: step(current + offset)


def headed(status: int, headers: tuple[tuple[str, str], ...]) -> Step:
    return lambda current: head(current, status, headers)


def given_data(chunk: bytes) -> Step:
    return lambda current: data(current, chunk)


def told_whole(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> Step:
    return lambda current: whole(current, status, headers, body)


def failed(failure: Failure) -> Step:
    return lambda current: error(current, failure)


statuses = st.sampled_from([200, 200, 200, 199, 204, 302, 400, 401, 429, 500])
of_attempt: st.SearchStrategy[Step] = st.one_of(
    st.builds(headed, statuses, st.sampled_from([JSON, SSE, HTML])),
    st.builds(given_data, st.sampled_from(CHUNKS)),
    st.builds(failed, st.sampled_from(list(Failure))),
    st.just(end),
    st.builds(told_whole, statuses, st.sampled_from([JSON, SSE, HTML]), st.sampled_from(CHUNKS)),
)
steps: st.SearchStrategy[Step] = st.one_of(
    of_attempt,
    of_attempt,
    of_attempt,
    st.builds(beside, of_attempt, st.sampled_from([-1, 1])),
    st.sampled_from([plain(timer()), plain(blocked()), plain(writable())]),
)
passing = st.sampled_from([0.0, 0.5, 5.0, 200.0])


@dataclass
class Auditor:
    """Holds every action to what may come after the ones before it."""

    tried: int = 0
    current: int | None = None
    paused: bool = False
    heads: int = 0
    ended: int = 0
    outcomes: int = 0
    timer: float | None = None
    left: bool = False
    """The client: it hears of no end any more."""
    sent: list[bytes] = field(default_factory=list)

    def see(self, action: Action) -> None:
        assert not self.outcomes, f"after the end: {action}"
        match action:
            case Try(attempt=attempt):
                assert attempt == self.tried
                assert self.heads == 0, "a candidate after the first byte"
                self.current, self.tried, self.paused = attempt, self.tried + 1, False
            case Cancel(attempt=attempt) | Pause(attempt=attempt) | Resume(attempt=attempt):
                self._steer(action, attempt)
            case SetTimer(at=at):
                self.timer = at
            case ClearTimer():
                assert self.timer is not None
                self.timer = None
            case SendHead():
                self.heads += 1
            case SendData(chunk=chunk):
                assert self.heads == 1
                assert chunk
                self.sent.append(chunk)
            case Answer():
                assert self.heads == 0
                self.heads += 1
                self.ended += 1
            case Finish() | Abort():
                assert self.heads == 1
                self.ended += 1
            case Outcome():
                self._close(action)
        assert self.heads <= 1
        assert self.ended <= 1

    def _steer(self, action: Cancel | Pause | Resume, attempt: int) -> None:
        assert attempt == self.current
        match action:
            case Cancel():
                self.current = None
            case Pause():
                assert not self.paused
                self.paused = True
            case Resume():
                assert self.paused
                self.paused = False

    def _close(self, outcome: Outcome) -> None:
        self.outcomes += 1
        assert self.timer is None or self.timer <= outcome.seconds, "a timer is left"
        assert len(outcome.attempts) == self.tried
        assert self.ended == (outcome.ending.value != "gone" and not self.left)


Script = list[tuple[float, Step]]
scripts = st.lists(st.tuples(passing, steps), max_size=25)


def drive(stage: Stage, auditor: Auditor, script: Script, now: float = 0.0) -> float:
    """Each step after so many seconds. Returns the time at the end."""
    for seconds, step in script:
        now += seconds
        for action in stage.perform(step(auditor.tried - 1), now):
            auditor.see(action)
    return now


def started(stream: bool, script: Script) -> tuple[Stage, Auditor, float]:
    stage, auditor = Stage(ask(*CANDIDATES, stream=stream)), Auditor()
    return stage, auditor, drive(stage, auditor, [(0.0, plain(start())), *script])


@settings(max_examples=500)
@given(st.booleans(), scripts)
@example(False, [(0.0, headed(200, SSE)), (0.0, given_data(CHUNKS[2]))])
@example(True, [(0.0, headed(200, SSE)), (0.0, given_data(CHUNKS[0] + CHUNKS[2])), (0.0, plain(blocked()))])
def test_no_order_of_events_breaks_a_promise(stream: bool, script: Script) -> None:
    stage, auditor, now = started(stream, script)
    assert stage.machine.over == bool(auditor.outcomes)
    auditor.left = True
    drive(stage, auditor, [(0.0, plain(gone()))], now)
    if not stage.machine.over:  # it has all of a stream, whose framing's end is waited for
        now = drive(stage, auditor, [(LINGER, plain(timer()))], now)
    assert auditor.outcomes == 1
    assert stage.machine.over
    drive(stage, auditor, script, now)


@given(st.booleans(), scripts)
def test_it_ends_by_itself_when_every_exchange_does(stream: bool, script: Script) -> None:
    stage, auditor, now = started(stream, [*script, (0.0, plain(writable()))])
    drive(stage, auditor, [(0.0, end)] * len(CANDIDATES), now)
    assert auditor.outcomes == 1


@given(st.booleans(), scripts)
def test_time_alone_ends_it(stream: bool, script: Script) -> None:
    stage, auditor, _ = started(stream, [*script, (0.0, plain(writable()))])
    while auditor.timer is not None:
        at, auditor.timer = auditor.timer, None
        drive(stage, auditor, [(0.0, plain(timer()))], at)
    assert auditor.outcomes == 1


@given(scripts)
def test_time_alone_ends_a_stream_that_may_not_fall_silent(script: Script) -> None:
    asked, auditor = ask(*CANDIDATES, stream=True), Auditor()
    hasty = tuple(
        replace(each, candidate=replace(each.candidate, timeouts=Timeouts(5.0, 100.0, 3.0, 4.0)))
        for each in asked.candidates
    )
    stage = Stage(replace(asked, candidates=hasty))
    drive(stage, auditor, [(0.0, plain(start())), *script, (0.0, plain(writable()))])
    while auditor.timer is not None:
        at, auditor.timer = auditor.timer, None
        drive(stage, auditor, [(0.0, plain(timer()))], at)
    assert auditor.outcomes == 1


def cut(told: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(told), *(place for place in cuts if place < len(told))})
    return [told[start:stop] for start, stop in pairwise(places)]


@given(st.lists(st.integers(1, 200), max_size=6), st.booleans())
def test_a_stream_reaches_the_client_byte_for_byte(cuts: list[int], complete: bool) -> None:
    told = CHUNKS[0] * 3 + CHUNKS[1] + (CHUNKS[2] if complete else b"")
    stage, auditor = Stage(ask("a", stream=True)), Auditor()
    script: Script = [(0.0, plain(start())), (0.0, headed(200, SSE))]
    pieces = [(0.0, given_data(piece)) for piece in cut(told, cuts)]
    drive(stage, auditor, [*script, *pieces, (0.0, end)])
    assert b"".join(auditor.sent) == told + (b"" if complete else CHUNKS[2])
