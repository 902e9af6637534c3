import pytest

from reconciler.gateway.limits.amounts import amount
from reconciler.gateway.limits.counters import OF_MONEY, OF_TOKENS, ONE


@pytest.mark.parametrize(
    ("units", "place", "text"),
    [
        (1234, ONE, "1,234"),
        (1234, OF_TOKENS, "1,234 tokens"),
        (25_000_000_000, OF_MONEY, "$25.00"),
        (500_000_000, OF_MONEY, "$0.50"),
        (1_000_000_001, OF_MONEY, "$1.000000001"),
        (0, OF_MONEY, "$0.00"),
    ],
)
def test_units_for_people(units: int, place: int, text: str) -> None:
    assert amount(units, place) == text
