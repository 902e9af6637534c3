"""What clients read of it is proved in `test_metering`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.limits import SimulatedWorker, Time

from reconciler.gateway.limits import telling
from reconciler.gateway.limits.telling import rates_told, refusal
from reconciler.snapshot.limits import Limits

ONE = (1, 10, 0)
LIMITS = Limits(
    "ClientKey/c",
    1,
    requests=5,
    tokens=1000,
    others=(("requestsPerHour", 3), ("budgets.day.tokens", 25), ("budgets.month.amount", 7)),
)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[SimulatedWorker]:
    made = SimulatedWorker(tmp_path / "s-records.db", "w", Time(), LIMITS)
    yield made
    made.close()


def told(worker: SimulatedWorker, now: float | None) -> dict[str, str]:
    return dict(rates_told(worker.limiter, now, anthropic=False))


def test_of_several_windows_the_one_with_the_least_left_is_told(worker: SimulatedWorker) -> None:
    assert told(worker, worker.time.at) == {}, "the ledger has not said a word yet"
    assert worker.request_of(ONE) is not None
    answer = told(worker, None)
    assert answer["x-ratelimit-limit-requests"] == "3"
    assert answer["x-ratelimit-remaining-requests"] == "2"
    assert answer["x-ratelimit-reset-requests"] == "1h0m0s"
    assert answer["x-ratelimit-remaining-tokens"] == "990"
    worker.time.at += 1.0
    worker.exchange()
    refused = told(worker, worker.time.at)
    assert refused["x-ratelimit-reset-tokens"] in {"1m0s", "1m1s"}


def test_a_limit_that_changes_is_told_at_once(worker: SimulatedWorker) -> None:
    worker.request_of(ONE)
    assert told(worker, None)["x-ratelimit-limit-tokens"] == "1000"
    holding = dict(worker.limiter.rates)["tokens"][0]
    holding.resize(holding.counter._replace(capacity=500))
    assert told(worker, None)["x-ratelimit-limit-tokens"] == "500"


def test_what_is_remembered_of_limits_is_bounded(
    worker: SimulatedWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.request_of(ONE)
    before = told(worker, None)
    monkeypatch.setattr(telling, "KEPT", 1)
    assert [told(worker, None), told(worker, None)] == [before, before]


def test_anthropics_words_tell_a_moment(worker: SimulatedWorker) -> None:
    worker.request_of(ONE)
    answer = dict(rates_told(worker.limiter, None, anthropic=True))
    assert answer["anthropic-ratelimit-tokens-limit"] == "1000"
    assert answer["anthropic-ratelimit-tokens-reset"].endswith("Z")


def test_the_longest_of_all_that_is_in_the_way_is_told(worker: SimulatedWorker) -> None:
    assert [worker.request_of(ONE) is not None for _ in range(3)] == [True, True, False]
    error = refusal(worker.limiter, ONE, worker.time.at, anthropic=False)
    assert (error.code, error.type) == ("insufficient_quota", "insufficient_quota")
    assert "5 tokens is left of the budget of 25 tokens for a day" in error.message
    error = refusal(worker.limiter, (1, 1, 9), worker.time.at, anthropic=False)
    assert "it may take $0.000000009" in error.message
    assert "the budget of $0.000000007 for a month" in error.message


def test_where_something_came_back_just_now_it_is_soon(worker: SimulatedWorker) -> None:
    worker.request_of(ONE)
    error = refusal(worker.limiter, (1, 0, 0), worker.time.at, anthropic=True)
    assert (error.status, dict(error.headers)["retry-after"]) == (429, "1")
