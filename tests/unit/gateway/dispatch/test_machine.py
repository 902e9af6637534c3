"""The conversations of one request, as scripts."""

import json

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
    SendHead,
    SetTimer,
    Try,
    answers,
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

from reconciler.gateway.dispatch.machine import LINGER
from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage

ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}'
DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
STOP = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}\n\n'
DONE = b"data: [DONE]\n\n"


def is_error_event(action: Action) -> None:
    assert isinstance(action, SendData)
    assert action.chunk.startswith(b"data: ")
    assert action.chunk.endswith(b"\n\n")
    assert json.loads(action.chunk[6:])["error"]["type"] == "server_error"


def streaming(*providers: str) -> Playbook:
    """A stream whose first event was sent."""
    play = Playbook(*(providers or ("a",)), stream=True)
    play >> start() << tries("a") >> head(0, 200, SSE)
    return play >> data(0, DELTA) << sends_head(200) << SendData(DELTA)


# --- whole answers ----------------------------------------------------------------------------------------------


def test_a_plain_answer_passes_unchanged() -> None:
    answered = b'{"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, "x": "y"}'
    headers = (*JSON, ("content-length", str(len(answered))), ("set-cookie", "s=1"), ("server", "x"))
    play = Playbook("a") >> start() << tries("a") >> head(0, 200, headers)
    (
        play
        >> data(0, answered[:9])
        << sends_head(
            200,
            content_type="application/json",
            length=len(answered),
            x_routerctl_request_id="req-1",
            x_routerctl_revision="7",
            x_routerctl_provider="a",
            x_routerctl_attempts="1",
        )
        << SendData(answered[:9])
    )
    play >> data(0, answered[9:]) << SendData(answered[9:])
    play.at(2.0) >> end(0) << Finish()

    def check(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert action.usage == Usage(1, 2, 3)
        assert (action.seconds, action.first_byte, action.revision) == (2.0, 0.0, 7)

    play << check
    play.over()


def test_the_request_bears_the_upstreams_name_for_the_model() -> None:
    def check(action: Action) -> None:
        assert isinstance(action, Try)
        assert json.loads(action.request.body) == {"model": "a-model"}

    Playbook("a") >> start() << SetTimer(100.0) << check


def test_only_headers_for_the_client_pass() -> None:
    play = Playbook("a") >> start() << tries("a")
    given = (
        ("content-type", "application/json"),
        ("x-ratelimit-remaining-requests", "9"),
        ("x-request-id", "abc"),
        ("connection", "close"),
        ("transfer-encoding", "chunked"),
        ("date", "today"),
        ("openai-organization", "acme"),
        ("x-ratelimit-evil", "a\r\nset-cookie: x"),
        ("x-ratelimit-huge", "9" * 5000),
        ("x-ratelimit-bad name", "1"),
    )
    play >> head(0, 200, given) >> data(0, b"{}")

    def check(action: Action) -> None:
        assert isinstance(action, SendHead)
        names = [name for name, _ in action.headers if not name.startswith("x-routerctl-")]
        assert names == ["content-type", "x-ratelimit-remaining-requests", "x-request-id"]

    play << check << SendData(b"{}")


def test_an_empty_answer_is_sent_at_its_end() -> None:
    play = Playbook("a") >> start() << tries("a") >> head(0, 200)
    play >> end(0) << sends_head(200) << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))
    play.over()


def test_a_stream_passes_unchanged_and_its_usage_is_read() -> None:
    play = streaming()
    play >> data(0, STOP + USAGE) << SendData(STOP + USAGE)
    play >> data(0, DONE) << SendData(DONE) << SetTimer(LINGER)
    play >> end(0) << Finish()

    def check(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.usage, action.finish_reason) == (Usage(3, 4, 7), "stop")
        assert action.ending is Ending.COMPLETE

    play << check
    play.over()


def test_an_event_in_pieces_is_sent_whole() -> None:
    play = Playbook("a", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA[:20])
    play >> data(0, DELTA[20:]) << sends_head(200, cache_control="no-cache") << SendData(DELTA)


@pytest.mark.parametrize("after", ["end", "error", "timer"])
def test_after_done_nothing_can_break_the_stream(after: str) -> None:
    play = streaming() >> data(0, STOP + DONE) << SendData(STOP + DONE) >> data(0, b"junk")
    match after:
        case "end":
            play >> end(0)
        case "error":
            play >> error(0, Failure.BROKEN)
        case _:
            play.at(LINGER) >> timer() << Cancel(0)
    play << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))
    play.over()


def test_a_missing_done_is_added() -> None:
    play = streaming() >> data(0, STOP) << SendData(STOP)
    play >> end(0) << SendData(DONE) << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))


