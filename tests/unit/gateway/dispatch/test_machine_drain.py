"""Clients that leave a provider whose answers are read to their end (`onClientDisconnect: drain`)."""

from dataclasses import replace

import pytest
from fakes.conversation import (
    SSE,
    Action,
    Cancel,
    Pause,
    Playbook,
    Resume,
    SendData,
    Stage,
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

from reconciler.gateway.dispatch.machine import LINGER
from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage

DELTA = b'data: {"choices": [{"delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
USED = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}\n\n'
DONE = b"data: [DONE]\n\n"
JSON_USED = b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}'


def draining(*providers: str, stream: bool = True) -> Playbook:
    asked = ask(*providers, stream=stream)
    routed = [replace(each, candidate=replace(each.candidate, drain=True)) for each in asked.candidates]
    play = Playbook(*providers, stream=stream)
    play.stage = Stage(replace(asked, candidates=tuple(routed)))
    return play


def used(action: Action) -> None:
    assert isinstance(action, Outcome)
    assert (action.status, action.ending, action.usage) == (200, Ending.GONE, Usage(3, 4, 7))


@pytest.mark.parametrize("before", [True, False], ids=["before the first byte", "after it"])
def test_a_stream_is_read_to_its_end_and_counted(before: bool) -> None:
    play = draining("a", "b") >> start() << tries("a")
    if before:
        play >> gone() >> head(0, 200, SSE) >> data(0, DELTA)
    else:
        play >> head(0, 200, SSE) >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
        play >> gone()
    play >> gone() >> data(0, USED) >> data(0, DONE)
    assert not play.stage.machine.over
    play >> end(0) << used
    play.over()


def at_its_end() -> Playbook:
    """A stream of who is no drain's, of which all but the framing's end has come."""
    play = Playbook("a", stream=True) >> start() << tries("a")
    play >> head(0, 200, SSE) >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    return play >> data(0, USED + DONE) << SendData(USED + DONE)


def test_who_leaves_at_a_stream_s_own_end_has_all_of_it() -> None:
    play = at_its_end() >> gone() >> gone()
    assert not play.stage.machine.over
    play >> end(0) << outcome(200, Ending.COMPLETE, ("a", None, 200))
    play.over()


def test_what_closes_the_connection_is_not_waited_for_long() -> None:
    play = at_its_end() >> gone()
    play.at(LINGER) >> timer() << Cancel(0) << outcome(200, Ending.COMPLETE, ("a", None, 200))
    play.over()


def test_who_leaves_with_the_end_unread_has_left() -> None:
    play = at_its_end() >> blocked() << Pause(0)
    play >> gone() << Cancel(0) << outcome(200, Ending.GONE, ("a", None, 200))
    play.over()


def test_a_plain_answer_is_counted() -> None:
    play = draining("a", stream=False) >> start() << tries("a") >> gone()
    play >> whole(0, 200, (("content-type", "application/json"),), JSON_USED) << used
    play.over()


def test_one_that_read_slowly_holds_nobody_back_any_more() -> None:
    play = draining("a") >> start() << tries("a")
    play >> head(0, 200, SSE) >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    play >> blocked() << Pause(0)
    play >> gone() << Resume(0)
    play >> blocked() >> writable() >> data(0, USED + DONE) >> end(0) << used
    play.over()


def test_nobody_else_is_asked_for_who_has_left() -> None:
    play = draining("a", "b") >> start() << tries("a") >> gone()
    play >> error(0, Failure.BROKEN) << outcome(502, Ending.GONE, ("a", Failure.BROKEN, None))
    play.over()


def test_the_time_of_an_answer_is_bounded_as_ever() -> None:
    play = draining("a", "b").at(1.0) >> start() << tries("a") >> gone()

    def late(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.ending, [each.failure for each in action.attempts]) == (Ending.GONE, [Failure.TIMEOUT])

    play.at(500.0) >> timer() << Cancel(0) << late
    play.over()
