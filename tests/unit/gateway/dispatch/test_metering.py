"""A client's limits before, around and after whoever serves its requests."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.conversation import JSON, SSE
from fakes.limits import Time
from fakes.talks import Hall, asked

from reconciler.errors import StoreError
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, Ending, Reason
from reconciler.gateway.limits.counters import counters
from reconciler.gateway.limits.limiter import PATIENCE
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.clients import Client
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Hedge, Policy, Shadow
from reconciler.snapshot.prices import Prices
from reconciler.store.ledger import Ledger, usage

KEY = ResourceKey("ClientKey", "default", "ci")
DOLLAR = 1_000_000_000
BODY = b'{"model": "m", "max_tokens": 100, "messages": []}'
RESERVED = 13 + 100
USED = b'{"usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}}'
PRICE = Prices(1_000_000_000, 2_000_000_000)
"""A thousandth of a cent is ten of its nanodollars: a token of a prompt costs 1,000, of an answer 2,000."""


def limits(concurrent: int | None = None, requests: int | None = None, **others: int) -> Limits:
    named = tuple((name.replace("_", "."), number) for name, number in others.items())
    return Limits(str(KEY), 1, concurrent, requests, others=named, money="budgets_day_amount" in others)


class Metering(Hall):
    """A hall whose ledger is asked when the test says so."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.time = Time(0.0)
        self.ledger = Ledger(path, "w", self.time)
        self.drawn = False
        self.memory.limiters.draw = self._draw

    def _draw(self) -> None:
        self.drawn = True

    def request(self, given: Limits | None, *providers: str, **more: object) -> Ask:
        made = asked(self, *(providers or ("a",)), **{"body": BODY, **more})  # type: ignore[arg-type]
        made.client = Client(KEY, 1, limits=given)
        made.candidates = tuple(
            replace(each, candidate=replace(each.candidate, prices=PRICE)) for each in made.candidates
        )
        return made

    def go(self, made: Ask) -> None:
        """As a worker whose keeper is asleep until somebody draws."""
        self.drawn = False
        self.begin(made)
        if self.drawn:
            self.keep()

    def keep(self) -> None:
        self.time.at = self.alarms.time
        batch = self.memory.limiters.wishes(self.time.at, moved=True)
        if batch:
            grants = self.ledger.exchange([each for _, wishes in batch for each in wishes])
            self.memory.limiters.granted(batch, grants, self.time.at, self.time.at)

    def answers(self, provider: str = "a", body: bytes = USED) -> None:
        self.upstream(provider).sink.whole(200, JSON, body)

    def spent(self, given: Limits) -> dict[str, int]:
        """As the ledger has it, after a second."""
        self.pass_time(1.0)
        self.keep()
        found = counters(given)
        told = usage(self.path, found.values(), self.time)
        return {name: told[counter.key].spent or told[counter.key].used for name, counter in found.items()}

    def refused(self) -> tuple[int, str]:
        assert self.client.ended == "answer"
        code = self.client.body.decode().split('"code": "')[-1].split('"')[0]
        return self.client.status, code


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Metering]:
    made = Metering(tmp_path / "s-records.db")
    yield made
    made.ledger.close()


def test_a_client_without_limits_has_none_of_it(hall: Metering) -> None:
    hall.go(hall.request(None))
    assert not hall.drawn
    hall.answers()
    assert not any(name.startswith("x-ratelimit") for name in hall.client.headers)


def test_what_was_used_is_counted_once_and_what_is_left_is_told(hall: Metering) -> None:
    given = limits(2, 60, tokensPerHour=1000, budgets_day_amount=DOLLAR)
    hall.go(hall.request(given))
    hall.upstream("a").sink.whole(200, (*JSON, ("x-ratelimit-remaining-requests", "7")), USED)
    told = {name: value for name, value in hall.client.headers.items() if name.startswith("x-rate")}
    assert told == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1m0s",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": str(1000 - RESERVED),
        "x-ratelimit-reset-tokens": "1h0m0s",
    }
    assert hall.spent(given) == {
        "maxConcurrent": 0,
        "requestsPerMinute": 1,
        "tokensPerHour": 30,
        "budgets.day.amount": 10 * 1000 + 20 * 2000,
    }
    assert hall.alarms.at == {}


