"""Workers of one store and their limits, without processes: a ledger in a file, and a clock that is set by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from reconciler.gateway.limits.counters import Needs
from reconciler.gateway.limits.limiter import Limiter, Taken, Ticket
from reconciler.gateway.limits.limiters import Limiters
from reconciler.snapshot.limits import Limits
from reconciler.store.ledger import Ledger


class Time:
    """Fits clock.Clock. `at` is what `monotonic` tells, `began` the wall clock's moment when that was 0."""

    def __init__(self, at: float = 1000.0, began: float = 1_790_000_000) -> None:
        self.at = at
        self.began = began

    @property
    def wall(self) -> float:
        return self.began + self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall, UTC)

    def monotonic(self) -> float:
        return self.at


class SimulatedWorker:
    """`exchange` is what its keeper does when something is due."""

    def __init__(self, path: Path, name: str, time: Time, limits: Limits) -> None:
        self.path = path
        self.time = time
        self.limits = limits
        self.ledger = Ledger(path, name, time)
        self.limiters = Limiters()
        self.under_way: list[Taken] = []
        self.woken: list[Ticket] = []

    @property
    def limiter(self) -> Limiter:
        return self.limiters.of(self.limits)

    def exchange(self) -> bool:
        """Whether anything was due."""
        moved = self.ledger.moved()
        batch = self.limiters.wishes(self.time.at, moved=moved)
        if not batch and moved:
            self.limiters.hear(self.ledger.wanted())
            batch = self.limiters.wishes(self.time.at, moved=False)
        if not batch:
            return False
        grants = self.ledger.exchange([each for _, wishes in batch for each in wishes])
        self.limiters.granted(batch, grants, self.time.at, self.time.at)
        return True

    def request(self, tokens: int = 0) -> Taken | None:
        """One that waits for the ledger's word, and no longer."""
        return self.request_of((1, tokens, 0))

    def request_of(self, needs: Needs) -> Taken | None:
        taken = self.limiter.take(needs, self.time.at)
        if taken is None and not self.limiter.is_full(needs, self.time.at):
            ticket = self.limiter.wait(needs, _nothing, self.time.at, queued=False)
            self.exchange()
            if ticket.taken is None and not ticket.refused:
                self.limiter.leave(ticket, self.time.at)
            taken = ticket.taken
        if taken is not None:
            self.under_way.append(taken)
        return taken

    def waiting(self, tokens: int = 0, wake: Callable[[], None] | None = None) -> Ticket:
        return self.limiter.wait((1, tokens, 0), wake or _nothing, self.time.at, queued=True)

    def finish(self, place: int = 0, used: int | None = None) -> None:
        self.under_way.pop(place).over(None if used is None else (1, used, 0), self.time.at)

    def close(self) -> None:
        self.ledger.close()


def _nothing() -> None:
    pass
