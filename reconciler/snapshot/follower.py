"""Keeps the registry at the store's head: signal → changes → compile → publish. Keeps the last good snapshot."""

import asyncio
import logging
from collections.abc import Callable

from reconciler.errors import RouterctlError
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Builder, Compilation
from reconciler.snapshot.registry import Registry
from reconciler.snapshot.source import HeadSignal, Source

_log = logging.getLogger(__name__)

POLL_SECONDS = 0.025
"""One `PRAGMA data_version` costs 3 µs, so this is push and poll in one."""
_BUG = "the revision could not be compiled; see the gateway's log"
_LARGE = 200
"""Changes from which a compile is worth a thread, so that streams go on meanwhile."""
_MANY = 2_000
"""Resources from which even one change is: the table of names is made anew."""


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
        self.problem: str | None = None

    async def run(self) -> None:
        """Follows until cancelled."""
        await self.catch_up()
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if self._moved():
                await self.catch_up()

    async def catch_up(self) -> None:
        """Serves the head, if it is not served already."""
        try:
            await self._advance()
        except RouterctlError as error:
            self._report(error.message)
        except Exception:  # noqa: BLE001  whatever a revision causes, the last good one goes on serving
            if self.problem != _BUG:  # it is tried again 40 times a second
                _log.exception("a revision could not be compiled; the last good one goes on serving")
            self._report(_BUG)
        else:
            self.problem = None

    def _moved(self) -> bool:
        try:
            return self._signal.moved() or self.problem is not None
        except RouterctlError as error:
            self._report(error.message)
            return False

    async def _advance(self) -> None:
        served = self._compilation.snapshot.revision
        head = self._source.head()
        if self._registry.current is not None and head <= served:
            return
        changes = (
            self._source.changes_between(served, head)
            if served
            else tuple(self._source.state_at(head).items())
        )
        if len(changes) > _LARGE or len(self._compilation.resources) > _MANY:
            compilation = await asyncio.to_thread(
                compiler.compile, self._compilation, changes, head, self._builder
            )
        else:
            compilation = compiler.compile(self._compilation, changes, head, self._builder)
        self._compilation = compilation
        self._registry.publish(compilation.snapshot)

    def _report(self, problem: str) -> None:
        if problem != self.problem:
            _log.error("revision not served: %s", problem)
            self.problem = problem
            self._on_problem()
