"""Deadlines of a stream, and what the machine makes of providers that are left alone."""

import json
from dataclasses import replace
from typing import cast

import pytest
from fakes.conversation import (
    JSON,
    SSE,
    Abort,
    Action,
    Cancel,
    Finish,
    Pause,
    Playbook,
    Resume,
    SendData,
    SetTimer,
    Stage,
    answers,
    ask,
    blocked,
    data,
    end,
    error,
    gone,
    head,
    outcome,
    sends_head,
    start,
    timer,
    tries,
    whole,
    writable,
)
from fakes.serving import EchoAdapter, built

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Ending, Outcome, Reason, Skipped
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Timeouts

DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}'


UPSTREAMS = {name: built(name, EchoAdapter(name), "none") for name in ("a", "b")}


def patient(asked: Ask, timeouts: Timeouts) -> Ask:
    candidates = tuple(
        replace(routed, candidate=replace(routed.candidate, timeouts=timeouts, upstream=UPSTREAMS[name]))
        for routed in asked.candidates
        for name in [routed.candidate.provider]
    )
    return replace(asked, candidates=candidates)


def playing(
    *providers: str,
    stream: bool = True,
    first_byte: float | None = None,
    idle: float | None = None,
    memory: Memory | None = None,
) -> Playbook:
    play = Playbook(*providers, stream=stream)
    asked = patient(ask(*providers, stream=stream), Timeouts(5.0, 100.0, first_byte, idle))
    play.stage = Stage(replace(asked, memory=memory or Memory()))
    return play


def broken(action: Action) -> None:
    assert isinstance(action, SendData)
    assert "error" in json.loads(action.chunk[6:])


def ends(action: Action) -> None:
    assert isinstance(action, Outcome)


def times_out(action: Action) -> None:
    assert isinstance(action, SendData)
    assert json.loads(action.chunk[6:])["error"]["message"] == "The provider's stream did not go on in time."


def test_a_stream_without_a_first_byte_in_time_is_followed_by_the_next() -> None:
    play = playing("a", "b", first_byte=10) >> start() << SetTimer(10) << tries("a")
    play.at(1) >> head(0, 200, SSE) >> data(0, b": wait\n")
    play.at(10) >> timer() << Cancel(0) << SetTimer(20) << tries("b")


def test_a_first_byte_may_have_more_time_than_the_whole_of_a_plain_answer() -> None:
    play = playing("a", first_byte=300) >> start() << SetTimer(300) << tries("a")
    play.at(250) >> head(0, 200, SSE) >> data(0, DELTA) << SetTimer(350) << sends_head(200)
    play << SendData(DELTA)


def test_other_answers_do_not_heed_it() -> None:
    playing("a", stream=False, first_byte=10) >> start() << SetTimer(100) << tries("a")


def test_an_answer_in_one_piece_to_a_request_for_a_stream_has_its_own_time() -> None:
    play = playing("a", first_byte=10) >> start() << SetTimer(10) << tries("a")
    play.at(9) >> head(0, 200) >> data(0, b'{"a') << SetTimer(100) << sends_head(200) << SendData(b'{"a')
    (
        play.at(100)
        >> timer()
        << Cancel(0)
        << Abort()
        << outcome(200, Ending.BROKEN, ("a", Failure.TIMEOUT, 200))
    )
    play.over()


