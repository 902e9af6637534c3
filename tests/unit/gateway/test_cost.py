from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.cost import cost, dollars, nanos
from reconciler.protocol.usage import Usage
from reconciler.snapshot.prices import Prices


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
    units = cost(Usage(given_, made, given_ + made), prices)
    assert (None if units is None else dollars(units)) == dollars_


@given(st.integers(0, 10**24))
def test_dollars_are_exact(total: int) -> None:
    assert Decimal(dollars(total)).scaleb(15) == total


@pytest.mark.parametrize(
    ("given_", "made", "prices", "units"),
    [
        (10, 20, Prices(1_000_000_000, 2_000_000_000), 50_000),
        (1, 0, Prices(20_000, None), 1),
        (7, 9, Prices(None, None), 0),
        (1_000_000, 0, Prices(150_000_000, None), 150_000_000),
    ],
)
def test_billionths_of_a_dollar_are_rounded_up(given_: int, made: int, prices: Prices, units: int) -> None:
    assert nanos(given_, made, prices) == units
