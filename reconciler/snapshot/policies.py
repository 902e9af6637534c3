"""What a Route asks of dispatch beside who is tried: THE place where such fields become a Policy.

A field is read here before it is in the schema; no manifest can hold it until then.
"""

from collections.abc import Iterator

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.snapshot.executing import UNSAID, Execution
from reconciler.snapshot.model import Hedge, Policy, RoutedCandidate, Shadow, Split

_NONE = Policy()


def policy(
    spec: JsonObject,
    shadowed: tuple[RoutedCandidate, ...] = (),
    route: str = "",
    execution: Execution = UNSAID,
) -> Policy | None:
    """None where a Route asks for nothing. `shadowed` are the candidates of its `shadow.target`, `route` is its key, and
    `execution` what holds where it does not say.
    """
    total = _seconds(value_at(spec, ("timeouts", "total")))
    found = Policy(
        total=execution.timeout if total is None else total,
        first_byte=_seconds(value_at(spec, ("timeouts", "firstByte"))),
        attempts=_integer(value_at(spec, ("retry", "attempts"))),
        retry_on=_statuses(value_at(spec, ("retry", "statuses"))),
        shadow=_shadow(spec, shadowed, route),
        hedge=_hedge(spec.get("hedge"), route),
        split=_split(spec, execution.workers),
        by_settings=total is None and execution.timeout is not None,
    )
    return None if found == _NONE else found


def policy_words(policy: Policy) -> Iterator[str]:
    """It, for people."""
    if policy.total is not None:
        yield f"at most {policy.total:g} s"
    if policy.first_byte is not None:
        yield f"first byte within {policy.first_byte:g} s"
    if policy.attempts is not None:
        yield f"at most {policy.attempts} attempt{'s' * (policy.attempts > 1)}"
    if policy.retry_on is not None:
        yield f"retries after {', '.join(map(str, sorted(policy.retry_on))) or 'no status'}"
    if policy.hedge is not None:
        yield f"hedged after {policy.hedge.delay:g} s, at most {policy.hedge.percent} %"
    if policy.shadow is not None:
        shadowed = policy.shadow.candidates[0]
        yield f"shadow {shadowed.upstream_model}@{shadowed.candidate.provider}, {policy.shadow.percent} %"
    if policy.split is not None:
        yield f"inputs in parts of at most {policy.split.threshold}, {policy.split.workers} at a time"


def _shadow(spec: JsonObject, shadowed: tuple[RoutedCandidate, ...], route: str) -> Shadow | None:
    percent = _integer(value_at(spec, ("shadow", "percent")))
    if not shadowed or percent == 0 or "shadow" not in spec:
        return None
    model = value_at(spec, ("shadow", "target", "model"))
    named = model if isinstance(model, str) else ""
    return Shadow(shadowed, 100 if percent is None else percent, route, named)


def _hedge(written: JsonValue, route: str) -> Hedge | None:
    delay, percent = _seconds(value_at(written, ("delay",))), _integer(value_at(written, ("percent",)))
    return None if delay is None or percent == 0 else Hedge(delay, 10 if percent is None else percent, route)


def _split(spec: JsonObject, otherwise: int) -> Split | None:
    threshold, workers = _integer(spec.get("parallelThreshold")), _integer(spec.get("maxParallelWorkers"))
    return None if threshold is None else Split(threshold, otherwise if workers is None else workers)


def _statuses(written: JsonValue) -> frozenset[int] | None:
    if not isinstance(written, list):
        return None
    return frozenset(each for each in written if isinstance(each, int))


def _seconds(written: JsonValue) -> float | None:
    return milliseconds(written) / 1000 if isinstance(written, str | int) else None


def _integer(written: JsonValue) -> int | None:
    return written if isinstance(written, int) else None
