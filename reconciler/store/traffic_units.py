"""Costs in 10**-15 dollars, which is exact for any price of a token, and as the decimal text that people and records read."""

_DIGITS = 15


def dollars(units: int) -> str:
    """Such as 0.000123, without a trailing zero."""
    whole, rest = divmod(units, 10**_DIGITS)
    behind = f"{rest:0{_DIGITS}}".rstrip("0")
    return f"{whole}.{behind}" if behind else str(whole)


def units(told: str) -> int:
    """Of what `dollars` writes."""
    whole, _, behind = told.partition(".")
    return int(whole + behind.ljust(_DIGITS, "0"))
