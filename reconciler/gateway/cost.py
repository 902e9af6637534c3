"""What a request cost, exactly: prices are decimal text in US dollars a million tokens, and so is the sum."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from reconciler.protocol.usage import Usage
from reconciler.snapshot.prices import Prices
from reconciler.store.traffic_units import dollars

__all__ = ["PricesByBinding", "cost", "dollars", "nanos"]

PricesByBinding: TypeAlias = Mapping[str, Prices]
"""Bindings without a price are not in it."""
_MILLION: Final = 1_000_000


def cost(usage: Usage, prices: Prices) -> int | None:
    """In 10**-15 dollars; None where it takes a price that nobody told."""
    given, made = usage.prompt_tokens, usage.completion_tokens
    for_given, for_made = prices
    if (given and for_given is None) or (made and for_made is None):
        return None
    return given * (for_given or 0) + made * (for_made or 0)


def nanos(prompt: int, completion: int, prices: Prices) -> int:
    """In billionths of a dollar, rounded up. Tokens that have no price cost nothing."""
    return -(-(prompt * (prices.input or 0) + completion * (prices.output or 0)) // _MILLION)
