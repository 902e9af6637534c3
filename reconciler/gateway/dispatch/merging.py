"""What clients and books are told of a request that several machines served."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.gateway.dispatch.outcome import Attempt, Headers, Outcome, Skipped
from reconciler.protocol.usage import Usage

ATTEMPTS = "x-routerctl-attempts"


def with_attempts(headers: Headers, number: int) -> Headers:
    """A machine tells its own; these are those of all."""
    return tuple((name, str(number) if name == ATTEMPTS else value) for name, value in headers)


def marked(attempts: Sequence[Attempt], beside: str, later: float = 0.0) -> tuple[Attempt, ...]:
    """The first began beside others; the rest follow on one another, as ever. Their machine began so much `later` than the
    request, in seconds.
    """
    return tuple(
        replace(attempt, beside=beside if place == 0 else attempt.beside, at=attempt.at + later)
        for place, attempt in enumerate(attempts)
    )


def all_skipped(outcomes: Iterable[Outcome]) -> tuple[Skipped, ...]:
    """Each once."""
    return tuple(dict.fromkeys(skipped for outcome in outcomes for skipped in outcome.skipped))


def summed(usages: Iterable[Usage | None]) -> Usage | None:
    """None where nobody told any."""
    told = [usage for usage in usages if usage is not None]
    if not told:
        return None
    return Usage(
        sum(usage.prompt_tokens for usage in told),
        sum(usage.completion_tokens for usage in told),
        sum(usage.total_tokens for usage in told),
        estimated=any(usage.estimated for usage in told),
    )