def test_a_stream_that_falls_silent_ends_with_an_error_event() -> None:
    play = playing("a", idle=4) >> start() << tries("a")
    play.at(50) >> head(0, 200, SSE) >> data(0, DELTA) << SetTimer(54) << sends_head(200) << SendData(DELTA)
    play.at(53) >> data(0, DELTA) << SendData(DELTA)
    play.at(54) >> timer() << SetTimer(57)
    play.at(57) >> timer() << Cancel(0) << times_out << Finish()

    def told(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert action.ending is Ending.BROKEN
        assert action.attempts[-1].reason == "sent nothing for 4 s"

    (play << told).over()


@pytest.mark.parametrize("first_byte", [None, 10, 300])
def test_where_no_idle_timeout_is_named_a_stream_may_be_silent_as_long_as_an_answer_may_take(
    first_byte: float | None,
) -> None:
    play = playing("a", first_byte=first_byte) >> start() << tries("a")
    play.at(5) >> head(0, 200, SSE) >> data(0, DELTA) << SetTimer(105) << sends_head(200) << SendData(DELTA)
    play.at(60) >> data(0, DELTA) << SendData(DELTA)
    play.at(105) >> timer() << SetTimer(160)
    play.at(160) >> timer() << Cancel(0) << times_out << Finish()
    play << outcome(200, Ending.BROKEN, ("a", Failure.TIMEOUT, 200))
    play.over()


@pytest.mark.parametrize("idle", [4, 400])
def test_a_stream_is_silent_as_long_as_its_idle_timeout_says_also_where_that_is_longer(idle: float) -> None:
    play = playing("a", idle=idle) >> start() << SetTimer(100) << tries("a")
    play.at(5) >> head(0, 200, SSE) >> data(0, DELTA) << SetTimer(5 + idle) << sends_head(200)
    play << SendData(DELTA)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("came", ["nothing", "its head"])
def test_a_head_alone_is_no_answer_in_time(came: str, stream: bool) -> None:
    """However long an upstream keeps its connection open: its transport waits for as long as it is let."""
    play = playing("a", stream=stream) >> start() << SetTimer(100) << tries("a")
    if came == "its head":
        play.at(99) >> head(0, 200, SSE if stream else JSON)
    play.at(100) >> timer() << Cancel(0) << answers(504, "a did not answer in time")

    def told(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.ending, action.attempts[0].failure) == (Ending.REFUSED, Failure.TIMEOUT)
        assert action.attempts[0].reason == "took more than 100 s"

    (play << told).over()


def test_half_an_event_is_no_silence() -> None:
    play = playing("a", idle=4) >> start() << tries("a")
    play >> head(0, 200, SSE) >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    play.at(3) >> data(0, DELTA[:9])
    play.at(4) >> timer() << SetTimer(7)


def test_the_time_that_a_slow_client_takes_is_not_the_upstreams() -> None:
    play = playing("a", idle=4) >> start() << tries("a")
    play >> head(0, 200, SSE) >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    play.at(1) >> blocked() << Pause(0)
    play.at(100) >> timer() >> writable() << SetTimer(103) << Resume(0)


# --- providers that are left alone --------------------------------------------------------------------------------


def failed(memory: Memory, times: int = 5) -> None:
    for _ in range(times):
        play = playing("a", stream=False, memory=memory) >> start() << tries("a")
        (
            play
            >> error(0, Failure.CONNECT)
            << answers(502)
            << outcome(502, Ending.REFUSED, ("a", Failure.CONNECT, None))
        )


@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_is_a_success_however_it_came(at_once: bool) -> None:
    memory = Memory()
    failed(memory)
    playing("a", stream=False, memory=memory) >> start() << answers(503) << ends
    play = playing("a", stream=False, memory=memory).at(5) >> start() << tries("a")
    if at_once:
        play >> whole(0, 200, JSON, b"{}") << answers(200) << ends
    else:
        play >> head(0, 200) >> end(0) << sends_head(200) << Finish() << ends
    for _ in range(2):
        playing("a", stream=False, memory=memory).at(5) >> start() << tries("a")


def test_who_fails_is_passed_over() -> None:
    memory = Memory()
    failed(memory)
    play = playing("a", "b", stream=False, memory=memory) >> start() << tries("b")
    play >> head(0, 200) >> end(0) << sends_head(200, x_routerctl_attempts="1") << Finish()

    def told(action: Action) -> None:
        assert cast("Outcome", action).skipped == (Skipped("a", "binding-a", Reason.CIRCUIT_OPEN),)

    (play << told).over()


@pytest.mark.parametrize("stream", [True, False])
def test_where_all_are_left_alone_the_client_hears_when_to_come_again(stream: bool) -> None:
    memory = Memory()
    failed(memory)
    play = playing("a", stream=stream, memory=memory).at(1) >> start()
    play << answers(503, "Try again in 4 s", retry_after="4", x_routerctl_attempts="0")

    def told(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.status, action.provider, action.attempts) == (503, None, ())

    (play << told).over()


@pytest.mark.parametrize("status", [429, 503])
def test_the_last_ones_retry_after_reaches_the_client(status: int) -> None:
    play = playing("a", "b", stream=False) >> start() << tries("a")
    play >> error(0, Failure.CONNECT) << tries("b")
    play >> head(1, status, (("retry-after", "7"),)) >> data(1, ERROR) >> end(1)
    play << answers(status, "no", retry_after="7")


def test_an_answer_that_breaks_before_its_first_byte_counts_and_one_that_breaks_later_does_not() -> None:
    memory = Memory()
    for _ in range(20):
        play = playing("a", memory=memory) >> start() << tries("a")
        play >> head(0, 200, SSE) >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
        play >> error(0, Failure.BROKEN, "cut") << broken << Finish() << ends
    for _ in range(5):
        play = playing("a", memory=memory) >> start() << tries("a")
        play >> head(0, 200, SSE) >> end(0) << answers(502) << ends
    playing("a", memory=memory) >> start() << answers(503) << ends


def test_a_client_that_leaves_takes_no_probe_with_it() -> None:
    memory = Memory()
    failed(memory)
    (playing("a", memory=memory).at(5) >> start() << tries("a") >> gone() << Cancel(0) << (lambda _: None))
    playing("a", memory=memory).at(6) >> start() << tries("a")