def test_anthropics_clients_are_told_in_its_words(hall: Metering) -> None:
    hall.go(hall.request(limits(requests=1), endpoint=Endpoint.MESSAGES))
    hall.answers()
    assert hall.client.headers["anthropic-ratelimit-requests-limit"] == "1"
    assert hall.client.headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert hall.client.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    hall.go(hall.request(limits(requests=1), endpoint=Endpoint.MESSAGES))
    assert hall.client.status == 429
    assert b'"rate_limit_error"' in hall.client.body


def test_what_was_not_answered_costs_a_request_and_nothing_else(hall: Metering) -> None:
    given = limits(1, 60, budgets_day_tokens=10_000, budgets_day_amount=DOLLAR)
    hall.go(hall.request(given))
    hall.upstream("a").sink.whole(500, JSON, b'{"error": {"message": "no"}}')
    assert hall.client.status == 500
    assert hall.spent(given)["requestsPerMinute"] == 1
    assert hall.spent(given)["budgets.day.tokens"] == hall.spent(given)["budgets.day.amount"] == 0


def test_fallbacks_take_no_more_of_it_and_the_price_is_of_who_served(hall: Metering) -> None:
    given = limits(1, 60, budgets_day_amount=DOLLAR)
    made = hall.request(given, "a", "b")
    first, second = made.candidates
    made.candidates = first, replace(second, candidate=replace(second.candidate, prices=Prices(0, 10**9)))
    hall.go(made)
    hall.upstream("a").sink.error(Failure.CONNECT, "no")
    hall.answers("b")
    assert hall.client.status == 200
    spent = hall.spent(given)
    assert (spent["requestsPerMinute"], spent["budgets.day.amount"]) == (1, 20 * 1000)


def test_a_slot_is_free_when_the_answer_is_over(hall: Metering) -> None:
    given = limits(1)
    hall.go(hall.request(given, stream=True, body=None))
    first = hall.upstream("a")
    hall.go(hall.request(given))
    assert hall.refused() == (429, "rate_limit_exceeded")
    assert b"maxConcurrent is 1" in hall.client.body
    assert hall.client.headers["retry-after"] == "1"
    assert hall.client.outcome.ending is Ending.REFUSED
    assert hall.asked == ["a"]
    first.sink.head(200, SSE)
    first.sink.data(
        b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    )
    first.sink.end()
    hall.go(hall.request(given))
    hall.answers()
    assert hall.client.status == 200


def test_a_rate_says_when_to_come_again_and_asks_for_no_retries_that_would_be_in_vain(hall: Metering) -> None:
    given = limits(requestsPerDay=1)
    hall.go(hall.request(given))
    hall.answers()
    hall.keep()
    hall.go(hall.request(given))
    assert hall.refused() == (429, "rate_limit_exceeded")
    assert 86_000 < int(hall.client.headers["retry-after"]) <= 88_000
    assert hall.client.headers["x-should-retry"] == "false"
    assert hall.client.headers["x-ratelimit-remaining-requests"] == "0"


def test_a_budget_that_is_spent_is_a_quota(hall: Metering) -> None:
    given = limits(budgets_day_amount=300_000)
    hall.go(hall.request(given))
    hall.answers()
    for _ in range(4):
        hall.go(hall.request(given))
        if hall.client.ended:
            break
        hall.answers()
    assert hall.refused() == (429, "insufficient_quota")
    assert hall.client.headers["x-should-retry"] == "false"
    assert 0 < int(hall.client.headers["retry-after"]) <= 86_400
    assert b"of the budget of $0.0003 for a day" in hall.client.body
    assert "T00:00:00Z" in hall.client.body.decode()


