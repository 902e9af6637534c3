"""One attempt, told to a machine that only listens."""

from collections.abc import Callable

import pytest
from fakes.conversation import JSON, SSE, ask
from fakes.serving import candidate
from fakes.transports import ScriptedExchange

from reconciler.gateway.dispatch.answers import MAX_ERROR_BODY
from reconciler.gateway.dispatch.outcome import Attempt
from reconciler.gateway.dispatch.relay import PlainRelay, Relay, StreamRelay
from reconciler.gateway.dispatch.trial import Trial
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.streams import ChatStream
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.translation import unasked

REQUEST = UpstreamRequest("POST", "http://a.test/chat/completions", (), b"{}")
DONE = b"data: [DONE]\n\n"
HTML = (("content-type", "text/html"),)


class Listener:
    """What it was told, in order. `relay` is what it gives; `fault` is raised by whatever it hears next."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []
        self.relay: Relay = PlainRelay()
        self.fault: Exception | None = None

    def relay_of(self, trial: Trial) -> Relay:
        self._hear("relay", trial.status)
        return self.relay

    def refusing(self, trial: Trial) -> None:
        self._hear("refusing", trial.status)

    def refused(self, trial: Trial, body: bytes) -> None:
        self._hear("refused", trial.status, body)

    def passes(self, trial: Trial, passed: bytes) -> None:
        assert not trial.over
        self._hear("passes", passed)

    def flows(self, trial: Trial, passed: bytes) -> None:
        assert not trial.over
        self._hear("flows", passed)

    def ended(self, trial: Trial) -> None:
        assert trial.over
        self._hear("ended")

    def answered(self, trial: Trial, body: bytes) -> None:
        assert trial.over
        self._hear("answered", body)

    def broken(self, trial: Trial, failure: Failure, reason: str) -> None:
        assert trial.over
        self._hear("broken", failure, reason)

    def bug(self, error: Exception) -> None:
        self.heard.append(("bug", error))

    def _hear(self, *told: object) -> None:
        self.heard.append(told)
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault


class Stand:
    def __init__(self, *, streaming: bool = False) -> None:
        self.machine = Listener()
        if streaming:
            self.machine.relay = StreamRelay(ChatStream())
        self.trial = Trial(self.machine, RoutedCandidate(candidate("a"), "m"), REQUEST, 10.0)
        self.exchange = ScriptedExchange("a", REQUEST, self.trial)
        self.trial.exchange = self.exchange

    @property
    def heard(self) -> list[tuple[object, ...]]:
        heard, self.machine.heard = self.machine.heard, []
        return heard


def everything(trial: Trial) -> None:
    """Of which nothing is heard any more."""
    trial.head(200, JSON)
    trial.data(b"late")
    trial.whole(200, JSON, b"late")
    trial.error(Failure.BROKEN, "late")
    trial.end()


# --- how an attempt goes ----------------------------------------------------------------------------------------


def test_an_answer_in_pieces() -> None:
    stand = Stand()
    stand.trial.head(200, JSON)
    assert (stand.heard, stand.trial.status, stand.trial.headers) == ([("relay", 200)], 200, JSON)
    stand.trial.data(b"a")
    stand.trial.data(b"b")
    stand.trial.end()
    assert stand.heard == [("passes", b"a"), ("passes", b"b"), ("ended",)]
    assert not stand.exchange.cancelled


def test_a_plain_answer_at_once() -> None:
    stand = Stand()
    stand.trial.whole(200, JSON, b"{}")
    assert stand.heard == [("relay", 200), ("answered", b"{}")]
    assert stand.trial.over
    assert not stand.exchange.cancelled


@pytest.mark.parametrize("body", [b": hello\n\n" + DONE, b""])
def test_a_stream_that_came_at_once_passes_as_one_that_did_not(body: bytes) -> None:
    stand = Stand(streaming=True)
    stand.trial.whole(200, SSE, body)
    passed = [("passes", body)] if body else []
    assert stand.heard == [("relay", 200), *passed, ("ended",)]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("status", [400, 429, 503, 599])
def test_an_error_is_refused_with_its_text(status: int, at_once: bool) -> None:
    stand = Stand()
    if at_once:
        stand.trial.whole(status, JSON, b"text")
    else:
        stand.trial.head(status, JSON)
        stand.trial.data(b"te")
        stand.trial.data(b"xt")
        stand.trial.end()
    assert stand.heard == [("refusing", status), ("refused", status, b"text")]
    assert (stand.trial.relay, stand.trial.over) == (None, True)


@pytest.mark.parametrize("at_once", [True, False])
def test_an_error_with_too_much_text_is_let_go_without_it(at_once: bool) -> None:
    stand, text = Stand(), bytes(MAX_ERROR_BODY + 1)
    if at_once:
        stand.trial.whole(500, JSON, text)
    else:
        stand.trial.head(500, JSON)
        stand.trial.data(text)
        everything(stand.trial)
    assert stand.heard == [("refusing", 500), ("refused", 500, b"")]
    assert stand.exchange.cancelled


def test_an_error_whose_text_breaks_off_has_none() -> None:
    stand = Stand()
    stand.trial.head(500, JSON)
    stand.trial.data(b"te")
    stand.trial.error(Failure.BROKEN, "cut")
    assert stand.heard == [("refusing", 500), ("refused", 500, b"")]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("status", "headers"), [(302, JSON), (199, JSON), (600, JSON), (200, HTML)])
def test_what_is_no_answer_is_let_go(
    status: int, headers: tuple[tuple[str, str], ...], at_once: bool
) -> None:
    stand = Stand()
    if at_once:
        stand.trial.whole(status, headers, b"<p>")
    else:
        stand.trial.head(status, headers)
    (told,) = stand.heard
    assert told[:2] == ("broken", Failure.BROKEN)
    assert stand.exchange.cancelled


def test_a_failure_is_told_as_it_is() -> None:
    stand = Stand()
    stand.trial.error(Failure.CONNECT, "refused")
    assert stand.heard == [("broken", Failure.CONNECT, "refused")]


def test_an_end_without_a_head_is_a_failure() -> None:
    stand = Stand()
    stand.trial.data(b"nobody knows of what")
    stand.trial.end()
    assert stand.heard == [("broken", Failure.BROKEN, "ended without an answer")]


def test_after_done_a_failure_is_an_end_and_nothing_more_passes() -> None:
    stand = Stand(streaming=True)
    stand.trial.head(200, SSE)
    stand.trial.data(DONE)
    stand.trial.data(b"junk")
    stand.trial.error(Failure.BROKEN, "cut")
    assert stand.heard == [("relay", 200), ("passes", DONE), ("ended",)]


def test_a_stream_that_makes_no_sense_is_let_go() -> None:
    stand = Stand(streaming=True)
    stand.trial.head(200, SSE)
    stand.trial.data(bytes(5 * 1024 * 1024))
    assert [told[:2] for told in stand.heard] == [("relay", 200), ("broken", Failure.BROKEN)]
    assert stand.exchange.cancelled


def test_a_second_head_is_not_heard() -> None:
    stand = Stand()
    stand.trial.head(200, JSON)
    stand.trial.head(500, HTML)
    assert (stand.heard, stand.trial.status) == ([("relay", 200)], 200)


# --- after its end ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "finish",
    [
        lambda trial: trial.cancel(),
        lambda trial: trial.end(),
        lambda trial: trial.error(Failure.TIMEOUT, "late"),
    ],
)
@pytest.mark.parametrize("begun", [True, False])
def test_after_its_end_nothing_is_heard(finish: Callable[[Trial], None], begun: bool) -> None:
    stand = Stand()
    if begun:
        stand.trial.head(200, JSON)
    finish(stand.trial)
    assert stand.trial.over
    stand.machine.heard.clear()
    everything(stand.trial)
    assert stand.heard == []


@pytest.mark.parametrize("status", [200, 302, 500])
def test_after_a_whole_answer_nothing_is_heard(status: int) -> None:
    stand = Stand()
    stand.trial.whole(status, JSON, b"{}")
    assert stand.trial.over
    stand.machine.heard.clear()
    everything(stand.trial)
    assert stand.heard == []


def test_what_came_in_pieces_is_not_told_whole_as_well() -> None:
    stand = Stand()
    stand.trial.head(200, JSON)
    stand.trial.whole(200, JSON, b"{}")
    assert stand.heard == [("relay", 200)]


def test_its_exchange_is_cancelled_once() -> None:
    stand = Stand()
    stand.trial.cancel()
    stand.trial.cancel()
    assert stand.exchange.calls == ["cancel"]


def test_one_that_has_no_exchange_yet_can_be_cancelled() -> None:
    stand = Stand()
    stand.trial.exchange = None
    stand.trial.cancel()
    assert stand.trial.over


@pytest.mark.parametrize(
    ("ready", "tell"),
    [
        (None, lambda trial: trial.head(200, JSON)),
        (None, lambda trial: trial.head(500, JSON)),
        (None, lambda trial: trial.head(302, JSON)),
        (None, lambda trial: trial.end()),
        (None, lambda trial: trial.error(Failure.CONNECT, "refused")),
        (200, lambda trial: trial.data(b"x")),
        (200, lambda trial: trial.end()),
        (500, lambda trial: trial.data(bytes(MAX_ERROR_BODY + 1))),
        (500, lambda trial: trial.end()),
        (500, lambda trial: trial.error(Failure.BROKEN, "cut")),
    ],
)
def test_a_bug_goes_no_further_than_the_machine(ready: int | None, tell: Callable[[Trial], None]) -> None:
    stand = Stand()
    if ready is not None:
        stand.trial.head(ready, JSON)
    stand.machine.fault = bug = ZeroDivisionError()
    tell(stand.trial)
    assert stand.heard[-1] == ("bug", bug)


def test_a_bug_while_a_whole_answer_is_told_goes_no_further() -> None:
    stand = Stand()
    stand.machine.fault = bug = ZeroDivisionError()
    stand.trial.whole(200, JSON, b"{}")
    assert stand.heard[-1] == ("bug", bug)


# --- what is remembered -----------------------------------------------------------------------------------------


def test_what_is_remembered_of_an_attempt() -> None:
    stand = Stand()
    assert stand.trial.attempt(12.0, Failure.CONNECT, "refused", began=9.0) == Attempt(
        "a", "binding-a", Failure.CONNECT, "refused", None, None, 2.0, at=1.0
    )
    stand.trial.head(200, JSON)
    stand.trial.first_byte = 1.5
    assert stand.trial.attempt(13.0, began=10.0) == Attempt("a", "binding-a", None, "", 200, 1.5, 3.0)


def test_an_answer_of_the_adapters_own_is_none_of_the_upstreams() -> None:
    request = unasked(400, (), b"{}")
    own = Trial(Listener(), RoutedCandidate(candidate("a"), "m"), request, 0.0)
    asked = Trial(Listener(), RoutedCandidate(candidate("a"), "m"), REQUEST, 0.0)
    assert (own.unasked, asked.unasked) == (True, False)
    own.status = 400
    status, headers, body, provider = own.told(b"no", ask("a"))
    assert (status, provider) == (400, "a")
    assert b"upstream_error" in body
    assert ("content-type", "application/json") in headers
