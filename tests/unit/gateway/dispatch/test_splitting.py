"""Many embeddings in parts: one answer, one outcome."""

import json
from dataclasses import replace
from typing import NoReturn

import pytest
from fakes.conversation import JSON
from fakes.talks import Hall, asked, routed
from fakes.transports import ScriptedExchange

from reconciler.gateway.dispatch import splitting
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, PART, Ending
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.body import read_request
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.model import Policy, Split

ERROR = b'{"error": {"message": "no", "type": "t", "param": null, "code": "c"}}'


def shared(
    *providers: str, items: int = 4, threshold: int = 4, workers: int = 2, policy: Policy | None = None
) -> Hall:
    """A request for so many, under way."""
    hall = Hall()
    body = json.dumps({"model": "m", "input": [f"text {number}" for number in range(items)]}).encode()
    wanted = replace(policy or Policy(), split=Split(threshold, workers))
    endpoint = Endpoint.EMBEDDINGS
    hall.begin(asked(hall, *(providers or ("a", "b")), policy=wanted, endpoint=endpoint, body=body))
    return hall


def inputs(exchange: ScriptedExchange) -> list[str]:
    given: list[str] = json.loads(exchange.request.body)["input"]
    return given


def embeds(exchange: ScriptedExchange) -> None:
    """Each vector tells its text's number."""
    texts = inputs(exchange)
    data = [{"index": place, "embedding": [int(text.split()[1])]} for place, text in enumerate(texts)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    told = {"object": "list", "data": data, "model": exchange.provider, "usage": usage}
    exchange.sink.whole(200, JSON, json.dumps(told).encode())


def test_the_parts_go_to_all_in_turn_and_come_back_as_one() -> None:
    hall = shared()
    one, other = hall.transports.exchanges
    assert [(each.provider, inputs(each)) for each in (one, other)] == [
        ("a", ["text 0", "text 1"]),
        ("b", ["text 2", "text 3"]),
    ]
    assert json.loads(other.request.body)["model"] == "b-model"
    hall.alarms.time = 2.0
    embeds(other)
    assert hall.client.status == 0
    embeds(one)
    assert (hall.client.status, hall.client.ended) == (200, "answer")
    answer = json.loads(hall.client.body)
    assert [(each["index"], each["embedding"]) for each in answer["data"]] == [(n, [n]) for n in range(4)]
    assert answer["usage"] == {"prompt_tokens": 4, "total_tokens": 4}
    assert (answer["object"], answer["model"]) == ("list", "a")
    assert hall.client.headers["content-type"] == "application/json"
    assert hall.client.headers["x-routerctl-attempts"] == "2"
    assert hall.client.headers["x-routerctl-provider"] == "a"
    outcome = hall.client.outcome
    assert (outcome.status, outcome.ending, outcome.provider) == (200, Ending.COMPLETE, "a")
    assert (outcome.seconds, outcome.first_byte, outcome.usage) == (2.0, 2.0, Usage(4, 0, 4))
    assert hall.client.tried == [("a", ""), ("b", PART)]
    assert hall.alarms.at == {}


def test_so_many_at_a_time() -> None:
    hall = shared(items=10, threshold=2, workers=2)
    assert hall.asked == ["a", "b"]
    done = 0
    while done < len(hall.transports.exchanges):
        assert sum(not each.cancelled for each in hall.transports.exchanges) - done <= 2
        embeds(hall.transports.exchanges[done])
        done += 1
    assert hall.asked == ["a", "b", "a", "b", "a"]
    data = json.loads(hall.client.body)["data"]
    assert [each["embedding"] for each in data] == [[n] for n in range(10)]


def test_one_worker_takes_them_one_after_the_other() -> None:
    hall = shared("a", items=4, threshold=2, workers=1)
    embeds(hall.transports.exchanges[0])
    embeds(hall.transports.exchanges[1])
    assert hall.asked == ["a", "a"]
    assert hall.client.ended


def test_fewer_items_and_other_endpoints_have_one_machine() -> None:
    hall = shared(items=3)
    assert isinstance(hall.talk, Machine)
    body = json.dumps({"model": "m", "input": ["x"] * 10}).encode()
    wanted = Policy(split=Split(2, 2))
    assert isinstance(hall.begin(asked(hall, "a", policy=wanted, body=body)), Machine)


def test_a_part_has_the_others_as_its_fallbacks() -> None:
    hall = shared()
    one, other = hall.transports.exchanges
    other.sink.error(Failure.CONNECT, "no")
    assert hall.asked == ["a", "b", "a"]
    embeds(hall.transports.exchanges[2])
    embeds(one)
    assert hall.client.status == 200
    assert hall.client.headers["x-routerctl-attempts"] == "3"
    assert hall.client.tried == [("a", ""), ("b", PART), ("a", "")]


def test_a_part_that_fails_for_good_fails_the_whole_and_ends_the_others() -> None:
    hall = shared(items=8, threshold=2)
    one, other = hall.transports.exchanges
    other.sink.whole(400, JSON, ERROR)
    assert one.cancelled
    assert (hall.client.status, hall.client.body) == (400, ERROR)
    assert hall.client.headers["x-routerctl-attempts"] == "2"
    outcome = hall.client.outcome
    assert (outcome.status, outcome.ending, outcome.provider) == (400, Ending.REFUSED, "b")
    assert hall.client.tried == [("a", ""), ("b", PART)]
    hall.pass_time(500.0)
    assert len(hall.asked) == 2


def test_what_was_answered_before_one_failed_is_counted() -> None:
    hall = shared()
    embeds(hall.transports.exchanges[0])
    hall.transports.exchanges[1].sink.whole(400, JSON, ERROR)
    assert hall.client.outcome.usage == Usage(2, 0, 2)


def test_nobody_may_answer() -> None:
    hall = shared("a")
    hall.pass_time(500.0)
    assert hall.client.status == 504
    assert hall.client.outcome.ending is Ending.REFUSED


def test_the_whole_is_bounded_in_time() -> None:
    hall = shared(items=4, threshold=2, workers=1, policy=Policy(total=3.0))
    hall.pass_time(2.0)
    embeds(hall.transports.exchanges[0])
    hall.pass_time(0.9)
    assert hall.client.outcomes == []
    hall.pass_time(0.1)
    assert (hall.client.status, hall.client.outcome.seconds) == (504, 3.0)


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"data": []}', b"<html>"])
def test_an_answer_that_can_not_be_joined_fails_the_whole(body: bytes) -> None:
    hall = shared()
    hall.upstream("b").sink.whole(200, JSON, body)
    assert hall.client.status == 502
    assert "the provider b can't be joined" in json.loads(hall.client.body)["error"]["message"]
    assert hall.client.headers["x-routerctl-request-id"] == "req-1"
    assert hall.client.outcome.provider == "b"


