"""Whatever workers do, and however they end: no more is spent in any minute, nor under way at any moment, than the limit."""

import tempfile
from pathlib import Path

from fakes.limits import SimulatedWorker, Time
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sizes import size

from reconciler.gateway.limits.limiter import Taken
from reconciler.snapshot.limits import Limits
from reconciler.store.leases import LASTS

MINUTE = 60.0
WORKERS = st.integers(0, 2)


class WorkersWithLimits(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.time = Time()
        self.started = 0
        self.sent: list[float] = []
        self.spent: list[list[float]] = []
        self.workers: list[SimulatedWorker] = []
        self.spending: list[list[list[float]]] = []
        self.stale: set[int] = set()
        self.taken: list[Taken] = []

    @initialize(
        concurrent=st.none() | st.integers(1, 9),
        requests=st.none() | st.integers(1, 30),
        tokens=st.none() | st.integers(50, 600),
    )
    def start(self, concurrent: int | None, requests: int | None, tokens: int | None) -> None:
        self.limits = Limits("Provider/p", 1, concurrent, requests, tokens or 100)
        for _ in range(3):
            self.workers.append(self.worker())
            self.spending.append([])

    def worker(self) -> SimulatedWorker:
        self.started += 1
        path = Path(self.folder.name) / "records.db"
        return SimulatedWorker(path, f"w{self.started}", self.time, self.limits)

    @rule(place=WORKERS, count=st.integers(1, 12), tokens=st.integers(1, 80))
    def requests_come(self, place: int, count: int, tokens: int) -> None:
        worker = self.workers[place]
        for _ in range(count):
            if worker.request(worker.limiter.reservable(tokens)) is not None:
                self.sent.append(self.time.at)
                self.spent.append([self.time.at, float(worker.under_way[-1].needs[1])])
                self.spending[place].append(self.spent[-1])

    @rule(place=WORKERS, which=st.integers(0, 20), share=st.integers(0, 4))
    def one_ends(self, place: int, which: int, share: int) -> None:
        """It used a part of what was reserved for it; `share` 0: it failed."""
        worker = self.workers[place]
        if worker.under_way:
            which %= len(worker.under_way)
            spent = self.spending[place].pop(which)
            spent[1] = worker.under_way[which].needs[1] * share // 4
            worker.finish(which, int(spent[1]) if share else None)

    @rule(place=WORKERS)
    def its_keeper_looks(self, place: int) -> None:
        self.workers[place].exchange()

    @rule(place=WORKERS)
    def it_is_killed(self, place: int) -> None:
        """Its requests end with it, and another takes its place."""
        self.workers[place].close()
        self.workers[place] = self.worker()
        self.spending[place] = []

    @rule(place=WORKERS)
    def it_ends(self, place: int) -> None:
        worker = self.workers[place]
        while worker.under_way:
            spent = self.spending[place].pop()
            worker.finish(-1, worker.under_way[-1].needs[1])
            spent[1] = float(spent[1])
        batch = worker.limiters.give_up(self.time.at)
        if batch:
            worker.ledger.exchange([each for _, wishes in batch for each in wishes])
        worker.close()
        self.workers[place] = self.worker()

    @rule(
        seconds=st.sampled_from([0.01, 0.1, 0.4, 0.9, 1.7, 3.1, 20.0, 58.9, 61.0]), stalled=st.sets(WORKERS)
    )
    def time_passes(self, seconds: float, stalled: set[int]) -> None:
        """Keepers look twice a second, but for those of workers that stand still. What these had under way is no slot any
        more after 3 s; all else holds for them, too.
        """
        for place in stalled if seconds >= LASTS - 1.0 else ():
            self.taken += self.workers[place].under_way  # kept: nothing else gets its id
            self.stale |= {id(taken) for taken in self.workers[place].under_way}
        left = seconds
        while left > 0:
            self.time.at += min(left, 0.5)
            left -= 0.5
            for place, worker in enumerate(self.workers):
                if place not in stalled:
                    worker.exchange()

    @rule()
    def the_machine_starts_anew(self) -> None:
        """Its clock begins anew; what was sent before is as long ago as it was."""
        gone = self.time.at - 10.0
        for worker in self.workers:
            worker.close()
        self.sent = [at - gone for at in self.sent]
        for spent in self.spent:
            spent[0] -= gone
        self.time.at = 10.0
        self.workers = [self.worker() for _ in self.workers]
        self.spending = [[] for _ in self.workers]

    @invariant()
    def no_slot_is_used_twice(self) -> None:
        if self.workers and self.limits.concurrent is not None:
            under_way = {id(taken) for worker in self.workers for taken in worker.under_way}
            assert len(under_way - self.stale) <= self.limits.concurrent

    @invariant()
    def no_minute_has_more(self) -> None:
        for end in self.sent:
            if self.limits.requests is not None:
                within = sum(1 for at in self.sent if end - MINUTE < at <= end)
                assert within <= self.limits.requests
            tokens = sum(number for at, number in self.spent if end - MINUTE < at <= end)
            assert tokens <= (self.limits.tokens or 0)

    def teardown(self) -> None:
        for worker in self.workers:
            worker.close()
        self.folder.cleanup()


TestLimits = WorkersWithLimits.TestCase
TestLimits.settings = settings(
    max_examples=size("EXAMPLES"), stateful_step_count=size("STEPS"), deadline=None
)
