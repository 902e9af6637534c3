"""Two machines for one request: one answer, one outcome."""

from dataclasses import replace
from typing import NoReturn

import pytest
from fakes.conversation import JSON, SSE
from fakes.talks import Hall, asked, routed

from reconciler.gateway.dispatch.hedging import Hedged
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, HEDGE, Ending
from reconciler.gateway.routing.shares import Shares
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Hedge, Policy

HEDGED = Policy(hedge=Hedge(1.0, 100, "r"))
OK = b'{"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'
ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "%b"}}'
DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
DONE = b"data: [DONE]\n\n"


def raced(*providers: str, policy: Policy = HEDGED, stream: bool = False) -> Hall:
    """A request whose first candidate did not answer in time."""
    hall = Hall()
    hall.begin(asked(hall, *(providers or ("a", "b")), policy=policy, stream=stream))
    hall.pass_time(1.0)
    return hall


def refuses(hall: Hall, provider: str, status: int = 500) -> None:
    hall.upstream(provider).sink.whole(status, JSON, ERROR % provider.encode())


# --- the rival ----------------------------------------------------------------------------------------------------


def test_who_answers_in_time_gets_no_rival() -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=HEDGED))
    hall.pass_time(0.9)
    hall.upstream("a").sink.whole(200, JSON, OK)
    hall.pass_time(10.0)
    assert hall.asked == ["a"]
    assert (hall.client.body, hall.client.tried) == (OK, [("a", "")])
    assert hall.client.headers["x-routerctl-attempts"] == "1"
    assert hall.alarms.at == {}


def test_who_fails_in_time_is_followed_by_the_next_as_ever() -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=HEDGED))
    refuses(hall, "a")
    assert hall.asked == ["a", "b"]
    hall.upstream("b").sink.whole(200, JSON, OK)
    assert hall.client.tried == [("a", ""), ("b", "")]


def test_the_rival_answers_first() -> None:
    hall = raced()
    assert hall.asked == ["a", "b"]
    hall.pass_time(0.5)
    hall.upstream("b").sink.whole(200, JSON, OK)
    assert hall.upstream("a").cancelled
    assert (hall.client.status, hall.client.body, hall.client.ended) == (200, OK, "answer")
    assert hall.client.headers["x-routerctl-attempts"] == "2"
    assert hall.client.headers["x-routerctl-provider"] == "b"
    outcome = hall.client.outcome
    assert hall.client.tried == [("a", ""), ("b", HEDGE)]
    assert (outcome.provider, outcome.ending, outcome.status) == ("b", Ending.COMPLETE, 200)
    assert (outcome.seconds, outcome.first_byte) == (1.5, 1.5)
    assert outcome.usage is not None
    assert outcome.usage.total_tokens == 3
    assert hall.alarms.at == {}


def test_the_first_answers_after_all() -> None:
    hall = raced()
    hall.upstream("a").sink.whole(200, JSON, OK)
    assert hall.upstream("b").cancelled
    assert hall.client.headers["x-routerctl-attempts"] == "2"
    assert hall.client.outcome.provider == "a"
    assert hall.client.tried == [("a", ""), ("b", HEDGE)]


def test_a_stream_is_the_winners_from_its_first_bytes_on() -> None:
    hall = raced(stream=True)
    first, rival = hall.upstream("a"), hall.upstream("b")
    first.sink.head(200, SSE)  # no bytes of an answer yet
    rival.sink.head(200, SSE)
    rival.sink.data(DELTA)
    assert first.cancelled
    first.sink.data(DELTA)
    rival.sink.data(DONE)
    rival.sink.end()
    assert (hall.client.body, hall.client.ended) == (DELTA + DONE, "finish")
    assert hall.client.outcome.provider == "b"


def test_a_winner_that_breaks_off_is_not_replaced() -> None:
    hall = raced("a", "b", "c", stream=True)
    hall.upstream("b").sink.head(200, SSE)
    hall.upstream("b").sink.data(DELTA)
    hall.upstream("b").sink.error(Failure.BROKEN, "it broke")
    assert hall.asked == ["a", "b"]
    assert hall.client.outcome.ending is Ending.BROKEN
    plain = raced()
    plain.upstream("b").sink.head(200, JSON)
    plain.upstream("b").sink.data(b"{")
    plain.upstream("b").sink.error(Failure.BROKEN, "it broke")
    assert plain.client.ended == "abort"


def test_the_loser_is_let_go_even_where_answers_are_read_to_their_end() -> None:
    hall = Hall()
    request = asked(hall, policy=HEDGED)
    hall.begin(replace(request, candidates=(routed("a", drain=True), routed("b"))))
    hall.pass_time(1.0)
    hall.upstream("b").sink.whole(200, JSON, OK)
    assert hall.upstream("a").cancelled