def test_a_missing_blank_line_at_the_end_is_added() -> None:
    play = streaming() >> data(0, STOP.rstrip()) >> end(0) << SendData(STOP + DONE)
    play << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))
    play = streaming() >> data(0, STOP + DONE.rstrip()) << SendData(STOP)
    play >> end(0) << SendData(DONE) << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))


def test_a_cut_event_behind_the_finish_reason_is_left_out() -> None:
    play = streaming() >> data(0, STOP + USAGE[:30]) << SendData(STOP)
    play >> end(0) << SendData(DONE) << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))


def test_a_plain_answer_to_a_stream_request_passes() -> None:
    play = Playbook("a", stream=True) >> start() << tries("a") >> head(0, 200, JSON)
    play >> data(0, b"{}") << sends_head(200) << SendData(b"{}")
    play >> end(0) << Finish() << outcome(200, Ending.COMPLETE, ("a", None, 200))


# --- the next candidate -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429, 500, 502, 503, 529, 599])
def test_the_next_candidate_follows_on_a_status_that_another_may_not_give(status: int) -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> head(0, status) >> data(0, ERROR)
    play >> end(0) << tries("b") >> head(1, 200) >> data(1, b"{}")
    play << sends_head(200, x_routerctl_provider="b", x_routerctl_attempts="2") << SendData(b"{}")
    play >> end(1) << Finish()
    play << outcome(200, Ending.COMPLETE, ("a", None, status), ("b", None, 200))
    play.over()


@pytest.mark.parametrize("failure", list(Failure))
def test_the_next_candidate_follows_on_a_failure_before_the_head(failure: Failure) -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> error(0, failure) << tries("b")
    play >> head(1, 200) >> data(1, b"{}") << sends_head(200) << SendData(b"{}") >> end(1) << Finish()
    play << outcome(200, Ending.COMPLETE, ("a", failure, None), ("b", None, 200))


@pytest.mark.parametrize("stream", [True, False])
def test_the_next_candidate_follows_on_a_break_between_head_and_body(stream: bool) -> None:
    play = Playbook("a", "b", stream=stream) >> start() << tries("a")
    play >> head(0, 200, SSE if stream else JSON) >> error(0, Failure.BROKEN) << tries("b")


def test_the_next_candidate_follows_where_only_a_part_of_an_event_came() -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA[:10]) >> error(0, Failure.BROKEN) << tries("b")


def test_the_next_candidate_follows_on_an_empty_stream() -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play >> end(0) << tries("b")


def test_the_next_candidate_follows_where_an_exchange_ends_without_a_head() -> None:
    Playbook("a", "b") >> start() << tries("a") >> end(0) << tries("b")


@pytest.mark.parametrize("status", [199, 301, 307, 399, 600, 999])
def test_a_status_that_is_no_answer_is_a_failure(status: int) -> None:
    play = Playbook("a", "b") >> start() << tries("a")
    play >> head(0, status, (*JSON, ("location", "http://evil.test/"))) << Cancel(0) << tries("b")


def test_a_web_page_is_a_failure() -> None:
    play = Playbook("a", "b") >> start() << tries("a")
    play >> head(0, 200, (("content-type", "text/html; charset=utf-8"),)) << Cancel(0) << tries("b")


def test_an_endless_first_line_is_a_failure() -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    for _ in range(4):
        play >> data(0, b"x" * (1024 * 1024))
    play >> data(0, b"x") << Cancel(0) << tries("b")


def test_events_of_an_earlier_attempt_are_not_heard() -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> error(0, Failure.CONNECT) << tries("b")
    play >> head(0, 200) >> data(0, b"{}") >> end(0) >> error(0, Failure.BROKEN)
    play >> head(1, 200) >> head(1, 500) >> data(1, b"{}") << sends_head(200) << SendData(b"{}")


# --- time -------------------------------------------------------------------------------------------------------


def test_the_wait_for_the_first_byte_is_bounded() -> None:
    play = Playbook("a", "b", stream=True) >> start() << SetTimer(100.0) << tries("a")
    play.at(99.0) >> timer() << SetTimer(100.0)
    play >> head(0, 200, SSE)
    play.at(100.0) >> timer() << Cancel(0) << SetTimer(200.0) << tries("b")
    play.at(200.0) >> timer() << Cancel(1) << answers(504, "a did not answer in time; b did not answer")
    play << outcome(504, Ending.REFUSED, ("a", Failure.TIMEOUT, 200), ("b", Failure.TIMEOUT, None))


def test_a_stream_that_goes_on_has_no_time_limit() -> None:
    play = Playbook("a", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA) << SetTimer(100.0) << sends_head(200) << SendData(DELTA)
    for number in range(1, 20):
        play.at(99.0 * number) >> data(0, DELTA) << SendData(DELTA)
        play.at(99.0 * number + 1.0) >> timer() << SetTimer(99.0 * number + 100.0)


