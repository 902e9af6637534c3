"""Between a worker and the records: its circuits and what it found, out; what the prober found and people reset, in.

Once a second, and at once where a circuit opens or closes; never for a request. One worker of a store probes: the one
that holds the lease, which the others take over within a few seconds after it has died.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence

from reconciler.clock import Clock
from reconciler.errors import RouterctlError
from reconciler.gateway.probing import Prober, Transports
from reconciler.gateway.routing.breaker import SHORTEST, State
from reconciler.gateway.routing.circuits import KEPT_CHANGES, RESET, WHOLE, Breakers, Change, Standing
from reconciler.gateway.routing.findings import Finding
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Snapshot
from reconciler.store.health import CircuitRow, ProbeRow, Seen, Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.transitions import CLOSED, HEALTHY, OPENED, UNHEALTHY, Transition

SECONDS = 1.0
MOST_SHARED = 5
"""More workers than that do not make each of them try more seldom: providers would take too long to come back."""

_TURNS = 60
"""After so many turns, what is not worth remembering is forgotten."""

_log = logging.getLogger(__name__)


class HealthLink:
    """One a worker. Records that can't be written are said once; meanwhile nobody is probed."""

    def __init__(
        self, records: HealthRecords, clock: Clock, instance: str, breakers: Breakers, transports: Transports
    ) -> None:
        self._records = records
        self._clock = clock
        self._instance = instance
        self._breakers = breakers
        self._due = asyncio.Event()
        self._prober = Prober(transports, self._due.set)
        self._snapshot = Snapshot(0)
        self._probes = False
        self._unwritten: list[Transition] = []
        self._written: tuple[CircuitRow, ...] = ()
        self._told: dict[ResourceKey, bool | None] = {}
        self._reset = 0
        self._ahead = 0.0
        self._failing = False
        self._ended = False
        breakers.changed = self._due.set

    def published(self, snapshot: Snapshot) -> None:
        """For the registry: a snapshot came into force."""
        self._snapshot = snapshot
        if self._probes:
            self._prober.watch(snapshot, {})
        self._due.set()

    def end(self) -> None:
        self._ended = True
        self._due.set()

    async def take_over(self) -> None:
        """Before the first request: what other workers left alone of late is left alone here, too."""
        try:
            rows = await asyncio.to_thread(self._records.left_alone, self._clock.now().timestamp())
        except RouterctlError:  # the next exchange says so
            return
        now = self._loop_time()
        ahead = self._clock.now().timestamp() - now
        upstreams = {str(key): upstream for key, upstream in self._snapshot.upstreams.items()}
        for row in rows:
            upstream, until = upstreams.get(row.provider), row.next_try
            if upstream is None or until is None:
                continue
            state, key = State(row.state), upstream.key
            standing = Standing(key, row.model, state, row.since - ahead, row.fault, until - ahead)
            if self._breakers.take_over(upstream, standing, now):
                _log.info("%s is left alone, as by the worker before", _named(key, row.model))

    async def run(self) -> None:
        """Until `end`; then the lease is given back."""
        await self._catch_up()
        turn = 0
        while not self._ended:
            try:
                async with asyncio.timeout(SECONDS):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            turn += 1
            if turn % _TURNS == 0:
                self._breakers.sweep(self._loop_time())
            if not self._ended:
                await self.exchange()
        await self.exchange()
        self._prober.stop()

    async def exchange(self) -> None:
        """One turn. What could not be written is written with the next."""
        told = self._telling()
        try:
            seen = await asyncio.to_thread(self._records.exchange, told)
        except RouterctlError as error:
            if not self._failing:
                _log.warning("how providers do can't be recorded: %s", error.message)
            self._failing, self._probes = True, False
            self._prober.stop()
            return
        self._failing = False
        del self._unwritten[: len(told.transitions)]
        self._written = tuple(told.circuits) if told.circuits is not None else self._written
        self._take(seen)

    async def _catch_up(self) -> None:
        """What was reset before it began has nothing to do with it."""
        try:
            self._reset = await asyncio.to_thread(self._records.last_reset)
        except RouterctlError:
            self._reset = 0

    # --- out ------------------------------------------------------------------------------------------------

    def _telling(self) -> Told:
        now = self._clock.now().timestamp()
        ahead = now - self._loop_time()
        if abs(ahead - self._ahead) > SECONDS:  # times stay what they are while no clock is set
            self._ahead = ahead
        circuits = () if self._ended else tuple(self._rows())  # who begins later has nothing to do with them
        self._unwritten += [self._transition(change) for change in self._breakers.take_changes()]
        findings = self._prober.findings() if self._probes else ()
        self._unwritten += list(self._verdicts(findings))
        del self._unwritten[:-KEPT_CHANGES]
        return Told(
            self._instance,
            now,
            circuits if circuits != self._written else None,
            [self._probe_row(each) for each in findings if each.healthy is not None] if findings else None,
            tuple(self._unwritten),
            bool(self._snapshot.probes) and not self._ended,
            self._reset,
        )

    def _rows(self) -> Iterator[CircuitRow]:
        for each in self._breakers.standings(self._loop_time()):
            next_try = each.next_try + self._ahead if each.next_try is not None else None
            since = each.since + self._ahead
            yield CircuitRow(
                self._instance, str(each.provider), each.model, each.state.value, since, each.fault, next_try
            )

    def _probe_row(self, found: Finding) -> ProbeRow:
        return ProbeRow(
            str(found.provider),
            bool(found.healthy),
            found.since + self._ahead,
            found.probed + self._ahead,
            found.fault,
        )

    def _transition(self, change: Change) -> Transition:
        what = _named(change.provider, change.model)
        if change.well:
            _log.warning("%s is asked again", what)
        else:
            _log.warning("%s is left alone for a while: %s", what, change.why)
        model = "" if change.model == WHOLE else f"model {change.model}"
        message = ": ".join(part for part in (model, change.why) if part)
        return self._noted(change.provider, CLOSED if change.well else OPENED, message, change.at)

    def _verdicts(self, findings: Sequence[Finding]) -> Iterator[Transition]:
        """Where a probe changed its mind since the last turn; that one is healthy is no news where nothing was known."""
        for found in findings:
            before = self._told.get(found.provider)
            self._told[found.provider] = found.healthy
            if found.healthy is None or found.healthy is before or (found.healthy and before is None):
                continue
            if found.healthy:
                _log.warning("%s is healthy again, its probe says", found.provider)
            else:
                _log.warning("%s is unhealthy, its probe says: %s", found.provider, found.fault)
            yield self._noted(
                found.provider, HEALTHY if found.healthy else UNHEALTHY, found.fault, found.since
            )

    def _noted(self, provider: ResourceKey, reason: str, message: str, at: float) -> Transition:
        revision = self._snapshot.revision
        return Transition(at + self._ahead, self._instance, reason, str(provider), revision, message=message)

    # --- in -------------------------------------------------------------------------------------------------

    def _take(self, seen: Seen) -> None:
        self._breakers.pause = SHORTEST * min(seen.live, MOST_SHARED)
        if seen.probes_now != self._probes:
            self._begin_or_stop(seen)
        if seen.resets:
            self._reset_all(seen)
        self._judge(seen)

    def _begin_or_stop(self, seen: Seen) -> None:
        self._probes = seen.probes_now
        if not self._probes:
            self._prober.stop()
            return
        found = ((key, seen.probes.get(str(key))) for key in self._snapshot.probes)
        before = {key: self._finding(key, row) for key, row in found if row is not None}
        self._told = {key: each.healthy for key, each in before.items()}
        self._prober.watch(self._snapshot, before)

    def _finding(self, key: ResourceKey, row: ProbeRow) -> Finding:
        return Finding(key, row.healthy, row.since - self._ahead, row.probed - self._ahead, row.fault)

    def _judge(self, seen: Seen) -> None:
        """Who is not looked at any more is not unhealthy."""
        now, probes = self._loop_time(), self._snapshot.probes
        for upstream, circuits in tuple(self._breakers.troubled.items()):
            if circuits.unhealthy and (upstream.key not in probes or str(upstream.key) not in seen.probes):
                self._breakers.unjudge(upstream)
        for key, probe in probes.items():
            row, upstream = seen.probes.get(str(key)), self._snapshot.upstreams[key]
            if row is not None:
                self._breakers.judge(upstream, healthy=row.healthy, now=now, slow_start=probe.slow_start)

    def _reset_all(self, seen: Seen) -> None:
        """What the prober found is forgotten with the rest; it says so with the next turn, which comes at once."""
        keys = {str(key): key for key in self._snapshot.upstreams}
        for number, provider in seen.resets:
            self._reset = number
            key = keys.get(provider)
            if key is None:
                continue
            _log.info("%s is reset: what failed there is forgotten", key)
            self._breakers.reset(key, self._loop_time())
            self._prober.forget(key)
            if self._told.pop(key, None) is False:
                self._unwritten.append(self._noted(key, HEALTHY, RESET, self._loop_time()))
        self._due.set()

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()


def _named(provider: ResourceKey, model: str) -> str:
    return f"{provider}" if model == WHOLE else f"{provider}, model {model}"
