"""What a Route asks of a request, and what a provider asks for that is read to its end when its client leaves."""

from dataclasses import replace

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
)

from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.snapshot.model import Policy

ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}'
USED = b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}'
DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'


def playing(
    *providers: str, policy: Policy | None = None, stream: bool = False, drain: bool = False
) -> Playbook:
    play = Playbook(*providers, stream=stream)
    asked = ask(*providers, stream=stream)
    asked.policy = policy
    asked.candidates = tuple(
        replace(each, candidate=replace(each.candidate, drain=drain)) for each in asked.candidates
    )
    play.stage = Stage(asked)
    return play


# --- the time of the whole request ------------------------------------------------------------------------------


def test_what_is_left_of_the_whole_bounds_every_attempt() -> None:
    play = playing("a", "b", policy=Policy(total=30.0)) >> start() << SetTimer(30.0) << tries("a")
    play.at(20) >> error(0, Failure.CONNECT) << SetTimer(30.0) << tries("b")
    play.at(30) >> timer() << Cancel(1) << answers(504, "b did not answer in time")
    play << outcome(504, Ending.REFUSED, ("a", Failure.CONNECT, None), ("b", Failure.TIMEOUT, None))
    play.over()


def test_an_earlier_refusal_is_not_told_when_the_time_is_over() -> None:
    play = playing("a", "b", policy=Policy(total=30.0)) >> start() << tries("a")
    play >> head(0, 503) >> data(0, ERROR) >> end(0) << tries("b")
    play.at(30) >> timer() << Cancel(1) << answers(504)
    play << outcome(504, Ending.REFUSED, ("a", None, 503), ("b", Failure.TIMEOUT, None))


def test_a_stream_does_not_outlive_it() -> None:
    play = playing("a", policy=Policy(total=30.0), stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play.at(29) >> data(0, DELTA) << SetTimer(30.0) << sends_head(200) << SendData(DELTA)

    def tells(action: Action) -> None:
        assert isinstance(action, SendData)
        assert b"not complete within the" in action.chunk

    play.at(30) >> timer() << Cancel(0) << tells
    play.stage.done.clear()
    assert play.stage.machine.over


def test_a_plain_answer_that_is_under_way_is_cut() -> None:
    play = playing("a", policy=Policy(total=30.0)) >> start() << tries("a") >> head(0, 200)
    play.at(29) >> data(0, b"{") << sends_head(200) << SendData(b"{")
    play.at(30) >> timer() << Cancel(0) << Abort() << outcome(200, Ending.BROKEN, ("a", Failure.TIMEOUT, 200))


# --- how often, and after what ----------------------------------------------------------------------------------


def test_so_many_attempts_and_no_more() -> None:
    play = playing("a", "b", "c", policy=Policy(attempts=2)) >> start() << tries("a")
    play >> error(0, Failure.CONNECT) << tries("b")
    play >> error(1, Failure.CONNECT) << answers(502)
    play << outcome(502, Ending.REFUSED, ("a", Failure.CONNECT, None), ("b", Failure.CONNECT, None))


def test_after_the_statuses_that_are_named_and_no_others() -> None:
    policy = Policy(retry_on=frozenset({404}))
    play = playing("a", "b", "c", policy=policy) >> start() << tries("a")
    play >> head(0, 404) >> data(0, ERROR) >> end(0) << tries("b")
    play >> head(1, 503) >> data(1, ERROR) >> end(1) << answers(503)
    play << outcome(503, Ending.REFUSED, ("a", None, 404), ("b", None, 503))


def test_a_refused_key_is_never_the_clients_to_mend() -> None:
    play = playing("a", "b", policy=Policy(retry_on=frozenset())) >> start() << tries("a")
    play >> head(0, 401) >> data(0, ERROR) >> end(0) << tries("b")


def test_the_first_bytes_have_the_routes_time() -> None:
    play = playing("a", "b", policy=Policy(first_byte=2.0)) >> start() << SetTimer(2.0) << tries("a")
    play.at(2) >> timer() << Cancel(0) << SetTimer(4.0) << tries("b")


# --- answers that are read to their end -------------------------------------------------------------------------


def test_a_client_that_leaves_is_drained_and_its_usage_counted() -> None:
    play = playing("a", drain=True) >> start() << tries("a")
    play >> gone()
    play.nothing()
    play.at(3) >> whole(0, 200, JSON, USED)

    def counted(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.ending, action.usage) == (Ending.GONE, Usage(3, 4, 7))

    play << counted
    play.over()


def test_one_that_read_too_slowly_holds_nothing_up_once_it_left() -> None:
    play = playing("a", drain=True, stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    play >> blocked()
    play.stage.done.clear()
    play._open.clear()
    play >> gone() << Resume(0)
    play >> data(0, DELTA)
    play >> blocked()
    play.nothing()


def tells_an_error(action: Action) -> None:
    assert isinstance(action, SendData)
    assert b"not complete within the" in action.chunk


def test_a_stream_that_is_told_to_its_end_is_whole_though_its_time_is_over() -> None:
    """Its upstream only keeps the connection open."""
    play = playing("a", stream=True, policy=Policy(total=60.0)) >> start() << tries("a") >> head(0, 200, SSE)
    done = DELTA + b"data: [DONE]\n\n"
    play.at(59.5) >> data(0, done) << sends_head(200) << SendData(done)
    play.at(60) >> timer() << Cancel(0) << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))
    play.over()


def test_a_client_that_reads_slowly_does_not_outlive_the_time_of_its_request() -> None:
    """Only what its upstream has for the next event does not run on meanwhile."""
    play = playing("a", stream=True, policy=Policy(total=60.0)) >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    play.at(1) >> blocked() << Pause(0)
    play.at(50) >> timer() << SetTimer(60.0)
    play.at(60) >> timer() << Cancel(0) << tells_an_error << Finish()
    play << outcome(200, Ending.BROKEN, ("a", Failure.TIMEOUT, 200))
    play.over()


def test_nobody_is_asked_for_a_client_that_left() -> None:
    play = playing("a", "b", drain=True) >> start() << tries("a")
    play >> gone()
    play >> error(0, Failure.BROKEN) << outcome(502, Ending.GONE, ("a", Failure.BROKEN, None))
    play.over()


def test_how_it_was_routed_is_told_where_it_is_wished() -> None:
    play = playing("a")
    asked = ask("a")
    asked.trace = "route=-"
    play.stage = Stage(asked)
    play >> start() << tries("a") >> whole(0, 200, JSON, b"{}") << answers(200, x_routerctl_trace="route=-")
