"""What a request cost, exactly: prices are decimal text in US dollars a million tokens, and so is the sum."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from reconciler.protocol.usage import Usage
from reconciler.snapshot.prices import PRICE_DIGITS, Prices

PricesByBinding: TypeAlias = Mapping[str, Prices]
"""Bindings without a price are not in it."""
_DIGITS = PRICE_DIGITS + 6
_MILLION: Final = 1_000_000


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


def nanos(prompt: int, completion: int, prices: Prices) -> int:
    """In billionths of a dollar, rounded up. Tokens that have no price cost nothing."""
    return -(-(prompt * (prices.input or 0) + completion * (prices.output or 0)) // _MILLION)
