"""The ledger of a records' file, as commands ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.clock import Clock
from reconciler.store import ledger
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage


@dataclass(frozen=True)
class Spent:
    """Fits api.records.Spending."""

    path: Path
    clock: Clock

    def usage(self, counters: Sequence[Counter]) -> Mapping[str, Usage]:
        return ledger.usage(self.path, counters, self.clock)

    def counted_since(self) -> float | None:
        return ledger.counted_since(self.path)
