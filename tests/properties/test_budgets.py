"""Whatever workers do, however they end and wherever a window ends: no more is spent within one than its budget."""

import tempfile
from collections import Counter
from pathlib import Path

from fakes.limits import SimulatedWorker, Time
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sizes import size

from reconciler.gateway.limits.counters import Needs
from reconciler.gateway.limits.holding import LARGEST_LONG_SLICE
from reconciler.snapshot.limits import Limits
from reconciler.store.calendar_windows import window_of

WORKERS_AT_ONCE = 3
WORKERS = st.integers(0, WORKERS_AT_ONCE - 1)
LARGEST = 80
"""Tokens of a request."""
HOUR = 3600.0
MONTH_END = 1_798_761_600.0
"""2027 begins: the end of an hour, a day and a month."""
PRICE = 7


class WorkersWithBudgets(RuleBasedStateMachine):
    """Requests are lists of (moment, tokens): what they reserved, and later what they used of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.time = Time(1000.0, MONTH_END - 1000.0)
        self.started = 0
        self.spent: list[list[float]] = []
        self.again: Counter[tuple[str, float]] = Counter()
        """How often the clock went back over an end of a window, of both that meet there."""
        self.workers: list[SimulatedWorker] = []
        self.spending: list[list[list[float]]] = []

    @initialize(
        tokens=st.integers(50, 600),
        month=st.integers(50, 900),
        requests=st.integers(1, 30),
        before=st.sampled_from([1.0, 7.0, 40.0]),
    )
    def start(self, tokens: int, month: int, requests: int, before: float) -> None:
        self.time.at -= before
        self.budgets = {"hour": tokens, "month": month}
        self.requests = requests
        others = (
            ("requestsPerHour", requests),
            ("budgets.hour.tokens", tokens),
            ("budgets.month.amount", month * PRICE),
        )
        self.limits = Limits("ClientKey/c", 1, others=others, money=True)
        for _ in range(WORKERS_AT_ONCE):
            self.workers.append(self.worker())
            self.spending.append([])

    def worker(self) -> SimulatedWorker:
        self.started += 1
        return SimulatedWorker(
            Path(self.folder.name) / "records.db", f"w{self.started}", self.time, self.limits
        )

    @rule(place=WORKERS, count=st.integers(1, 8), tokens=st.integers(0, LARGEST))
    def requests_come(self, place: int, count: int, tokens: int) -> None:
        worker = self.workers[place]
        needs: Needs = (1, tokens, tokens * PRICE)
        for _ in range(count):
            if worker.request_of(needs) is not None:
                self.spent.append([self.time.wall, float(tokens)])
                self.spending[place].append(self.spent[-1])

    @rule(place=WORKERS, which=st.integers(0, 20), share=st.integers(0, 4))
    def one_ends(self, place: int, which: int, share: int) -> None:
        """It used a part of what was reserved for it; `share` 0: it failed."""
        worker = self.workers[place]
        if worker.under_way:
            which %= len(worker.under_way)
            spent = self.spending[place].pop(which)
            taken = worker.under_way.pop(which)
            used = taken.needs[1] * share // 4
            spent[1] = float(used)
            taken.over((1, used, used * PRICE) if share else None, self.time.at)

    @rule(place=WORKERS)
    def its_keeper_looks(self, place: int) -> None:
        self.workers[place].exchange()

    @rule(place=WORKERS)
    def it_is_killed(self, place: int) -> None:
        self.workers[place].close()
        self.workers[place] = self.worker()
        self.spending[place] = []

    @rule(
        seconds=st.sampled_from([0.01, 0.4, 0.9, 3.1, 20.0, HOUR - 1.0, HOUR + 1.0]), stalled=st.sets(WORKERS)
    )
    def time_passes(self, seconds: float, stalled: set[int]) -> None:
        """Keepers look twice a second, but for those of workers that stand still, and not while hours pass."""
        left = seconds
        while left > 0:
            step = 0.5 if left < 30 else left - 25
            self.time.at += min(left, step)
            left -= step
            for place, worker in enumerate(self.workers):
                if place not in stalled:
                    worker.exchange()

    @rule()
    def the_machine_starts_anew(self) -> None:
        """The wall clock goes on; the other begins anew."""
        for worker in self.workers:
            worker.close()
        self.time.began, self.time.at = self.time.wall, 5.0
        self.workers = [self.worker() for _ in self.workers]
        self.spending = [[] for _ in self.workers]

    @rule(seconds=st.sampled_from([0.5, 2.0, 100.0]))
    def the_wall_clock_is_put_back(self, seconds: float) -> None:
        """What was spent was spent when it was; the window that is left may be entered again."""
        left = {name: window_of(name, self.time.wall)[0] for name in self.budgets}
        self.time.began -= seconds
        for name, begin in left.items():
            if (entered := window_of(name, self.time.wall)[0]) != begin:
                self.again.update([(name, begin), (name, entered)])

    @invariant()
    def no_window_has_more(self) -> None:
        for name, most in self.budgets.items() if self.workers else ():
            spent: Counter[float] = Counter()
            for at, tokens in self.spent:
                spent[window_of(name, at)[0]] += int(tokens)
            # What a worker holds when the clock goes back over a window's end it may spend in the other one: looking at the
            # wall clock for each request would cost more.
            held = WORKERS_AT_ONCE * (LARGEST + most // LARGEST_LONG_SLICE)
            assert all(tokens <= most + self.again[name, begin] * held for begin, tokens in spent.items())

    def teardown(self) -> None:
        for worker in self.workers:
            worker.close()
        self.folder.cleanup()


TestBudgets = WorkersWithBudgets.TestCase
TestBudgets.settings = settings(
    max_examples=size("EXAMPLES"), stateful_step_count=size("STEPS"), deadline=None
)


def test_what_a_lapsed_lease_counted_in_its_window_is_not_refunded_in_the_next() -> None:
    workers = WorkersWithBudgets()
    workers.start(tokens=92, month=92, requests=8, before=101.0)
    try:
        workers.requests_come(count=1, place=0, tokens=2)
        workers.time_passes(HOUR - 1.0, set())
        workers.requests_come(count=4, place=0, tokens=16)
        workers.one_ends(place=0, which=0, share=0)
        workers.time_passes(0.01, set())
        workers.it_is_killed(0)
        workers.requests_come(count=1, place=0, tokens=29)
        workers.no_window_has_more()
    finally:
        workers.teardown()
