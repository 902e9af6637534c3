"""Keeps the registry at the store's head: signal → changes → compile → publish. Keeps the last good snapshot.

Reading and compiling happen in a thread, so that streams go on meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Builder, Compilation
from reconciler.snapshot.registry import Registry
from reconciler.snapshot.source import HeadSignal, Source

_log = logging.getLogger(__name__)

POLL_SECONDS = 0.025
"""One `PRAGMA data_version` costs 3 µs, so this is push and poll in one."""
LONGEST_PAUSE_SECONDS = 5.0
"""What can't be served is tried again, less and less often, until somebody commits."""
_BUG = "the revision could not be compiled; see the gateway's log"


class Follower:
    """`problem` says why the head is not served, None while it is."""

    def __init__(
        self,
        source: Source,
        signal: HeadSignal,
        builder: Builder,
        registry: Registry,
        *,
        on_problem: Callable[[], None] = lambda: None,
    ) -> None:
        self._source = source
        self._signal = signal
        self._builder = builder
        self._registry = registry
        self._on_problem = on_problem
        self._compilation: Compilation = EMPTY
        self._claims = 0
        self.problem: str | None = None

    async def run(self) -> None:
        """Follows until cancelled."""
        await self.catch_up()
        loop = asyncio.get_running_loop()
        pause = POLL_SECONDS
        again = loop.time()
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                moved = self._signal.moved()
            except RouterctlError as error:
                self._report(error.message)
                continue
            if moved or self.problem is None:
                pause = POLL_SECONDS
            if moved or (self.problem is not None and loop.time() >= again):
                await self.catch_up()
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                again = loop.time() + pause

    async def catch_up(self) -> None:
        """Serves the head, if it is not served already."""
        try:
            compilation = await asyncio.to_thread(self._compile)
        except RouterctlError as error:
            self._report(error.message)
        except Exception:  # noqa: BLE001  whatever a revision causes, the last good one goes on serving
            if self.problem != _BUG:
                _log.exception("a revision could not be compiled; the last good one goes on serving")
            self._report(_BUG)
        else:
            self.problem = None
            if compilation is not None:
                self._compilation = compilation
                self._registry.publish(compilation.snapshot)

    def _compile(self) -> Compilation | None:
        """In a thread; None where the head is served already."""
        before = self._compilation
        with self._source.consistent():
            head, claims = self._source.head(), self._source.claims()
            if self._registry.current is not None and (head, claims) == (
                before.snapshot.revision,
                self._claims,
            ):
                return None
            if before.snapshot.revision and claims == self._claims:
                changes = self._source.changes_between(before.snapshot.revision, head)
            else:
                changes = _differences(before, self._source.state_at(head))
        compilation = compiler.compile(before, changes, head, self._builder)
        self._claims = claims
        return compilation

    def _report(self, problem: str) -> None:
        if problem != self.problem:
            _log.error("revision not served: %s", problem)
            self.problem = problem
            self._on_problem()


def _differences(before: Compilation, now: State) -> Sequence[tuple[ResourceKey, StoredResource | None]]:
    """What a claim changed has no revision of its own, so after one everything is compared."""
    found: list[tuple[ResourceKey, StoredResource | None]] = [
        (key, stored) for key, stored in now.items() if before.resources.get(key) != stored
    ]
    found += [(key, None) for key in before.resources if key not in now]
    return found