def test_a_request_that_can_never_fit_is_told_so(hall: Metering) -> None:
    hall.go(hall.request(limits(tokensPerHour=RESERVED - 1)))
    assert hall.refused() == (429, "rate_limit_exceeded")
    assert b"Request too large for this key: it may take 113 tokens" in hall.client.body
    assert hall.client.headers["x-should-retry"] == "false"
    assert "retry-after" not in hall.client.headers
    hall.go(hall.request(replace(limits(budgets_day_tokens=RESERVED - 1), version=2)))
    assert hall.refused() == (429, "insufficient_quota")


def test_under_a_budget_of_money_nobody_is_asked_who_has_no_price(hall: Metering) -> None:
    made = hall.request(limits(budgets_day_amount=DOLLAR), "a", "b")
    first, second = made.candidates
    made.candidates = replace(first, candidate=replace(first.candidate, prices=Prices(5, None))), second
    hall.go(made)
    hall.answers("b")
    assert hall.asked == ["b"]
    assert [(each.provider, each.reason) for each in hall.client.outcome.skipped] == [("a", Reason.NO_PRICE)]
    made = hall.request(limits(budgets_day_amount=DOLLAR))
    made.trace = "trace"
    made.candidates = tuple(
        replace(each, candidate=replace(each.candidate, prices=None)) for each in made.candidates
    )
    hall.go(made)
    assert hall.refused() == (403, "model_not_priced")
    assert hall.client.headers["x-routerctl-trace"] == "trace; passed-over=a:no_price"


def test_what_only_counts_tokens_is_one_request_and_no_money(hall: Metering) -> None:
    given = limits(requests=5, budgets_day_amount=DOLLAR)
    made = hall.request(given, endpoint=Endpoint.COUNT_TOKENS)
    made.candidates = tuple(
        replace(each, candidate=replace(each.candidate, prices=None)) for each in made.candidates
    )
    hall.go(made)
    hall.answers(body=b'{"input_tokens": 12}')
    assert hall.client.status == 200
    assert hall.spent(given) == {"requestsPerMinute": 1, "budgets.day.amount": 0}


def test_what_nobody_can_count_is_what_was_reserved(hall: Metering) -> None:
    given = limits(budgets_day_tokens=10_000)
    hall.go(hall.request(given, endpoint=Endpoint.MODERATIONS))
    hall.answers(body=b"{}")
    assert hall.spent(given) == {"budgets.day.tokens": 13}


def test_the_prompt_of_a_hedge_that_lost_counts_again(hall: Metering) -> None:
    given = limits(budgets_day_tokens=10_000, budgets_day_amount=DOLLAR)
    hall.go(hall.request(given, "a", "b", policy=Policy(hedge=Hedge(1.0, 100, "r"))))
    hall.pass_time(1.0)
    assert hall.asked == ["a", "b"]
    hall.answers("b")
    spent = hall.spent(given)
    assert (spent["budgets.day.tokens"], spent["budgets.day.amount"]) == (30 + 10, 2 * 10_000 + 40_000)


def test_parts_count_together_and_a_shadow_does_not(hall: Metering) -> None:
    given = limits(requests=5, budgets_day_tokens=10_000)
    shadow = asked(hall, "s").candidates
    hall.go(hall.request(given, policy=Policy(shadow=Shadow(shadow, 100))))
    hall.answers()
    hall.pass_time(0.1)
    hall.answers("s")
    assert hall.spent(given) == {"requestsPerMinute": 1, "budgets.day.tokens": 30}
    hall.go(hall.request(replace(given, requests=1, version=2), policy=Policy(shadow=Shadow(shadow, 100))))
    hall.pass_time(0.1)
    assert (hall.client.status, hall.asked.count("s")) == (429, 1), "who is refused has no shadow"


