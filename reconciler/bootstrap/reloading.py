"""A rolling restart of the workers, at SIGHUP or when `routerctl reload` asks for it in the records.

One after the other: a new worker serves before an old one leaves, and both take connections from the same socket, so
that none is refused. A new one that does not come to serve ends it, and the old ones go on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from reconciler.bootstrap.acknowledgements import News
from reconciler.errors import RouterctlError, one_line
from reconciler.store.reloads import Reload, State

POLL_SECONDS = 0.25
"""How often it is looked whether somebody asks."""

_log = logging.getLogger(__name__)


class Requests(Protocol):
    """The store's. Every method may block, and raise RouterctlError."""

    def last(self) -> int: ...

    def tell(self, reload: Reload) -> None: ...


class Replaceable(Protocol):
    count: int

    async def replace(self, slot: int, serves: Callable[[str], bool]) -> None: ...


class Reloading:
    """Of one supervisor. Records that can't be used are said once, and keep nobody from SIGHUP."""

    def __init__(
        self,
        supervisor: str,
        requests: Requests,
        workers: Replaceable,
        serves: Callable[[str], bool],
        tell: Callable[[News], None],
    ) -> None:
        """`serves` tells whether a worker (its instance) serves; it may block."""
        self._supervisor = supervisor
        self._requests = requests
        self._workers = workers
        self._serves = serves
        self._tell = tell
        self._asked = asyncio.Event()
        self._failing = False

    def ask(self) -> None:
        """While one is under way, another follows it."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        known = await self._last(0)
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                pass
            newest = await self._last(known)
            if newest > known or self._asked.is_set():
                known = newest
                self._asked.clear()
                await self._reload(known)

    async def _reload(self, number: int) -> None:
        count = self._workers.count
        self._say(logging.INFO, f"reloading: {_workers(count)}, one after the other")
        await self._report(Reload(self._supervisor, number, "running", 0, count))
        for slot in range(count):
            try:
                await self._workers.replace(slot, self._serves)
            except RouterctlError as error:
                why = one_line(error.message)
                self._say(logging.ERROR, f"reloaded {slot} of {_workers(count)}: {why}; the others go on")
                await self._report(Reload(self._supervisor, number, "failed", slot, count, why))
                return
            state: State = "running" if slot + 1 < count else "done"
            await self._report(Reload(self._supervisor, number, state, slot + 1, count))
        self._say(logging.INFO, f"reloaded {_workers(count)}; the old ones finish what they have under way")

    async def _last(self, known: int) -> int:
        found = known

        def read() -> None:
            nonlocal found
            found = self._requests.last()

        await self._kept(asyncio.to_thread(read))
        return found

    async def _report(self, reload: Reload) -> None:
        await self._kept(asyncio.to_thread(self._requests.tell, reload))

    async def _kept(self, work: Awaitable[None]) -> None:
        try:
            await work
        except RouterctlError as error:
            if not self._failing:
                _log.warning("whether a reload is asked for can't be read or told: %s", one_line(str(error)))
            self._failing = True
        else:
            self._failing = False

    def _say(self, level: int, text: str) -> None:
        self._tell(News(level, text))


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"
