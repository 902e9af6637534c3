"""Comments before a stream's first event: who sends nothing else has not answered."""

from fakes.conversation import (
    SSE,
    Cancel,
    Playbook,
    SendData,
    data,
    end,
    error,
    head,
    sends_head,
    start,
    timer,
    tries,
)

from reconciler.gateway.transport.base import Failure

DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'


def test_comments_commit_nobody_and_nothing_of_them_is_sent_before_the_first_event() -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play.at(5) >> data(0, b": working\n\n")
    play.at(99) >> data(0, b": working\n\n")
    play >> error(0, Failure.BROKEN) << tries("b")
    (
        play
        >> head(1, 200, SSE)
        >> data(1, DELTA)
        << sends_head(200, x_routerctl_provider="b")
        << SendData(DELTA)
    )


def test_who_only_comments_is_too_late_for_its_first_event() -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play.at(99) >> data(0, b": working\n\n")
    play.at(100) >> timer() << Cancel(0) << tries("b")


def test_a_stream_of_comments_alone_that_ends_is_left_for_the_next() -> None:
    play = Playbook("a", "b", stream=True) >> start() << tries("a") >> head(0, 200, SSE)
    play >> data(0, b": working\n\n") >> end(0) << tries("b")
