"""The gateway processes of a supervisor: started, replaced when they die, and stopped."""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex

from reconciler.bootstrap.worker_settings import RETIRE, WorkerSettings
from reconciler.clock import Clock
from reconciler.errors import RouterctlError, Unreachable

QUICK_SECONDS = 10.0
"""A worker that dies sooner would die again at once: its successor waits."""
LONGEST_PAUSE = 10.0
_MARGIN_SECONDS = 5.0
"""How long a worker may take beyond its grace before it is killed."""

SERVES_SECONDS = 60.0
"""A new worker that does not serve after so long takes no other's place."""
_POLL_SECONDS = 0.05

_log = logging.getLogger(__name__)


def pause_before(quick_deaths: int) -> float:
    """Seconds until a worker is started again, after so many quick deaths in a row: 0, 0.5, 1, 2, 4, ... 10."""
    return 0.0 if quick_deaths <= 1 else min(LONGEST_PAUSE, 0.5 * 2 ** min(quick_deaths - 2, 10))


class Worker:
    """A process. `over` is done when its place is another's, with its exit code where it ended (negative: a signal)."""

    def __init__(self, instance: str, process: Process, started: float) -> None:
        self.instance = instance
        self.process = process
        self.started = started
        self.over: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def leave(self) -> None:
        """Its place is another's. It finishes what it has under way, and ends."""
        if not self.over.done():
            self.over.set_result(None)
        assert self.process.stdin is not None
        with suppress(OSError):  # it has ended already
            self.process.stdin.write(RETIRE)

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)


class Workers:
    """`settings` is what they share; each process gets an instance of its own."""

    def __init__(
        self,
        count: int,
        settings: WorkerSettings,
        clock: Clock,
        *,
        died: Callable[[str], None],
        command: tuple[str, ...] = (sys.executable, "-m", "reconciler.bootstrap.worker_process"),
    ) -> None:
        """`died` hears of the instance of each process that ended without being asked to, or after it was replaced.

        It may block. A RouterctlError that it raises is logged.
        """
        self.count = count
        self._settings = settings
        self._clock = clock
        self._died = died
        self._command = command
        self._running: dict[int, Worker] = {}
        self._there: dict[Worker, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    @property
    def instances(self) -> tuple[str, ...]:
        """One for each worker that there should be; a place between two processes has a word that no row bears."""
        return tuple(
            self._running[slot].instance if slot in self._running else f"(worker {slot})"
            for slot in range(self.count)
        )

    async def run(self) -> None:
        """Keeps them running until `stop`."""
        async with asyncio.TaskGroup() as group:
            for slot in range(self.count):
                group.create_task(self._keep(slot))
        await asyncio.gather(*self._there.values())

    async def replace(self, slot: int, serves: Callable[[str], bool]) -> None:
        """Another process takes the place of this one, as soon as it serves; the old one then leaves.

        `serves` tells of an instance, and may block. Raises Unreachable where the new one does not come to it: then
        nothing has changed.
        """
        old = self._running.get(slot)
        if old is None:  # the next one is about to be started
            return
        new = await self._start(slot)
        if new is None:
            raise Unreachable("a new worker can't be started")
        try:
            await self._until_it_serves(new, serves)
        except BaseException:
            new.over.cancel()
            new.send(signal.SIGKILL)
            raise
        if self._running.get(slot) is old:
            self._running[slot] = new
            old.leave()
        else:  # it died meanwhile, and another was started
            new.leave()

    async def stop(self) -> None:
        """Asks all to finish, waits as long as their grace, and kills what is left."""
        self._stopping.set()
        for worker in self._there:
            worker.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._settings.grace_seconds + _MARGIN_SECONDS):
                await asyncio.gather(*(worker.process.wait() for worker in self._there))
        except TimeoutError:
            self.kill()

    def kill(self) -> None:
        """At once, whatever they have under way."""
        self._stopping.set()
        for worker in self._there:
            worker.send(signal.SIGKILL)

    async def _until_it_serves(self, worker: Worker, serves: Callable[[str], bool]) -> None:
        end = self._clock.monotonic() + SERVES_SECONDS
        while not await asyncio.to_thread(serves, worker.instance):
            await asyncio.wait([worker.over], timeout=_POLL_SECONDS)
            if worker.over.done():
                raise Unreachable(f"the new worker {ending(worker.over.result() or 0)}")
            if self._stopping.is_set():
                raise Unreachable("it was stopped meanwhile")
            if self._clock.monotonic() >= end:
                raise Unreachable(f"the new worker does not serve after {SERVES_SECONDS:g} s")

    async def _keep(self, slot: int) -> None:
        quick_deaths = 0
        while not self._stopping.is_set():
            started = self._clock.monotonic()
            worker, code = await self._start(slot), os.EX_OSERR
            if worker is not None:
                self._running[slot] = worker
                while (ended := await worker.over) is None:
                    worker = self._running[slot]
                code, started = ended, worker.started
                del self._running[slot]
            if self._stopping.is_set():
                return
            quick = self._clock.monotonic() - started < QUICK_SECONDS
            quick_deaths = quick_deaths + 1 if quick else 0
            pause = pause_before(quick_deaths)
            when = f"in {pause:g} s" if pause else "now"
            _log.error("worker %d %s; another is started %s", slot + 1, ending(code), when)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    async def _start(self, slot: int) -> Worker | None:
        settings = replace(self._settings, instance=f"{os.getpid()}-{slot + 1}-{token_hex(4)}")
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                pass_fds=(settings.socket,),
                start_new_session=True,  # Ctrl-C is for the supervisor, which then asks its workers
            )
        except OSError as error:
            _log.error("a worker can't be started: %s", error.strerror)
            return None
        worker = Worker(settings.instance, process, self._clock.monotonic())
        self._there[worker] = asyncio.create_task(self._see_end(worker))
        assert process.stdin is not None
        with suppress(OSError):  # it died already; its exit code tells
            process.stdin.write(settings.to_line())
            await process.stdin.drain()
        if self._stopping.is_set():
            worker.send(signal.SIGTERM)
        return worker

    async def _see_end(self, worker: Worker) -> None:
        code = await worker.process.wait()
        try:
            if not self._stopping.is_set():
                await self._tell_death(worker.instance)
        finally:
            del self._there[worker]
            if not worker.over.done():
                worker.over.set_result(code)

    async def _tell_death(self, instance: str) -> None:
        """Records that can't be written, as on a full disk, are no reason to serve with one worker less."""
        try:
            await asyncio.to_thread(self._died, instance)
        except RouterctlError as error:
            _log.warning("what a dead worker counted can't be put away: %s", error.message)


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
