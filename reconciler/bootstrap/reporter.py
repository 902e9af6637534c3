"""A worker's acknowledgements: what it serves and counted, written at once when that changes and at each heartbeat."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from reconciler.clock import Clock
from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Snapshot, Upstream
from reconciler.store.counters import Counters, CounterValue
from reconciler.store.observations import STARTING, WHOLE, WorkerRow

HEARTBEAT_SECONDS = 1.0
ENDED = 0.0
"""The heartbeat of a worker that has ended: it is not live from then on."""

_log = logging.getLogger(__name__)


class Rows(Protocol):
    """Where acknowledgements go: the store's observations."""

    def put_worker(self, row: WorkerRow) -> None: ...

    def forget(self, before: float) -> int: ...


class Builds:
    """At which revision each provider was last built here. What a refused one goes on with is no build of that revision."""

    def __init__(self) -> None:
        self._seen: dict[ResourceKey, Upstream] = {}
        self._built: dict[ResourceKey, int] = {}

    def note(self, snapshot: Snapshot) -> None:
        refused = {refusal.provider for refusal in snapshot.refusals}
        for key, upstream in snapshot.upstreams.items():
            if key not in refused and self._seen.get(key) is not upstream:
                self._built[key] = snapshot.revision
        self._seen = dict(snapshot.upstreams)
        self._built = {key: number for key, number in self._built.items() if key in self._seen}

    def by_name(self) -> Mapping[str, int]:
        return {str(key): number for key, number in self._built.items()}


class Reporter:
    """One row, written by one task. A store that can't be written is said once, and tried again."""

    def __init__(
        self,
        rows: Rows,
        clock: Clock,
        instance: str,
        pid: int,
        counters: Callable[[], JsonObject],
        *,
        gauges: Callable[[], JsonObject] = dict,
        counted_each: int = 1,
    ) -> None:
        """`counters` may take its time: a thread asks for it, with the first heartbeat, so many later, and the last.

        `gauges` are asked for with each.
        """
        self._rows = rows
        self._clock = clock
        self._instance = instance
        self._pid = pid
        self._counters = counters
        self._gauges = gauges
        self._counted_each = counted_each
        self._counted: Counters = {}
        self._until_counted = 0
        self._problem: Callable[[], str | None] = lambda: None
        self._started = clock.now().timestamp()
        self._snapshot: Snapshot | None = None
        self._builds = Builds()
        self._due = asyncio.Event()
        self._failing = False
        self._ended = False
        self._last_word = False

    @property
    def recorded(self) -> bool:
        """Whether the final counters are in the records."""
        return self._last_word and not self._failing

    def published(self, snapshot: Snapshot) -> None:
        """For the registry: a snapshot came into force."""
        self._snapshot = snapshot
        self._builds.note(snapshot)
        self._due.set()

    def ask(self, problem: Callable[[], str | None]) -> None:
        """`problem` says why the head is not served, None while it is."""
        self._problem = problem

    def wake(self) -> None:
        self._due.set()

    async def run(self) -> None:
        """Until `end`; then once more, with the final counters: the worker is not live any more, and its row put away.

        It begins at once: a worker that serves nothing yet says that it is starting, or why it does not come to it.
        """
        self._due.set()
        while not self._ended:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            if not self._ended:
                await self._put(self._clock.now().timestamp())
        await self._put(ENDED)
        self._last_word = True

    def end(self) -> None:
        """Never by cancelling: a row that is being written then could come after the last."""
        self._ended = True
        self._due.set()

    async def _put(self, heartbeat: float) -> None:
        last = heartbeat == ENDED
        counts = last or self._until_counted <= 0
        self._until_counted = self._counted_each - 1 if counts else self._until_counted - 1
        try:
            await asyncio.to_thread(self._write, self._row(heartbeat), counts=counts)
        except RouterctlError as error:
            if not self._failing:
                _log.warning("what this worker serves can't be recorded: %s", error.message)
            self._failing = True
        else:
            self._failing = False

    def _write(self, row: WorkerRow, *, counts: bool) -> None:
        if counts:
            self._counted = numbers(self._counters())
        self._rows.put_worker(replace(row, counters={**self._counted, **row.counters}))
        if row.heartbeat == ENDED:
            self._rows.forget(ENDED + 1)

    def _row(self, heartbeat: float) -> WorkerRow:
        snapshot = self._snapshot
        refusals = () if snapshot is None else snapshot.refusals
        refused = [(str(refusal.provider), refusal.reason) for refusal in refusals]
        problem = self._problem()
        if problem is not None:
            refused.append((WHOLE, problem))
        return WorkerRow(
            self._instance,
            self._pid,
            self._started,
            heartbeat,
            STARTING if snapshot is None else snapshot.revision,
            tuple(refused),
            numbers(self._gauges()),
            self._builds.by_name(),
            {str(refusal.provider): refusal.cause for refusal in refusals if refusal.cause},
        )


def numbers(tree: JsonObject) -> Counters:
    """The counters in a JSON tree; what is no number is left out."""
    return {name: found for name, value in tree.items() if (found := _number(value)) is not None}


def _number(value: JsonValue) -> CounterValue | None:
    if isinstance(value, dict):
        return numbers(value)
    return value if isinstance(value, int) else None