def test_a_plain_answer_must_end_in_time() -> None:
    play = Playbook("a") >> start() << tries("a") >> head(0, 200) >> data(0, b"{")
    play << sends_head(200) << SendData(b"{")
    play.at(100.0) >> timer() << Cancel(0) << Abort()
    play << outcome(200, Ending.BROKEN, ("a", Failure.TIMEOUT, 200))
    play.over()


def test_the_time_that_a_client_takes_is_not_the_upstreams() -> None:
    play = Playbook("a") >> start() << tries("a") >> head(0, 200) >> data(0, b"{")
    play << sends_head(200) << SendData(b"{")
    play.at(10.0) >> blocked() << Pause(0) >> blocked()
    play.at(100.0) >> timer()
    play.at(110.0) >> writable() << SetTimer(200.0) << Resume(0) >> writable()


# --- broken answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [Failure.BROKEN, Failure.TIMEOUT])
def test_a_stream_that_breaks_ends_with_an_error_event(failure: Failure) -> None:
    play = streaming("a", "b") >> error(0, failure) << is_error_event << Finish()
    play << outcome(200, Ending.BROKEN, ("a", failure, 200))
    play.over()


def test_a_stream_without_an_end_of_its_own_is_broken() -> None:
    play = streaming("a", "b") >> end(0) << is_error_event << Finish()
    play << outcome(200, Ending.BROKEN, ("a", Failure.BROKEN, 200))


def test_the_error_event_never_joins_half_an_event() -> None:
    play = streaming() >> data(0, DELTA[:25]) >> error(0, Failure.BROKEN) << is_error_event << Finish()
    play << outcome(200, Ending.BROKEN, ("a", Failure.BROKEN, 200))


def test_an_error_that_the_upstream_tells_itself_is_told_once() -> None:
    told = b'data: {"error": {"message": "overloaded"}}\n\n'
    play = streaming() >> data(0, told) << SendData(told)
    play >> end(0) << Finish() << outcome(200, Ending.BROKEN, ("a", Failure.BROKEN, 200))


def test_an_endless_line_ends_the_stream_with_an_error_event() -> None:
    play = streaming()
    for _ in range(4):
        play >> data(0, b"x" * (1024 * 1024))
    play >> data(0, b"x") << Cancel(0) << is_error_event << Finish()
    play << outcome(200, Ending.BROKEN, ("a", Failure.BROKEN, 200))


def test_a_plain_answer_that_breaks_is_cut() -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> head(0, 200) >> data(0, b"{")
    play << sends_head(200) << SendData(b"{") >> error(0, Failure.BROKEN) << Abort()
    play << outcome(200, Ending.BROKEN, ("a", Failure.BROKEN, 200))
    play.over()


# --- clients ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["waiting", "refused", "opened", "streaming"])
def test_a_client_that_leaves_cancels_the_upstream(phase: str) -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a")
    if phase == "refused":
        play >> head(0, 500)
    if phase in {"opened", "streaming"}:
        play >> head(0, 200, SSE)
    if phase == "streaming":
        play >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    status = 499 if phase in {"waiting", "refused", "opened"} else 200
    upstream_status = {"waiting": None, "refused": 500}.get(phase, 200)
    play >> gone() << Cancel(0) << outcome(status, Ending.GONE, ("a", None, upstream_status))
    play.over()
    (
        play
        >> gone()
        >> head(0, 200)
        >> data(0, DELTA)
        >> end(0)
        >> timer()
        >> blocked()
        >> writable()
        >> start()
    )
    play.over()


def test_a_client_that_leaves_before_the_start_leaves_nothing_to_do() -> None:
    def check(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.status, action.ending, action.attempts) == (499, Ending.GONE, ())

    play = Playbook("a") >> gone() << check >> start()
    play.over()


def test_each_attempt_has_its_own_seconds() -> None:
    play = Playbook("a", "b").at(1.0) >> start() << tries("a")
    play.at(3.0) >> error(0, Failure.CONNECT) << tries("b")
    play.at(4.0) >> head(1, 200) >> data(1, b"{") << sends_head(200) << SendData(b"{")

    def check(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert [(each.first_byte, each.seconds) for each in action.attempts] == [(None, 2.0), (1.0, 5.0)]
        assert (action.first_byte, action.seconds) == (3.0, 7.0)

    play.at(8.0) >> end(1) << Finish() << check


def test_a_slow_client_pauses_the_upstream() -> None:
    play = streaming() >> blocked() << Pause(0) >> writable() << Resume(0)
    play >> data(0, DELTA) << SendData(DELTA)
