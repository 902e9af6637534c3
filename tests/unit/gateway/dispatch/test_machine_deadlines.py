"""Deadlines of a stream, and what the machine makes of providers that are left alone."""

import json
from dataclasses import replace
from typing import cast

import pytest
from fakes.conversation import (
    SSE,
    Playbook,
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
    writable,
)
from fakes.serving import EchoAdapter, built

from reconciler.gateway.dispatch.actions import (
    Abort,
    Action,
    Cancel,
    Ending,
    Finish,
    Outcome,
    Pause,
    Reason,
    Resume,
    SendData,
    SetTimer,
    Skipped,
    Try,
)
from reconciler.gateway.dispatch.machine import Ask, Machine
from reconciler.gateway.dispatch.memory import Memory
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
    play.machine = Machine(replace(asked, memory=memory or Memory()))
    return play


def times_out(action: Action) -> None:
    assert isinstance(action, SendData)
    assert json.loads(action.chunk[6:])["error"]["message"] == "The provider's stream did not go on in time."


def test_a_stream_without_a_first_byte_in_time_is_followed_by_the_next() -> None:
    play = playing("a", "b", first_byte=10) >> start() << tries("a") << SetTimer(10)
    play.at(1) >> head(0, 200, SSE) >> data(0, b": wait\n")
    play.at(10) >> timer() << Cancel(0) << tries("b") << SetTimer(20)


def test_a_first_byte_may_have_more_time_than_the_whole_of_a_plain_answer() -> None:
    play = playing("a", first_byte=300) >> start() << tries("a") << SetTimer(300)
    play.at(250) >> head(0, 200, SSE) >> data(0, DELTA) << SetTimer(350) << sends_head(200)
    play << SendData(DELTA)


def test_other_answers_do_not_heed_it() -> None:
    playing("a", stream=False, first_byte=10) >> start() << tries("a") << SetTimer(100)


def test_an_answer_in_one_piece_to_a_request_for_a_stream_has_its_own_time() -> None:
    play = playing("a", first_byte=10) >> start() << tries("a") << SetTimer(10)
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
        play.machine.error(0, Failure.BROKEN, "cut", 0.0)
    for _ in range(5):
        machine = playing("a", memory=memory).machine
        assert isinstance(machine.start(0.0)[0], Try)
        machine.head(0, 200, SSE, 0.0)
        machine.end(0, 0.0)
    assert not isinstance(playing("a", memory=memory).machine.start(0.0)[0], Try)


def test_a_client_that_leaves_takes_no_probe_with_it() -> None:
    memory = Memory()
    failed(memory)
    (playing("a", memory=memory).at(5) >> start() << tries("a") >> gone() << Cancel(0) << (lambda _: None))
    playing("a", memory=memory).at(6) >> start() << tries("a")
