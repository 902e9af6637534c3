from dataclasses import replace

import pytest
from fakes.talks import Hall, asked

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.outcome import HEDGE, PART, Attempt, Ending, Outcome
from reconciler.gateway.dispatch.spending import reserved, used, without_price
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.prices import Prices

NEEDS = (1, 50, 5000)
USAGE = Usage(10, 20, 30)
BODY = b'{"model": "m", "max_tokens": 100, "messages": []}'
DEAR, CHEAP = Prices(4 * 10**9, 8 * 10**9), Prices(10**9, 2 * 10**9)
A = Attempt("a", "a-binding", status=200, first_byte=0.1)
B = Attempt("b", "b-binding", status=200, first_byte=0.1)


def ask(*prices: Prices | None, endpoint: Endpoint = Endpoint.CHAT) -> Ask:
    made = asked(Hall(), *"abc"[: len(prices)], endpoint=endpoint, body=BODY)
    made.candidates = tuple(
        replace(
            each,
            candidate=replace(each.candidate, prices=price, binding=f"{each.candidate.provider}-binding"),
        )
        for each, price in zip(made.candidates, prices, strict=True)
    )
    return made


def outcome(*attempts: Attempt, usage: Usage | None = USAGE, first_byte: float | None = 0.1) -> Outcome:
    return Outcome(200, Ending.COMPLETE, attempts, "a", 1, 1.0, first_byte, usage)


@pytest.mark.parametrize(
    ("prices", "money", "needs"),
    [
        ((CHEAP,), False, (1, 113, 0)),
        ((CHEAP,), True, (1, 113, 13_000 + 200_000)),
        ((CHEAP, DEAR), True, (1, 113, 52_000 + 800_000)),
        ((None,), True, (1, 113, 0)),
    ],
)
def test_the_dearest_is_reserved(
    prices: tuple[Prices | None, ...], money: bool, needs: tuple[int, ...]
) -> None:
    assert reserved(ask(*prices), money=money) == needs


@pytest.mark.parametrize(
    ("attempts", "units"),
    [
        ((A,), 50_000),
        ((B,), 200_000),
        ((Attempt("a", "a-binding", Failure.CONNECT), B), 200_000),
        ((A, replace(B, beside=PART)), 200_000),
        ((Attempt("b", "b-binding"), replace(A, beside=HEDGE)), 50_000 + 40_000),
        ((Attempt("b", "b-binding", status=500), replace(A, beside=HEDGE)), 50_000),
        ((Attempt("b", "b-binding"),), 200_000),
    ],
)
def test_the_price_is_of_who_served(attempts: tuple[Attempt, ...], units: int) -> None:
    assert used(ask(CHEAP, DEAR), outcome(*attempts), NEEDS, money=True) == (
        1,
        30 + 10 * (units == 90_000),
        units,
    )


def test_of_tokens_the_larger_count_counts() -> None:
    assert used(ask(CHEAP), outcome(A, usage=Usage(10, 20, 0)), NEEDS, money=False) == (1, 30, 0)
    assert used(ask(CHEAP), outcome(A, usage=Usage(10, 20, 44)), NEEDS, money=False) == (1, 44, 0)


def test_without_a_count_it_is_nothing_or_what_was_reserved() -> None:
    assert used(ask(CHEAP), outcome(A, usage=None), NEEDS, money=True) == NEEDS
    assert used(ask(CHEAP), outcome(A, usage=None, first_byte=None), NEEDS, money=True) is None


def test_who_has_no_price_for_what_is_counted_is_left_out() -> None:
    made = ask(None, Prices(1, None), CHEAP)
    assert [each.provider for each in without_price(made)] == ["a", "b"]
    assert [each.candidate.provider for each in made.candidates] == ["c"]
    assert without_price(made) == ()
    embeddings = ask(None, Prices(1, None), endpoint=Endpoint.EMBEDDINGS)
    assert [each.provider for each in without_price(embeddings)] == ["a"]