# --- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 500])
def test_an_error_of_one_waits_for_the_other(status: int) -> None:
    for failing, other in (("a", "b"), ("b", "a")):
        hall = raced()
        refuses(hall, failing, status)
        assert hall.client.status == 0
        assert hall.client.outcomes == []
        hall.upstream(other).sink.whole(200, JSON, OK)
        assert (hall.client.status, hall.client.body) == (200, OK)
        assert hall.client.headers["x-routerctl-attempts"] == "2"
        assert hall.client.tried == [("a", ""), ("b", HEDGE)]


def test_where_both_fail_it_is_the_firsts_error() -> None:
    for order in (("a", "b"), ("b", "a")):
        hall = raced()
        for failing in order:
            refuses(hall, failing, 400 if failing == "a" else 503)
        assert (hall.client.status, hall.client.body) == (400, ERROR % b"a")
        assert hall.client.headers["x-routerctl-attempts"] == "2"
        assert (hall.client.outcome.status, hall.client.outcome.provider) == (400, "a")
        assert hall.client.outcome.ending is Ending.REFUSED


def test_the_candidates_that_are_left_are_the_rivals() -> None:
    hall = raced("a", "b", "c")
    refuses(hall, "a")
    assert hall.asked == ["a", "b"]
    refuses(hall, "b")
    assert hall.asked == ["a", "b", "c"]
    hall.upstream("c").sink.whole(200, JSON, OK)
    assert hall.client.tried == [("a", ""), ("b", HEDGE), ("c", "")]
    assert hall.client.headers["x-routerctl-attempts"] == "3"


def test_both_may_run_out_of_time() -> None:
    hall = raced()
    hall.pass_time(200.0)
    assert hall.client.status == 504
    assert [attempt.failure for attempt in hall.client.outcome.attempts] == [Failure.TIMEOUT] * 2


# --- when there is none -------------------------------------------------------------------------------------------


def test_one_provider_has_no_rival() -> None:
    hall = Hall()
    assert not isinstance(hall.begin(asked(hall, "a", policy=HEDGED)), Hedged)


def test_who_was_asked_before_is_no_rival() -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=HEDGED))
    refuses(hall, "a")
    hall.pass_time(5.0)
    assert hall.asked == ["a", "b"]


def test_the_attempts_of_both_are_bounded_together() -> None:
    hall = raced("a", "b", "c", policy=replace(HEDGED, attempts=2))
    refuses(hall, "b")
    assert hall.asked == ["a", "b"]
    none = raced("a", "b", policy=replace(HEDGED, attempts=1))
    assert none.asked == ["a"]


def test_the_whole_is_bounded_in_time() -> None:
    hall = raced(policy=replace(HEDGED, total=3.0))
    hall.pass_time(1.9)
    assert hall.client.outcomes == []
    hall.pass_time(0.2)
    assert (hall.client.status, hall.client.outcome.seconds) == (504, 3.0)
    late = raced(policy=replace(HEDGED, total=1.0))
    assert late.asked == ["a"]


def test_no_more_than_its_share_of_requests_has_rivals() -> None:
    hall = Hall()
    policy = Policy(hedge=Hedge(1.0, 10, "r"))
    for _ in range(50):
        hall.begin(asked(hall, "a", "b", policy=policy))
        hall.pass_time(1.0)
        hall.upstream("a").sink.whole(200, JSON, OK)
    assert hall.asked.count("a") == 50
    assert hall.asked.count("b") == 5


def test_who_waits_for_its_turn_gets_no_rival_until_it_was_asked() -> None:
    """The rival would wait as well. The ledger of limits never answers here."""
    hall = Hall()
    waiting = tuple(
        replace(each, candidate=replace(each.candidate, limits=Limits(name, 1, 1, queue=5, patience=10.0)))
        for name in ("a", "b")
        for each in [routed(name)]
    )
    hall.begin(replace(asked(hall, policy=HEDGED), candidates=waiting))
    hall.pass_time(2.5)
    assert hall.asked == []
    assert len(hall.alarms.at) == 2
    hall.pass_time(20.0)
    assert (hall.client.status, hall.client.tried) == (503, [])
    assert hall.alarms.at == {}


# --- the client's side --------------------------------------------------------------------------------------------


def test_a_client_that_leaves_ends_both() -> None:
    hall = raced()
    talk = hall.talk
    assert talk is not None
    talk.gone()
    talk.gone()
    assert hall.upstream("a").cancelled
    assert hall.upstream("b").cancelled
    assert (hall.client.outcome.status, hall.client.outcome.ending) == (CLIENT_GONE, Ending.GONE)
    assert hall.client.status == 0
    assert hall.alarms.at == {}


def test_a_client_that_leaves_before_there_is_a_rival_or_anything() -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=HEDGED)).gone()
    hall.pass_time(5.0)
    assert hall.asked == ["a"]
    assert hall.client.outcome.ending is Ending.GONE
    talk = hall.conversations.begin(asked(hall, "a", "b", policy=HEDGED), hall.client, Hall().client)
    talk.gone()
    talk.start()
    assert hall.asked == ["a"]


