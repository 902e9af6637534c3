"""What goes to a shadow, and that nobody else notices."""

from dataclasses import replace

import pytest
from fakes.conversation import JSON, SSE
from fakes.serving import built, candidate
from fakes.talks import Hall, asked, routed

from reconciler.gateway.dispatch import shadowing
from reconciler.gateway.dispatch.outcome import Ending
from reconciler.gateway.dispatch.shadowing import MAX_UNDER_WAY
from reconciler.gateway.routing.retry_budget import FLOOR
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.model import Policy, RoutedCandidate, Shadow

OK = b'{"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'
SHADOWED = Policy(shadow=Shadow((routed("s"), routed("t")), 100, "r"))


def begun(policy: Policy = SHADOWED) -> Hall:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=policy))
    return hall


def test_the_request_goes_first_and_the_shadow_after_it() -> None:
    hall = begun()
    assert hall.asked == ["a"]
    hall.pass_time(0.0)
    assert hall.asked == ["a", "s"]
    assert hall.upstream("s").request.body == b'{"model": "s-model"}'
    hall.upstream("a").sink.whole(200, JSON, OK)
    assert (hall.client.body, hall.client.tried) == (OK, [("a", "")])
    assert not hall.upstream("s").cancelled
    hall.pass_time(3.0)
    hall.upstream("s").sink.whole(200, JSON, OK)
    ((provider, outcome),) = hall.shadowed_by
    assert (provider, outcome.status, outcome.ending, outcome.seconds) == ("s", 200, Ending.COMPLETE, 3.0)
    assert outcome.usage is not None


def test_a_stream_is_read_to_its_end_by_nobody() -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", policy=SHADOWED, stream=True))
    hall.pass_time(0.0)
    hall.upstream("s").sink.head(200, SSE)
    hall.upstream("s").sink.data(b"data: [DONE]\n\n")
    hall.upstream("s").sink.end()
    assert hall.client.status == 0
    assert hall.shadowed_by[0][1].ending is Ending.COMPLETE


@pytest.mark.parametrize("failure", [*Failure])
def test_a_shadow_that_fails_is_not_tried_again_and_hurts_nobody(failure: Failure) -> None:
    hall = begun()
    hall.pass_time(0.0)
    hall.upstream("s").sink.error(failure, "no")
    assert hall.asked == ["a", "s"]
    assert hall.client.outcomes == []
    ((_, outcome),) = hall.shadowed_by
    assert outcome.attempts[0].failure is failure
    hall.upstream("a").sink.whole(200, JSON, OK)
    assert hall.client.status == 200


def test_its_deadlines_hold() -> None:
    hall = begun(replace(SHADOWED, total=2.0))
    hall.upstream("a").sink.whole(200, JSON, OK)
    hall.pass_time(1.9)
    assert hall.shadowed_by == []
    hall.pass_time(0.2)
    assert hall.shadowed_by[0][1].attempts[0].failure is Failure.TIMEOUT
    slow = begun()
    slow.pass_time(100.0)
    assert slow.shadowed_by[0][1].seconds == 100.0


def test_so_many_of_a_hundred() -> None:
    hall = Hall()
    policy = Policy(shadow=Shadow((routed("s"),), 20, "r"))
    for _ in range(50):
        hall.begin(asked(hall, "a", policy=policy))
        hall.pass_time(0.0)
        hall.upstream("a").sink.whole(200, JSON, OK)
    assert hall.asked.count("s") == 10


def test_only_who_serves_the_endpoint() -> None:
    hall = Hall()
    upstream = built("s", candidate("s").upstream.adapter, "none", endpoints=frozenset({Endpoint.CHAT}))
    policy = Policy(shadow=Shadow((RoutedCandidate(candidate(upstream), "m"),), 100, "r"))
    hall.begin(asked(hall, "a", policy=policy, endpoint=Endpoint.EMBEDDINGS))
    hall.pass_time(0.0)
    assert hall.asked == ["a"]


def test_so_many_are_under_way_at_most() -> None:
    hall = Hall()
    for _ in range(MAX_UNDER_WAY + 2):
        hall.begin(asked(hall, "a", policy=SHADOWED))
    hall.pass_time(0.0)
    assert hall.asked.count("s") == MAX_UNDER_WAY
    assert hall.skipped == ["s", "s"]
    hall.upstream("s").sink.whole(200, JSON, OK)
    hall.begin(asked(hall, "a", policy=SHADOWED))
    hall.pass_time(0.0)
    assert hall.asked.count("s") == MAX_UNDER_WAY + 1


def test_their_bodies_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadowing, "MAX_BYTES", 20)
    hall = begun()
    hall.begin(asked(hall, "a", policy=SHADOWED))
    assert hall.skipped == ["s"]


def test_it_takes_nothing_of_what_may_be_retried() -> None:
    hall = Hall()
    for _ in range(6 * FLOOR):
        hall.begin(asked(hall, "a", policy=SHADOWED))
        hall.pass_time(0.0)
        hall.upstream("s").sink.whole(200, JSON, OK)
    budget = hall.memory.retries
    assert sum(budget.take(hall.alarms.time) for _ in range(1000)) == 6 * FLOOR * 0.2


def test_what_it_learns_of_a_provider_all_know() -> None:
    hall = Hall()
    for _ in range(5):
        hall.begin(asked(hall, "a", policy=SHADOWED))
        hall.pass_time(0.0)
        hall.upstream("s").sink.error(Failure.CONNECT, "no")
    hall.begin(asked(hall, "a", policy=SHADOWED))
    hall.pass_time(0.0)
    assert hall.asked.count("s") == 5
    assert hall.asked[-1] == "t"


def test_they_end_with_their_worker_and_are_counted_by_then() -> None:
    hall = begun()
    hall.pass_time(0.0)
    hall.pass_time(40.0)
    hall.begin(asked(hall, "a", policy=SHADOWED))  # whose copy has not begun
    hall.conversations.close()
    assert hall.upstream("s").cancelled
    assert [outcome.ending for _, outcome in hall.shadowed_by] == [Ending.GONE] * 2
    assert sorted(outcome.seconds for _, outcome in hall.shadowed_by) == [0.0, 40.0]
    hall.begin(asked(hall, "a", policy=SHADOWED))
    hall.pass_time(500.0)
    assert hall.asked.count("s") == 1
    assert len(hall.shadowed_by) == 2


def test_a_bug_of_it_is_logged_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = begun()

    def fails(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("fakes.transports.ScriptedTransports.get", fails)
    hall.pass_time(0.0)
    assert "the shadow of request req-1 ended with a bug" in caplog.text
    assert hall.shadowed_by == []
    assert hall.client.outcomes == []
    assert hall.client.bugs == []
