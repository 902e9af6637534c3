"""What a request takes of its client's limits: what it may need, and in the end what it used, in tokens and money.

It is the client's, whoever served it. Of several that did, as for an input that was shared out, the dearest price counts.
"""

from collections.abc import Sequence
from typing import Final

from reconciler.gateway.cost import nanos
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.claim import used_tokens
from reconciler.gateway.dispatch.outcome import HEDGE, Attempt, Outcome, Reason, Skipped
from reconciler.gateway.limits.counters import Needs
from reconciler.protocol.usage import Usage
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.snapshot.model import RoutedCandidate
from reconciler.snapshot.prices import Prices

_FREE: Final = Prices(0, 0)


def without_price(ask: Ask) -> tuple[Skipped, ...]:
    """Takes those from the candidates of which nobody knows what will be counted. They would go past a budget."""
    row = ask.row
    for each in ask.candidates:
        if not has_price(each, row):
            break
    else:
        return ()
    kept = tuple(each for each in ask.candidates if has_price(each, row))
    skipped = tuple(
        Skipped(each.candidate.provider, each.candidate.binding, Reason.NO_PRICE)
        for each in ask.candidates
        if each not in kept
    )
    ask.candidates = kept
    return skipped


def reserved(ask: Ask, *, money: bool) -> Needs:
    """What it may need, by the dearest of those who may serve it."""
    prompt, answer = ask.reservation()
    return 1, prompt + answer, nanos(prompt, answer, _dearest(ask.candidates)) if money else 0


def used(ask: Ask, outcome: Outcome, reserved_: Needs, *, money: bool) -> Needs | None:
    """None: nothing was answered. What nobody can count, such as a picture, is taken to be what was reserved.

    Of an attempt that a hedge was faster than, the prompt counts again; what it wrote is known to nobody.
    """
    usage = outcome.usage
    if usage is None:
        return None if outcome.first_byte is None else reserved_
    lost = _lost(outcome)
    tokens = used_tokens(usage) + len(lost) * usage.prompt_tokens
    return 1, tokens, _price(ask, usage, outcome, lost) if money else 0


def _price(ask: Ask, usage: Usage, outcome: Outcome, lost: Sequence[Attempt]) -> int:
    candidates = ask.candidates
    if len(candidates) > 1:
        served = [each for each in outcome.attempts if each.first_byte is not None] or outcome.attempts[-1:]
        candidates = _of(ask, served)
    price = nanos(usage.prompt_tokens, usage.completion_tokens, _dearest(candidates))
    if lost:
        for each in lost:
            price += nanos(usage.prompt_tokens, 0, _dearest(_of(ask, [each])))
    return price


def _of(ask: Ask, attempts: Sequence[Attempt]) -> tuple[RoutedCandidate, ...]:
    names = {(each.provider, each.binding) for each in attempts}
    return tuple(
        each for each in ask.candidates if (each.candidate.provider, each.candidate.binding) in names
    )


def _lost(outcome: Outcome) -> Sequence[Attempt]:
    if len(outcome.attempts) == 1 or not any(each.beside == HEDGE for each in outcome.attempts):
        return ()
    return [
        each
        for each in outcome.attempts
        if each.first_byte is None and each.failure is None and (each.status is None or each.status < 400)
    ]


def has_price(routed: RoutedCandidate, row: EndpointRow) -> bool:
    """For what will be counted there: an endpoint whose answers have no tokens needs none for them."""
    prices = routed.candidate.prices
    return (
        prices is not None and prices.input is not None and (prices.output is not None or row.stream is None)
    )


def _dearest(candidates: tuple[RoutedCandidate, ...]) -> Prices:
    if len(candidates) == 1:
        return candidates[0].candidate.prices or _FREE
    prices = [each.candidate.prices or _FREE for each in candidates]
    return Prices(
        max((each.input or 0 for each in prices), default=0),
        max((each.output or 0 for each in prices), default=0),
    )
