from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.cost import Prices, cost, dollars
from reconciler.json_types import JsonValue
from reconciler.protocol.usage import Usage


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        (None, None),
        ({}, None),
        ({"cached_input": "1"}, None),
        ({"input": "0.15"}, (150_000_000, None)),
        ({"input": "3", "output": "15.000000001"}, (3_000_000_000, 15_000_000_001)),
        ({"output": "0"}, (None, 0)),
    ],
)
def test_prices_are_those_of_the_card(pricing: JsonValue, prices: object) -> None:
    assert Prices.of(pricing) == prices


@pytest.mark.parametrize(
    ("given_", "made", "prices", "dollars_"),
    [
        (1_000_000, 0, Prices(150_000_000, None), "0.15"),
        (3, 4, Prices(150_000_000, 600_000_000), "0.00000285"),
        (0, 0, Prices(150_000_000, 600_000_000), "0"),
        (1, 1, Prices(0, 0), "0"),
        (1, 0, Prices(None, 1), None),
        (0, 1, Prices(1, None), None),
        (1, 0, Prices(1, None), "0.000000000000001"),
    ],
)
def test_a_request_costs_what_its_tokens_do(
    given_: int, made: int, prices: Prices, dollars_: str | None
) -> None:
    assert cost(Usage(given_, made, given_ + made), prices) == dollars_


@given(st.integers(0, 10**24))
def test_dollars_are_exact(total: int) -> None:
    assert Decimal(dollars(total)).scaleb(15) == total
