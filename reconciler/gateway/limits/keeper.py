"""Keeps a worker's leases: asks the ledger, in a thread of its own, when something is due.

While nothing is held and nobody waits it sleeps, and the ledger's file is not even looked at.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Protocol, TypeVar

from reconciler.clock import until_next
from reconciler.errors import RouterctlError
from reconciler.gateway.limits.limiters import Limiters
from reconciler.store.leases import Grant, Wish

POLL_SECONDS = 0.025
"""So often it is looked whether other workers want something of what is held."""

WAITING_POLL_SECONDS = 0.01
"""And so often whether they gave back what is waited for."""

_log = logging.getLogger(__name__)
_Told = TypeVar("_Told")


class Ledger(Protocol):
    """The store's. Every method may raise RouterctlError."""

    def exchange(self, wishes: Sequence[Wish]) -> list[Grant]: ...

    def wanted(self) -> Mapping[str, int]: ...

    def moved(self) -> bool: ...

    def tidy(self) -> None: ...

    def close(self) -> None: ...


class Keeper:
    """One a worker, run by one task."""

    def __init__(self, ledger: Ledger, limiters: Limiters) -> None:
        self._ledger = ledger
        self._limiters = limiters
        self._due = asyncio.Event()
        self._ended = False
        self._failing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    async def run(self) -> None:
        """Until `end`; then it gives back what is held."""
        loop = asyncio.get_running_loop()
        self._limiters.draw = self._due.set
        self._limiters.later = lambda call: _soon(loop, call)
        try:
            while not self._ended:
                await self._sleep()
                self._due.clear()
                if not self._ended:
                    await self._look()
            await self._give_up()
        finally:
            self._thread.shutdown()
            self._ledger.close()

    def end(self) -> None:
        """Never by cancelling: what was spent is still to be told."""
        self._ended = True
        self._due.set()

    async def _sleep(self) -> None:
        if self._limiters.is_idle:
            await self._due.wait()
            return
        try:
            period = WAITING_POLL_SECONDS if self._limiters.is_waited_for else POLL_SECONDS
            async with asyncio.timeout(until_next(asyncio.get_running_loop().time(), period)):
                await self._due.wait()
        except TimeoutError:
            pass

    async def _look(self) -> None:
        """First what requests need; what others need is looked at where nothing is urgent."""
        now = monotonic()
        moved = not self._failing and self._moved()
        batch = self._limiters.wishes(now, moved=moved)
        if not batch and moved:
            wanted = await self._ask(self._ledger.wanted)
            if wanted is None:
                return
            self._limiters.hear(wanted)
            now = monotonic()
            batch = self._limiters.wishes(now, moved=False)
        if batch:
            grants = await self._ask(lambda: self._ledger.exchange([each for _, of in batch for each in of]))
            then = monotonic()
            if grants is None:
                self._limiters.failed(batch, then)
            else:
                self._limiters.granted(batch, grants, now, then)

    def _moved(self) -> bool:
        try:
            return self._ledger.moved()
        except RouterctlError:
            return True  # the thread finds out what it is

    async def _give_up(self) -> None:
        batch = self._limiters.give_up(monotonic())
        if batch:
            await self._ask(lambda: self._ledger.exchange([each for _, of in batch for each in of]))
            await self._ask(self._ledger.tidy)

    async def _ask(self, question: Callable[[], _Told]) -> _Told | None:
        """None where the ledger can't be used: it is said once, and tried again."""
        try:
            told = await asyncio.get_running_loop().run_in_executor(self._thread, question)
        except RouterctlError as error:
            if not self._failing:
                _log.warning(
                    "no provider that has limits can be asked, and no client that has limits is served, for now: %s",
                    error.message,
                )
            self._failing = True
            return None
        if self._failing:
            _log.warning("what has limits is served again")
        self._failing = False
        return told


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    loop.call_soon(call)
