"""What a Model's tokens cost: decimal text in US dollars a million tokens, ready for those who reckon."""

from typing import NamedTuple

from reconciler.json_types import JsonValue

PRICE_DIGITS = 9
"""A price has no more digits behind its point."""


class Prices(NamedTuple):
    """Billionths of a dollar for a million tokens; None: not told."""

    input: int | None
    output: int | None

    @classmethod
    def of(cls, pricing: JsonValue) -> "Prices | None":
        """Of a model's `pricing`. None where it tells no price that counts here."""
        told = pricing if isinstance(pricing, dict) else {}
        prices = cls(_billionths(told.get("input")), _billionths(told.get("output")))
        return None if prices == (None, None) else prices


def _billionths(price: JsonValue) -> int | None:
    if not isinstance(price, str):
        return None
    whole, _, behind = price.partition(".")
    return int(whole + behind.ljust(PRICE_DIGITS, "0"))
