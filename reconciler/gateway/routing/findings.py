"""What the probes of a provider come to: healthy or not, after so many good or bad ones in a row. Pure."""

from typing import NamedTuple

from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Probe


class Finding(NamedTuple):
    """`healthy` is None until it is known. `since` and `probed` in the time of whoever tells; `fault` is what failed last,
    in words without a secret, "" while the last probe was good.
    """

    provider: ResourceKey
    healthy: bool | None
    since: float
    probed: float
    fault: str = ""


class Findings:
    """Of one provider. It goes on from what was known before, if anything was."""

    __slots__ = ("_good", "_in_a_row", "found")

    def __init__(self, found: Finding) -> None:
        self.found = found
        self._good = True
        self._in_a_row = 0

    def add(self, fault: str, now: float, probe: Probe) -> bool:
        """One more probe; `fault` is "" where it was good. Whether the provider is another thing now."""
        good = not fault
        self._in_a_row = self._in_a_row + 1 if good == self._good else 1
        self._good = good
        before = self.found.healthy
        healthy = self._judged(before, probe)
        since = now if healthy is not before else self.found.since
        self.found = Finding(self.found.provider, healthy, since, now, fault)
        return healthy is not before

    def _judged(self, before: bool | None, probe: Probe) -> bool | None:
        """The first good one is enough where nothing is known."""
        if self._good:
            enough = probe.healthy_threshold if before is False else 1
            return True if self._in_a_row >= enough else before
        return False if self._in_a_row >= probe.unhealthy_threshold else before
