"""Whether a provider answers, as far as live workers and its probe know: what the condition Healthy says. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from reconciler.clock import timestamp
from reconciler.control.observed import Observed
from reconciler.json_types import value_at
from reconciler.resources.resource import StoredResource
from reconciler.store.health import CircuitRow

LEFT_ALONE = frozenset({"open", "half-open"})
"""The states of circuits that speak against a provider; a rate limit does not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """As a condition has it; `since` in seconds since the epoch, None where it is not known."""

    status: Literal["True", "False", "Unknown"]
    reason: str
    message: str
    since: float | None = None


def healthy(provider: StoredResource, observed: Observed) -> Verdict:
    if provider.resource.spec.get("enabled") is False:
        return Verdict("Unknown", "Disabled", "nobody asks a disabled provider")
    if not observed.workers:
        return Verdict("Unknown", "NoWorker", "no worker is live")
    name, refused = str(provider.key), observed.refusals(provider.key)
    if not any(
        name in worker.builds or (worker.revision >= provider.revision and not refused)
        for worker in observed.workers
    ):
        if refused:
            return Verdict("Unknown", "NotBuilt", "no live worker could build it, so nobody asks it")
        return Verdict("Unknown", "Pending", f"no live worker serves revision {provider.revision} yet")
    probed = value_at(provider.resource.spec, ("health", "probe")) is not None
    probe = observed.probe(provider.key) if probed else None
    circuits = [each for each in observed.circuits(provider.key) if each.state in LEFT_ALONE]
    told = list(_told(circuits, len(observed.workers)))
    if probe is not None and not probe.healthy:
        message = "\n".join([f"its probe says: {probe.fault or 'it was bad'}", *told])
        return Verdict("False", "ProbeFailed", message, probe.since)
    if circuits:
        return Verdict("False", "CircuitOpen", "\n".join(told), min(each.since for each in circuits))
    if probed and probe is None:
        return Verdict("Unknown", "NotProbed", "its probe has not come to an end yet")
    since = observed.well_since(provider.key)
    if probe is not None:
        since = max(probe.since, since or probe.since)
        return Verdict("True", "ProbeGood", "its probe is good, and no live worker leaves it alone", since)
    served = observed.served_since(provider.revision)
    return Verdict(
        "True", "NoFailure", "no live worker leaves it alone", since if since is not None else served
    )


def _told(circuits: Sequence[CircuitRow], workers: int) -> Iterator[str]:
    """A line for the provider as a whole, and for each model."""
    for model in dict.fromkeys(each.model for each in circuits):
        of_model = [each for each in circuits if each.model == model]
        what = f"model {model}: " if model else ""
        faults = ", ".join(dict.fromkeys(each.fault for each in of_model if each.fault))
        yield f"{what}left alone by {len(of_model)} of {workers} live workers" + (
            f" ({faults})" if faults else ""
        )


def circuit_text(row: CircuitRow) -> str:
    """One circuit in words: its state, since when, what failed, and when it is tried again."""
    parts = [f"{row.state} since {moment(row.since)}"]
    if row.fault:
        parts.append(f"last failure: {row.fault}")
    if row.next_try is not None:
        parts.append(f"next try {moment(row.next_try)}")
    return "; ".join(parts)


def moment(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))