def test_a_client_that_leaves_while_an_error_is_held_back() -> None:
    hall = raced()
    refuses(hall, "a")
    assert hall.talk is not None
    hall.talk.gone()
    assert (hall.client.outcome.status, hall.client.outcome.ending) == (CLIENT_GONE, Ending.GONE)
    assert hall.client.status == 0


def test_the_first_is_read_to_its_end_where_that_is_wanted_and_its_rival_is_not() -> None:
    hall = Hall()
    request = asked(hall, policy=HEDGED)
    hall.begin(replace(request, candidates=(routed("a", drain=True), routed("b", drain=True))))
    hall.pass_time(1.0)
    assert hall.talk is not None
    hall.talk.gone()
    assert not hall.upstream("a").cancelled
    assert hall.upstream("b").cancelled
    hall.upstream("a").sink.whole(200, JSON, OK)
    assert hall.client.outcome.ending is Ending.GONE
    assert hall.client.outcome.usage is not None
    assert hall.client.status == 0


def test_a_winner_hears_that_the_client_still_reads_the_answer_before() -> None:
    hall = raced(stream=True)
    talk, rival = hall.talk, hall.upstream("b")
    assert talk is not None
    talk.blocked()
    rival.sink.head(200, SSE)
    rival.sink.data(DELTA)
    assert rival.paused
    talk.writable()
    assert not rival.paused


def test_a_winner_hears_what_the_client_does() -> None:
    hall = raced(stream=True)
    talk, rival = hall.talk, hall.upstream("b")
    assert talk is not None
    talk.blocked()
    talk.writable()
    rival.sink.head(200, SSE)
    hall.client.slow = True
    rival.sink.data(DELTA)
    assert rival.paused
    assert not hall.upstream("a").paused
    talk.writable()
    assert not rival.paused
    talk.gone()
    assert rival.cancelled
    assert hall.client.outcome.ending is Ending.GONE


# --- bugs ---------------------------------------------------------------------------------------------------------


def test_a_bug_ends_both_and_is_told_once() -> None:
    hall = raced()
    hall.client.fault = ValueError("a bug")
    hall.upstream("b").sink.whole(200, JSON, OK)
    assert [str(error) for error in hall.client.bugs] == ["a bug"]
    assert hall.client.outcomes == []
    assert hall.upstream("a").cancelled
    hall.upstream("a").sink.whole(200, JSON, OK)
    hall.pass_time(500.0)
    assert len(hall.client.bugs) == 1
    assert hall.alarms.at == {}


def _fails(*_: object) -> NoReturn:
    raise ValueError("a bug")


def test_a_bug_before_anything_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    monkeypatch.setattr(hall.alarms, "set", _fails)
    hall.begin(asked(hall, "a", "b", policy=HEDGED))
    assert [str(error) for error in hall.client.bugs] == ["a bug"]
    assert hall.client.outcomes == []


def test_a_bug_with_the_rival_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=Policy(hedge=Hedge(1.0, 50, "r"))))
    monkeypatch.setattr(Shares, "take", _fails)
    hall.pass_time(1.0)
    assert [str(error) for error in hall.client.bugs] == ["a bug"]
    assert hall.upstream("a").cancelled
    assert hall.client.outcomes == []


# --- a key that is revoked ----------------------------------------------------------------------------------------


def test_a_revoked_key_ends_both_and_is_told_once() -> None:
    hall = raced()
    assert hall.talk is not None
    hall.talk.revoked()
    assert hall.upstream("a").cancelled
    assert hall.upstream("b").cancelled
    assert hall.client.status == 401
    assert hall.client.outcome.ending is Ending.REFUSED
    assert hall.talk is not None
    hall.talk.revoked()
    assert hall.alarms.at == {}


def test_a_revoked_key_is_told_also_where_the_first_had_failed() -> None:
    hall = raced()
    refuses(hall, "a")
    assert hall.talk is not None
    hall.talk.revoked()
    assert hall.upstream("b").cancelled
    assert (hall.client.status, hall.client.outcome.status) == (401, 401)
    assert b"invalid_api_key" in hall.client.body
    assert [each.provider for each in hall.client.outcome.attempts] == ["a", "b"]
    assert hall.alarms.at == {}


def test_a_revoked_key_ends_the_winners_stream() -> None:
    hall = raced(stream=True)
    hall.upstream("b").sink.head(200, SSE)
    hall.upstream("b").sink.data(DELTA)
    assert hall.talk is not None
    hall.talk.revoked()
    assert hall.upstream("b").cancelled
    assert b"invalid_api_key" in hall.client.body
    assert hall.client.outcome.ending is Ending.BROKEN


def test_a_revoked_key_before_there_is_a_rival() -> None:
    hall = Hall()
    hall.begin(asked(hall, "a", "b", policy=HEDGED))
    assert hall.talk is not None
    hall.talk.revoked()
    hall.pass_time(5.0)
    assert (hall.asked, hall.client.status) == (["a"], 401)