def test_who_waits_for_the_ledger_may_leave(hall: Metering) -> None:
    given = limits(1)
    hall.begin(hall.request(given))
    assert hall.talk is not None
    hall.talk.blocked()
    hall.talk.writable()
    hall.talk.gone()
    assert (hall.client.outcome.status, hall.client.outcome.ending) == (CLIENT_GONE, Ending.GONE)
    hall.talk.gone()
    hall.talk.revoked()
    hall.keep()
    hall.go(hall.request(given))
    assert hall.asked == ["a"]


def test_a_key_may_be_revoked_while_its_request_waits_or_is_served(hall: Metering) -> None:
    hall.begin(hall.request(limits(1)))
    assert hall.talk is not None
    hall.talk.revoked()
    assert hall.client.status == 401
    hall.go(hall.request(limits(1)))
    hall.talk.revoked()
    assert hall.client.status == 401
    assert hall.spent(limits(1)) == {"maxConcurrent": 0}


def test_who_reads_slowly_is_waited_for(hall: Metering) -> None:
    hall.begin(hall.request(limits(1), stream=True, body=None))
    assert hall.talk is not None
    hall.talk.blocked()
    hall.keep()
    exchange = hall.upstream("a")
    exchange.sink.head(200, SSE)
    exchange.sink.data(
        b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
    )
    assert exchange.paused
    hall.talk.writable()
    assert not exchange.paused
    hall.talk.blocked()
    hall.talk.gone()
    assert hall.client.outcome.ending is Ending.GONE
    assert hall.spent(limits(1)) == {"maxConcurrent": 0}


def test_where_the_ledger_can_not_be_asked_nobody_with_limits_is_served(hall: Metering) -> None:
    hall.begin(hall.request(limits(1)))
    batch = hall.memory.limiters.wishes(0.0, moved=False)
    hall.memory.limiters.failed(batch, 0.0)
    assert hall.refused() == (503, "limits_unavailable")


@pytest.mark.parametrize("given", [limits(1), limits(budgets_day_tokens=10_000)], ids=["limit", "budget"])
def test_the_ledgers_word_is_not_waited_for_for_ever(hall: Metering, given: Limits) -> None:
    """And nobody is told that a budget is used up of which nothing is known."""
    hall.begin(hall.request(given))
    hall.pass_time(PATIENCE)
    assert hall.refused() == (503, "limits_unavailable")
    assert hall.alarms.at == {}


def test_nor_beyond_the_time_of_the_whole_request(hall: Metering) -> None:
    hall.begin(hall.request(limits(requests=5), policy=Policy(total=0.2)))
    hall.pass_time(0.1)
    assert hall.client.outcomes == []
    hall.pass_time(0.1)
    assert hall.refused() == (504, "route_timeout")
    assert (hall.asked, hall.alarms.at) == ([], {})


def test_a_bug_keeps_what_was_reserved(hall: Metering) -> None:
    given = limits(budgets_day_tokens=10_000)
    hall.go(hall.request(given))
    hall.client.fault = StoreError("a bug")
    hall.answers()
    assert len(hall.client.bugs) == 1
    assert hall.spent(given) == {"budgets.day.tokens": RESERVED}


def spoil(made: Ask) -> None:
    """A bug in who serves it, before anybody is asked."""
    made.policy, made.candidates = Policy(hedge=Hedge(1.0, 100)), (None,)  # type: ignore[assignment]  # no candidate


def test_a_bug_before_anybody_is_asked_is_told_to_the_books(hall: Metering) -> None:
    given = limits(1, 60)
    made = hall.request(given)
    spoil(made)
    hall.go(made)
    assert len(hall.client.bugs) == 1
    hall.talk.bug(hall.client.bugs[0])  # type: ignore[union-attr]  # once is enough
    assert len(hall.client.bugs) == 1
    waiting = hall.request(replace(given, owner="ClientKey/other"))
    hall.begin(waiting)
    spoil(waiting)  # another, while it waits
    hall.keep()
    assert len(hall.client.bugs) == 1
    assert hall.asked == []
