"""Upstreams that answer with errors: what the client gets, as scripts."""

import json

import pytest
from fakes.conversation import (
    JSON,
    SSE,
    Action,
    Answer,
    Cancel,
    Finish,
    Playbook,
    SendData,
    SetTimer,
    answers,
    data,
    end,
    error,
    head,
    outcome,
    sends_head,
    start,
    timer,
    tries,
)
from fakes.serving import KEY

from reconciler.gateway.dispatch.answers import MAX_ERROR_BODY
from reconciler.gateway.dispatch.machine import ERROR_BODY_PATIENCE
from reconciler.gateway.dispatch.outcome import Ending
from reconciler.gateway.transport.base import Failure

ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}'


@pytest.mark.parametrize("status", [400, 404, 405, 413, 422])
def test_an_error_about_the_request_passes_as_the_upstream_wrote_it(status: int) -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> head(0, status) >> data(0, ERROR[:5])
    play >> data(0, ERROR[5:])

    def check(action: Action) -> None:
        assert isinstance(action, Answer)
        assert action.body == ERROR

    play >> end(0) << check << outcome(status, Ending.REFUSED, ("a", None, status))
    play.over()


def test_an_error_that_is_not_in_openais_shape_is_put_into_it() -> None:
    page = (("content-type", "text/html"),)
    play = Playbook("a") >> start() << tries("a") >> head(0, 404, page) >> data(0, b"<h1>no</h1>")
    play >> end(0) << answers(404, "status 404", "upstream_error", content_type="application/json")
    play << outcome(404, Ending.REFUSED, ("a", None, 404))


@pytest.mark.parametrize("after", ["overflow", "broken", "slow"])
def test_an_error_whose_text_does_not_end_is_put_into_words(after: str) -> None:
    play = Playbook("a") >> start() << tries("a") >> head(0, 500) << SetTimer(ERROR_BODY_PATIENCE)
    play >> data(0, ERROR)
    match after:
        case "overflow":
            play >> data(0, b" " * MAX_ERROR_BODY) << Cancel(0)
        case "broken":
            play >> error(0, Failure.BROKEN)
        case _:
            play.at(ERROR_BODY_PATIENCE) >> timer() << Cancel(0)
    play << answers(500, "status 500") << outcome(500, Ending.REFUSED, ("a", None, 500))
    play.over()


def test_the_last_error_is_the_answer_when_all_failed() -> None:
    limited = (*JSON, ("retry-after", "7"))
    play = Playbook("a", "b", "c") >> start() << tries("a") >> head(0, 500) >> end(0) << tries("b")
    play >> head(1, 429, limited) >> data(1, ERROR) >> end(1) << tries("c")
    (
        play
        >> error(2, Failure.CONNECT)
        << answers(429, '"no"', retry_after="7", x_routerctl_provider="b", x_routerctl_attempts="3")
    )
    tried = ("a", None, 500), ("b", None, 429), ("c", Failure.CONNECT, None)
    play << outcome(429, Ending.REFUSED, *tried, provider="b")
    play.over()


def test_the_wait_that_a_client_is_told_is_bounded() -> None:
    play = Playbook("a") >> start() << tries("a") >> head(0, 429, (*JSON, ("retry-after", "86400")))
    play >> data(0, ERROR) >> end(0) << answers(429, retry_after="60")


def test_without_any_answer_the_client_is_told_who_was_tried_and_why() -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> error(0, Failure.TIMEOUT, "10.0.0.1") << tries("b")
    play >> error(1, Failure.CONNECT, "10.0.0.2: refused")
    play << answers(502, "a did not answer in time; b could not be reached", x_should_retry="false")
    play << outcome(502, Ending.REFUSED, ("a", Failure.TIMEOUT, None), ("b", Failure.CONNECT, None))


def test_the_operators_addresses_are_not_told() -> None:
    play = Playbook("a") >> start() << tries("a") >> error(0, Failure.CONNECT, "10.0.0.1: refused")

    def check(action: Action) -> None:
        assert isinstance(action, Answer)
        assert b"10.0.0.1" not in action.body
        assert "x-should-retry" not in dict(action.headers)

    play << check


def test_a_refused_credential_is_the_gateways_fault() -> None:
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    play = Playbook("a") >> start() << tries("a") >> head(0, 401) >> data(0, body) >> end(0)

    def check(action: Action) -> None:
        assert isinstance(action, Answer)
        assert action.status == 502
        assert b"a refused the gateway's credentials (status 401)" in action.body
        assert KEY.encode() not in action.body

    play << check << outcome(502, Ending.REFUSED, ("a", None, 401))


def test_a_key_that_an_upstream_quotes_is_struck_out() -> None:
    body = json.dumps({"error": {"message": f"the key {KEY} is not for this"}}).encode()
    play = Playbook("a") >> start() << tries("a") >> head(0, 400) >> data(0, body) >> end(0)
    play << answers(400, "the key *** is not for this")


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "its blank line is missing"])
def test_an_error_that_a_stream_ends_with_does_not_repeat_the_key(whole: bool) -> None:
    text = b'data: {"choices": [{"index": 0, "delta": {"content": "' + KEY.encode() + b'"}}]}\n\n'
    told = b'data: {"error": {"message": "' + KEY.encode() + b' is wrong"}}\n\n'
    play = Playbook("a", stream=True) >> start() << tries("a") >> head(0, 200, SSE) >> data(0, text)
    play << sends_head(200) << SendData(text)  # what a model says is passed as it is
    masked = SendData(told.replace(KEY.encode(), b"***"))
    if whole:
        play >> data(0, told) << masked >> end(0)
    else:
        play >> data(0, told[:-1]) >> end(0) << masked
    play << Finish() << outcome(200, Ending.BROKEN, ("a", Failure.BROKEN, 200))
    play.over()
