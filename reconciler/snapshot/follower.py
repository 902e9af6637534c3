"""Keeps the registry at the store's head: signal → changes → compile → publish. Keeps the last good snapshot.

Reading and compiling happen in a thread, so that streams go on meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence

from reconciler.clock import until_next
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
REREAD_SECONDS = 1.0
"""How often the files of providers are looked at."""
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
        reread: Callable[[], Collection[ResourceKey]] = tuple,
    ) -> None:
        """reread: the providers whose files changed since they were built. May block."""
        self._source = source
        self._signal = signal
        self._builder = builder
        self._registry = registry
        self._on_problem = on_problem
        self._reread = reread
        self._changed: set[ResourceKey] = set()
        self._compilation: Compilation = EMPTY
        self._claims = 0
        self._guarded = False
        self.problem: str | None = None

    async def run(self) -> None:
        """Follows until cancelled."""
        await self.catch_up()
        loop = asyncio.get_running_loop()
        pause = POLL_SECONDS
        again = loop.time()
        looked = loop.time()
        while True:
            await asyncio.sleep(until_next(loop.time(), POLL_SECONDS))
            if loop.time() >= looked + REREAD_SECONDS:
                await self.look_at_files()
                looked = loop.time()
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

    async def look_at_files(self) -> None:
        """Builds the providers anew whose files changed, and no others; their resources are what they were."""
        try:
            compilation = await asyncio.to_thread(self._compile_reread)
        except RouterctlError as error:
            _log.warning("files of providers changed, and can't be used yet: %s", error.message)
        except Exception:  # noqa: BLE001  as in catch_up
            _log.exception("files of providers changed, and what they are used for could not be compiled")
        else:
            if compilation is not None:
                self._compilation = compilation
                self._registry.publish(compilation.snapshot)

    def _compile_reread(self) -> Compilation | None:
        """In a thread; None where no file changed."""
        before = self._compilation
        self._changed.update(self._reread())
        changed = [(key, before.resources[key]) for key in sorted(self._changed) if key in before.resources]
        if changed:
            _log.info(
                "built anew, since files changed or a time is over: %s",
                ", ".join(str(key) for key, _ in changed),
            )
            revision = before.snapshot.revision
            before = compiler.compile(before, changed, revision, self._builder, guarded=self._guarded)
        self._changed.clear()  # not before: what failed is tried again
        return before if changed else None

    def _compile(self) -> Compilation | None:
        """In a thread; None where the head is served already."""
        before = self._compilation
        with self._source.consistent():
            head, claims, guarded = self._source.head(), self._source.claims(), self._source.guarded()
            served = before.snapshot.revision, self._claims, self._guarded
            if self._registry.current is not None and (head, claims, guarded) == served:
                return None
            if before.snapshot.revision and claims == self._claims:
                changes = self._source.changes_between(before.snapshot.revision, head)
            else:
                changes = _differences(before, self._source.state_at(head))
        compilation = compiler.compile(before, changes, head, self._builder, guarded=guarded)
        self._claims, self._guarded = claims, guarded
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
