"""What a request cost, exactly: prices are decimal text in US dollars a million tokens, and so is the sum."""

from typing import NamedTuple

from reconciler.json_types import JsonValue
from reconciler.protocol.usage import Usage

_PRICE_DIGITS = 9
"""A price has no more digits behind its point."""
_DIGITS = _PRICE_DIGITS + 6


class Prices(NamedTuple):
    """Billionths of a dollar for a million tokens; None: not told."""

    input: int | None
    output: int | None

    @classmethod
    def of(cls, pricing: JsonValue) -> "Prices | None":
        """Of a model's `pricing`, as its card has it. None where it tells no price that counts here."""
        told = pricing if isinstance(pricing, dict) else {}
        prices = cls(_billionths(told.get("input")), _billionths(told.get("output")))
        return None if prices == (None, None) else prices


def cost(usage: Usage, prices: Prices) -> str | None:
    """In dollars, such as 0.000123; None where it takes a price that nobody told."""
    total = 0
    for tokens, price in ((usage.prompt_tokens, prices.input), (usage.completion_tokens, prices.output)):
        if tokens and price is None:
            return None
        total += tokens * (price or 0)
    return dollars(total)


def dollars(total: int) -> str:
    """Of 10**-15 dollars, without a trailing zero."""
    whole, rest = divmod(total, 10**_DIGITS)
    behind = f"{rest:0{_DIGITS}}".rstrip("0")
    return f"{whole}.{behind}" if behind else str(whole)


def _billionths(price: JsonValue) -> int | None:
    if not isinstance(price, str):
        return None
    whole, _, behind = price.partition(".")
    return int(whole + behind.ljust(_PRICE_DIGITS, "0"))