def test_an_answer_that_breaks_off_fails_the_whole() -> None:
    hall = shared()
    sink = hall.upstream("b").sink
    sink.head(200, JSON)
    sink.data(b'{"data": [')
    sink.error(Failure.BROKEN, "gone")
    assert hall.client.status == 502
    assert "b broke off its answer" in json.loads(hall.client.body)["error"]["message"]


def test_answers_that_are_too_large_together_fail_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MAX_ANSWER", 200)
    hall = shared()
    for exchange in hall.transports.exchanges:
        embeds(exchange)
    assert hall.client.status == 502
    assert "larger than" in json.loads(hall.client.body)["error"]["message"]


def test_pieces_of_an_answer_are_put_together() -> None:
    hall = shared("a", items=2, threshold=2, workers=2)
    for exchange in hall.transports.exchanges:
        exchange.sink.head(200, JSON)
        for piece in (b'{"data": [{"index"', b': 0, "embedding": [1', b".5]}]}"):
            exchange.sink.data(piece)
        exchange.sink.end()
    assert hall.client.body == (
        b'{"data": [{"index": 0, "embedding": [1.5]}, {"index": 1, "embedding": [1.5]}]}'
    )


def test_a_client_that_leaves_ends_all_parts() -> None:
    hall = shared(items=8, threshold=2)
    talk = hall.talk
    assert talk is not None
    talk.blocked()
    talk.writable()
    embeds(hall.transports.exchanges[0])
    talk.gone()
    talk.gone()
    assert all(each.cancelled for each in hall.transports.exchanges[1:])
    assert len(hall.asked) == 3
    outcome = hall.client.outcome
    assert (outcome.status, outcome.ending, outcome.usage) == (CLIENT_GONE, Ending.GONE, Usage(2, 0, 2))
    assert hall.client.status == 0
    hall.pass_time(500.0)
    assert hall.alarms.at == {}


