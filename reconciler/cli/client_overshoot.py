"""How far the tokens and the money of a ClientKey can be exceeded at worst, by what is known of the Models it may use."""

from collections.abc import Iterator

from reconciler.gateway.limits.amounts import amount
from reconciler.gateway.limits.counters import OF_MONEY
from reconciler.json_types import JsonValue, value_at
from reconciler.protocol.reservation import GUESSED_ANSWER
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State
from reconciler.snapshot.clients import client_of
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.prices import Prices

_MILLION = 1_000_000


def overshoot_lines(stored: StoredResource, state: State, limits: Limits) -> Iterator[str]:
    """What requests may take beyond what was reserved for them, of the Models that the key may use."""
    client = client_of(stored)
    longest, dearest, unbounded = 0, 0, []
    for key, model in sorted(state.items()):
        if key.kind != "Model" or key.namespace != stored.key.namespace:
            continue
        aliases = value_at(model.resource.spec, ("aliases",))
        names = [key.name, *(aliases if isinstance(aliases, list) else [])]
        if not any(client.may_use(key.name, str(name)) for name in names):
            continue
        bound = value_at(model.resource.spec, ("maxOutputTokens",))
        if not isinstance(bound, int):
            unbounded.append(key.name)
            continue
        beyond = max(0, bound - GUESSED_ANSWER)
        longest = max(longest, beyond)
        dearest = max(dearest, beyond * _price(model.resource.spec.get("pricing")) // _MILLION)
    yield "tokens and money: what the requests under way take beyond what was reserved for them, which is a token for each"
    yield f"  four bytes of a prompt, and for an answer its max_tokens, or {GUESSED_ANSWER} where it sets none"
    if unbounded:
        yield f"  without a known bound: of {', '.join(unbounded[:5])} no maxOutputTokens is declared"
        return
    dollars = f", {amount(dearest, OF_MONEY)}" if limits.money else ""
    yield f"  for each request without max_tokens: {longest:,} tokens{dollars}"
    if limits.concurrent is not None:
        times = limits.concurrent
        dollars = f", {amount(dearest * times, OF_MONEY)}" if limits.money else ""
        yield f"  for all {times:,} that may be under way: {longest * times:,} tokens{dollars}"


def _price(pricing: JsonValue) -> int:
    prices = Prices.of(pricing)
    return 0 if prices is None else prices.output or 0
