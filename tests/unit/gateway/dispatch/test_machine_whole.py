"""An answer that is told at once is the same to client and books as one that comes in pieces."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from fakes.conversation import (
    JSON,
    SSE,
    Abort,
    Answer,
    Cancel,
    Event,
    Finish,
    Playbook,
    SendData,
    SendHead,
    SetTimer,
    Stage,
    Try,
    answers,
    ask,
    blocked,
    data,
    end,
    gone,
    head,
    outcome,
    start,
    tries,
    whole,
)
from fakes.serving import KEY
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.gateway.dispatch.outcome import Ending, Headers, Outcome
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint

PLAIN = b'{"model": "m", "messages": [{"role": "user", "content": "12345678"}]}'
STREAM = b'{"stream": true, ' + PLAIN[1:]
USED = b'{"x": "y", "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'
DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": null}]}\n\n'
STOP = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
TOLD = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}\n\n'
DONE = b"data: [DONE]\n\n"
REFUSED = b'{"error": {"message": "Unrecognized request argument supplied: stream_options"}}'

BODIES = (
    b"",
    b"{}",
    USED,
    b'{"choices": [{"text": "12345"}]}',
    b"\xff\xfe",
    DELTA + STOP + TOLD + DONE,
    DELTA + STOP + TOLD + DONE + b"junk",
    DELTA + STOP,
    DELTA + DELTA[:20],
    DELTA * 3,
    b'data: {"error": {"message": "%b is wrong"}}\n\n' % KEY.encode(),
    b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}',
    REFUSED,
    b"<h1>no</h1>",
    b" " * 70_000,
)


class Told(NamedTuple):
    """All that a client and the books hear, and whoever else was asked."""

    status: int
    headers: Headers
    body: bytes
    end: str
    tried: tuple[tuple[str, bytes], ...]
    outcome: Outcome | None


def heard(asked: tuple[Endpoint, bytes], events: list[Event]) -> tuple[Told, int | None]:
    """And the length that was told."""
    endpoint, body = asked
    stage = Stage(ask("a", "b", endpoint=endpoint, body=body))
    done = [action for event in [start(), *events] for action in stage.perform(event, 1.0)]
    status, sent, ended = 0, b"", ""
    headers: Headers = ()
    length: int | None = None
    tried: list[tuple[str, bytes]] = []
    books: Outcome | None = None
    for action in done:
        match action:
            case Try(provider=provider, request=request):
                tried.append((provider, request.body))
            case SendHead():
                status, headers, length = action.status, action.headers, action.length
            case SendData(chunk=chunk):
                sent += chunk
            case Answer():
                status, headers, sent, ended = action.status, action.headers, action.body, "finished"
            case Finish():
                ended = "finished"
            case Abort():
                ended = "cut"
            case Outcome():
                books = action
            case _:
                pass
    return Told(status, headers, sent, ended, tuple(tried), books), length


asked = st.tuples(
    st.sampled_from([Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.MESSAGES, Endpoint.SPEECH]),
    st.sampled_from([PLAIN, STREAM]),
)
statuses = st.one_of(
    st.sampled_from([200, 200, 200, 204, 302, 400, 401, 404, 429, 500]), st.integers(100, 700)
)
media = st.sampled_from([JSON, SSE, (("content-type", "text/html"),), (("content-type", "audio/mpeg"),), ()])
others = st.sampled_from([(), (("retry-after", "7"), ("x-request-id", "abc"), ("server", "x"))])
bodies = st.one_of(st.sampled_from(BODIES), st.binary(max_size=60))


@settings(max_examples=400)
@given(asked, statuses, media, others, bodies, st.lists(st.integers(1, 400), max_size=6), st.booleans())
def test_at_once_or_in_pieces_is_the_same(
    asked: tuple[Endpoint, bytes],
    status: int,
    media: Headers,
    others: Headers,
    body: bytes,
    cuts: list[int],
    sized: bool,
) -> None:
    headers = (*media, *others, *((("content-length", str(len(body))),) if sized else ()))
    places = sorted({0, len(body), *(place for place in cuts if place < len(body))})
    pieces = [data(0, body[begin:stop]) for begin, stop in pairwise(places)]
    at_once, _ = heard(asked, [whole(0, status, headers, body)])
    in_pieces, length = heard(asked, [head(0, status, headers), *pieces, end(0)])
    assert at_once == in_pieces
    assert length in {None, len(body)}
    assert (at_once.outcome is None) is (len(at_once.tried) == 2)  # then another is asked


def test_a_plain_answer_is_answered_with_all_that_it_tells() -> None:
    headers = (*JSON, ("content-length", str(len(USED))), ("x-request-id", "abc"), ("server", "x"))
    play = Playbook("a") >> start() << tries("a")
    play.at(2.0) >> whole(0, 200, headers, USED)
    told = answers(
        200,
        USED.decode(),
        content_type="application/json",
        x_request_id="abc",
        x_routerctl_request_id="req-1",
        x_routerctl_revision="7",
        x_routerctl_provider="a",
        x_routerctl_attempts="1",
    )

    def check(action: object) -> None:
        assert isinstance(action, Outcome)
        assert (action.status, action.ending, action.usage) == (200, Ending.COMPLETE, Usage(1, 2, 3))
        assert (action.seconds, action.first_byte) == (2.0, 2.0)
        (attempt,) = action.attempts
        assert (attempt.provider, attempt.status, attempt.first_byte, attempt.seconds) == ("a", 200, 2.0, 2.0)

    (play << told << check).over()


def test_the_next_candidate_answers_where_the_first_refused_at_once() -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> whole(0, 503, JSON, b"") << tries("b")
    play >> whole(1, 200, JSON, b"{}") << answers(200, "{}", x_routerctl_attempts="2")
    play << outcome(200, Ending.COMPLETE, ("a", None, 503), ("b", None, 200))
    play.over()


def test_what_is_no_answer_is_followed_by_the_next() -> None:
    play = Playbook("a", "b") >> start() << tries("a") >> whole(0, 302, JSON, b"{}") << Cancel(0)
    play << tries("b")


def test_an_answer_at_once_that_comes_too_late_is_not_heard() -> None:
    play = Playbook("a") >> start() << tries("a") >> gone() << Cancel(0)
    play << outcome(499, Ending.GONE, ("a", None, None)) >> whole(0, 200, JSON, b"{}")
    play.over()


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_takes_it_slowly_changes_nothing(stream: bool) -> None:
    """Its connection says so before `answer` returns, and nothing is left to pause."""
    play = Playbook("a", stream=stream) >> start() << SetTimer(100.0) << tries("a")
    play >> whole(0, 200, JSON, b"{}") << answers(200) << outcome(200, Ending.COMPLETE, ("a", None, 200))
    (play >> blocked()).over()
