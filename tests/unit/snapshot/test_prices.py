import pytest

from reconciler.json_types import JsonValue
from reconciler.snapshot.prices import Prices


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
