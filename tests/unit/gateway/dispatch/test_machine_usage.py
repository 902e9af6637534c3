"""Usage for every request: what streams are asked, what clients see of it, and what is estimated, as scripts."""

import json

import pytest
from fakes.conversation import (
    JSON,
    SSE,
    Action,
    Cancel,
    Expectation,
    Finish,
    Playbook,
    SendData,
    Stage,
    Try,
    answers,
    ask,
    data,
    end,
    error,
    gone,
    head,
    outcome,
    sends_head,
    start,
    tries,
    whole,
)

from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint

BODY = b'{"model": "m", "stream": true, "messages": [{"role": "user", "content": "12345678"}]}'
ASKING = BODY.replace(b'{"model": "m"', b'{"stream_options": {"include_usage": true}, "model": "a-model"')
DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"1234"},"finish_reason":null}]}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n'
DONE = b"data: [DONE]\n\n"
REFUSAL = b'{"error": {"message": "Unrecognized request argument supplied: stream_options"}}'


def asks(provider: str, body: bytes) -> Expectation:
    def check(action: Action) -> None:
        assert isinstance(action, Try)
        assert action.provider == provider
        assert action.request.body == body

    return check


def used(usage: Usage | None, ending: Ending = Ending.COMPLETE) -> Expectation:
    def check(action: Action) -> None:
        assert isinstance(action, Outcome)
        assert (action.usage, action.ending) == (usage, ending)

    return check


def streaming(*providers: str, endpoint: Endpoint = Endpoint.CHAT) -> Playbook:
    return Playbook(*(providers or ("a",)), endpoint=endpoint, body=BODY)


@pytest.mark.parametrize("endpoint", [Endpoint.CHAT, Endpoint.COMPLETIONS])
def test_a_stream_is_asked_for_its_usage_and_the_client_does_not_see_it(endpoint: Endpoint) -> None:
    play = streaming(endpoint=endpoint) >> start() << asks("a", ASKING) >> head(0, 200, SSE)
    play >> data(0, DELTA) << sends_head(200) << SendData(DELTA) >> data(0, STOP) << SendData(STOP)
    play >> data(0, USAGE) >> data(0, DONE) << SendData(DONE)
    play >> end(0) << Finish() << used(Usage(3, 4, 7))
    play.over()


@pytest.mark.parametrize("endpoint", [Endpoint.RESPONSES, Endpoint.MESSAGES, Endpoint.EMBEDDINGS])
def test_other_endpoints_are_not_asked(endpoint: Endpoint) -> None:
    def check(action: Action) -> None:
        assert isinstance(action, Try)
        assert json.loads(action.request.body) == {**json.loads(BODY), "model": "a-model"}

    Playbook("a", endpoint=endpoint, body=BODY) >> start() << check


def test_an_upstream_that_refuses_to_tell_is_asked_again_without_it() -> None:
    play = streaming("a", "b")
    play >> start() << tries("a") >> head(0, 400) >> data(0, REFUSAL) >> end(0)
    play << asks("a", BODY.replace(b'"m"', b'"a-model"')) >> head(1, 200, SSE)
    play >> data(1, DELTA + USAGE + STOP) << sends_head(200, x_routerctl_attempts="2")
    play << SendData(DELTA + USAGE + STOP)  # nobody asked, so it is the client's
    play >> data(1, DONE) << SendData(DONE) >> end(1) << Finish()
    play << outcome(200, Ending.COMPLETE, ("a", None, 400), ("a", None, 200))


def test_it_is_remembered_that_an_upstream_refuses() -> None:
    asked = ask("a", body=BODY)
    for expected in (2, 1):
        stage, count = Stage(asked), 0
        actions = stage.perform(start(), 0.0)
        while any(isinstance(action, Try) for action in actions):
            actions = stage.perform(whole(count, 400, JSON, REFUSAL), 0.0)
            count += 1
        assert count == expected


def test_another_400_is_the_clients() -> None:
    play = streaming("a") >> start() << tries("a") >> head(0, 400) >> data(0, b'{"error": "no messages"}')
    play >> end(0) << answers(400, "no messages") << used(None, Ending.REFUSED)


def test_a_stream_that_tells_nothing_is_estimated() -> None:
    play = streaming() >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA * 2 + STOP) << sends_head(200) << SendData(DELTA * 2 + STOP)
    play >> end(0) << SendData(DONE) << Finish() << used(Usage(2, 2, 4, estimated=True))


@pytest.mark.parametrize("how", ["left", "cut"])
def test_a_stream_without_an_end_is_accounted_as_far_as_it_came(how: str) -> None:
    play = streaming() >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, DELTA) << sends_head(200) << SendData(DELTA)
    estimated = Usage(2, 1, 3, estimated=True)
    if how == "left":
        play >> gone() << Cancel(0) << used(estimated, Ending.GONE)
    else:
        play >> error(0, Failure.BROKEN) << (lambda _: None) << Finish() << used(estimated, Ending.BROKEN)


def test_before_an_answer_began_nothing_was_used() -> None:
    play = streaming() >> start() << tries("a") >> gone() << Cancel(0)
    play << used(None, Ending.GONE)
    play = streaming() >> start() << tries("a") >> head(0, 500) >> gone() << Cancel(0)
    play << used(None, Ending.GONE)


def test_a_plain_answer_without_usage_is_estimated() -> None:
    body = b'{"model": "m", "prompt": "1234"}'
    play = Playbook("a", endpoint=Endpoint.COMPLETIONS, body=body) >> start() << tries("a") >> head(0, 200)
    answer = b'{"choices": [{"text": "12345"}]}'
    play >> data(0, answer) << sends_head(200) << SendData(answer)
    play >> end(0) << Finish() << used(Usage(1, 2, 3, estimated=True))


@pytest.mark.parametrize(
    ("endpoint", "headers", "usage"),
    [
        (Endpoint.COUNT_TOKENS, JSON, None),
        (Endpoint.SPEECH, (("content-type", "audio/mpeg"),), None),
        (Endpoint.TRANSCRIPTIONS, JSON, Usage(1, 2, 3)),
    ],
)
def test_what_is_no_consumption_is_not_counted(
    endpoint: Endpoint, headers: tuple[tuple[str, str], ...], usage: Usage | None
) -> None:
    answer = b'{"input_tokens": 5, "usage": {"input_tokens": 1, "output_tokens": 2}}'
    play = Playbook("a", endpoint=endpoint) >> start() << tries("a") >> head(0, 200, headers)
    play >> data(0, answer) << sends_head(200) << SendData(answer)
    play >> end(0) << Finish() << used(usage)


def test_an_endpoint_whose_streams_name_themselves_is_not_taken_for_one() -> None:
    text = (("content-type", "text/plain"),)
    play = Playbook("a", stream=True, endpoint=Endpoint.TRANSCRIPTIONS) >> start() << tries("a")
    play >> head(0, 200, text) >> data(0, b"hel") << sends_head(200) << SendData(b"hel")
    play >> end(0) << Finish() << used(None)
