"""Numbers of a limit's units, for people."""

from reconciler.gateway.limits.counters import OF_MONEY, OF_TOKENS

_BILLION = 1_000_000_000


def amount(units: int, place: int) -> str:
    """`place` is that of Needs: requests, tokens or billionths of a dollar."""
    if place == OF_MONEY:
        return f"${dollars_of_nanos(units)}"
    return f"{units:,} tokens" if place == OF_TOKENS else f"{units:,}"


def dollars_of_nanos(units: int) -> str:
    """Such as 25.00: cents at least."""
    whole, rest = divmod(units, _BILLION)
    return f"{whole}.{f'{rest:09d}'.rstrip('0').ljust(2, '0')}"