def test_a_client_that_leaves_before_it_begins() -> None:
    hall = shared()
    request = asked(hall, "a", policy=Policy(split=Split(2, 2)), endpoint=Endpoint.EMBEDDINGS)
    request = replace(request, body=read_request(b'{"model": "m", "input": ["a", "b"]}'))
    talk = hall.conversations.begin(request, hall.client, hall.client)
    talk.gone()
    talk.start(0.0)
    assert len(hall.asked) == 2
    assert hall.client.outcome.ending is Ending.GONE


def test_parts_are_read_to_their_end_where_that_is_wanted() -> None:
    hall = Hall()
    body = b'{"model": "m", "input": ["text 0", "text 1", "text 2"]}'
    request = asked(hall, policy=Policy(split=Split(3, 2)), endpoint=Endpoint.EMBEDDINGS, body=body)
    hall.begin(replace(request, candidates=(routed("a", drain=True), routed("b"))))
    assert hall.talk is not None
    hall.talk.gone()
    assert not hall.upstream("a").cancelled
    assert hall.upstream("b").cancelled
    assert hall.client.outcomes == []
    embeds(hall.upstream("a"))
    assert (hall.client.outcome.ending, hall.client.outcome.usage) == (Ending.GONE, Usage(1, 0, 1))


def test_a_bug_ends_all_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = shared()
    hall.client.fault = ValueError("a bug")
    for exchange in hall.transports.exchanges:
        embeds(exchange)
    assert [str(error) for error in hall.client.bugs] == ["a bug"]
    assert hall.client.outcomes == []

    def fails(*_: object) -> NoReturn:
        raise ValueError("no machine")

    monkeypatch.setattr(splitting, "Machine", fails)
    assert [str(error) for error in shared().client.bugs] == ["no machine"]


def test_a_revoked_key_ends_all_parts() -> None:
    hall = shared()
    assert hall.talk is not None
    hall.talk.revoked()
    assert all(exchange.cancelled for exchange in hall.transports.exchanges)
    assert hall.client.status == 401
    assert hall.client.outcome.ending is Ending.REFUSED
    hall.talk.revoked()


@pytest.mark.parametrize("revoked", [True, False])
def test_whoever_fails_a_client_is_told_what_is_left_of_its_rates(*, revoked: bool) -> None:
    hall = Hall()
    body = b'{"model": "m", "input": ["text 0", "text 1"]}'
    request = asked(hall, "a", policy=Policy(split=Split(2, 2)), endpoint=Endpoint.EMBEDDINGS, body=body)
    hall.begin(replace(request, rates=(("x-ratelimit-limit-requests", "60"),)))
    assert hall.talk is not None
    if revoked:
        hall.talk.revoked()
    else:
        for exchange in tuple(hall.transports.exchanges):
            exchange.sink.whole(200, (*JSON, ("x-ratelimit-limit-requests", "9")), b"{}")
    assert hall.client.status == (401 if revoked else 502)
    assert hall.client.headers["x-ratelimit-limit-requests"] == "60"
