"""What workers say of limits in their rows, and how far each is used over all of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.store.counters import CounterValue
from reconciler.store.observations import WorkerRow

CLIENT = "ClientKey/"


class LimitUse(NamedTuple):
    """`used`: requests under way, or what the last minute took; `held`: drawn by workers ahead of need, and unused.

    `owner` is the key of a Provider or a ClientKey. `whole_in`: seconds until all that is used will have come back.
    """

    owner: str
    limit: str
    capacity: int
    used: int
    held: int
    whole_in: float = 0.0


def is_client(owner: str) -> bool:
    return owner.startswith(CLIENT)


def declared(live: Sequence[WorkerRow]) -> Mapping[str, Mapping[str, int]]:
    """Limits by owner and name, as the newest revision has them of those that workers serve."""
    found: dict[str, dict[str, int]] = {}
    for worker in sorted(live, key=lambda each: each.revision):
        for owner, told in _objects(worker.counters.get("limits")):
            limits = ((name, limit.get("limit")) for name, limit in _objects(told))
            found[owner] = {name: limit for name, limit in limits if isinstance(limit, int)}
    return found


def waiting(worker: WorkerRow) -> Mapping[str, int]:
    """Requests in its queues, by provider."""
    told = (
        (name, each.get("waiting"))
        for name, each in _objects(worker.counters.get("limits"))
        if not is_client(name)
    )
    return {name: number for name, number in told if isinstance(number, int)}


def _objects(
    value: CounterValue | Mapping[str, CounterValue] | None,
) -> Iterator[tuple[str, Mapping[str, CounterValue]]]:
    """Its members that are objects. What has another shape, as of another version, is left out."""
    if isinstance(value, Mapping):
        yield from ((name, inner) for name, inner in value.items() if isinstance(inner, dict))
